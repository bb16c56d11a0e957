#include "portolan/base/ip_address.h"

#include <gtest/gtest.h>

namespace portolan {
namespace {

TEST(IpAddressTest, OneTextForEachAddress) {
  const struct Row {
    const char* text;
    const char* shown;  // empty: no address
    bool loopback = false;
  } rows[] = {
      {"192.0.2.1", "192.0.2.1"},
      {"127.9.9.9", "127.9.9.9", true},
      {"128.0.0.1", "128.0.0.1"},
      {"::1", "::1", true},
      {"0:0:0:0:0:0:0:1", "::1", true},
      {"::2", "::2"},
      {"1::1", "1::1"},
      {"2001:DB8:0::0:1", "2001:db8::1"},
      {"::ffff:192.0.2.1", "192.0.2.1"},
      {"::ffff:127.0.0.1", "127.0.0.1", true},
      {"", ""},
      {"localhost", ""},
      {"[::1]", ""},
      {"192.0.2.1:80", ""},
      {"192.0.2", ""},
      {"192.0.2.01", ""},
      {"fe80::1%eth0", ""},
      {"192.0.2.1 ", ""},
      {"unknown", ""},
  };
  for (const Row& row : rows) {
    const auto address = IpAddress::Parse(row.text);
    EXPECT_EQ(address ? address->ToString() : "", row.shown) << row.text;
    if (address) EXPECT_EQ(address->IsLoopback(), row.loopback) << row.text;
  }
  EXPECT_FALSE(IpAddress::Parse(std::string_view("192.0.2.1\0", 10)));
  EXPECT_FALSE(IpAddress::Parse(std::string(10'000, '1')));
}

TEST(IpNetworkTest, Contains) {
  const struct Row {
    const char* network;
    const char* address;
    bool contains;
  } rows[] = {
      {"10.0.0.0/8", "10.255.0.1", true},      {"10.0.0.0/8", "11.0.0.0", false},
      {"10.9.8.7/8", "10.0.0.1", true},        {"192.0.2.1", "192.0.2.1", true},
      {"192.0.2.1", "192.0.2.2", false},       {"192.0.2.128/25", "192.0.2.127", false},
      {"192.0.2.128/25", "192.0.2.200", true}, {"0.0.0.0/0", "203.0.113.9", true},
      {"0.0.0.0/0", "2001:db8::1", false},     {"::/0", "192.0.2.1", false},
      {"::/0", "2001:db8::1", true},           {"fd00::/8", "fdff::1", true},
      {"fd00::/8", "fe00::1", false},          {"10.0.0.0/8", "::ffff:10.0.0.1", true},
  };
  for (const Row& row : rows) {
    const auto network = IpNetwork::Parse(row.network);
    ASSERT_TRUE(network) << row.network;
    EXPECT_EQ(network->Contains(*IpAddress::Parse(row.address)), row.contains)
        << row.network << " " << row.address;
  }
}

TEST(IpAddressTest, ItsNetworkBeginsWithTheSameBits) {
  const struct {
    const char* address;
    int bits;
    const char* network;
  } rows[] = {
      {"2001:db8::1", 64, "2001:db8::"},
      {"2001:db8::a:b:c", 64, "2001:db8::"},
      {"2001:db8:1:2:3:4:5:6", 64, "2001:db8:1:2::"},
      {"2001:db8::1", 128, "2001:db8::1"},
      {"2001:db8::ff", 124, "2001:db8::f0"},
      {"::1", 0, "::"},
      {"192.0.2.77", 24, "192.0.2.0"},
      {"::ffff:192.0.2.77", 32, "192.0.2.77"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(IpAddress::Parse(row.address)->Network(row.bits).ToString(), row.network)
        << row.address;
  }
}

TEST(IpNetworkTest, WhatNoneIs) {
  for (const char* text : {"", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "::/129",
                           "10.0.0.0/8x", "10.0.0.0/8/8", "10.0.0.0/+8", "10/8", "localhost"}) {
    EXPECT_FALSE(IpNetwork::Parse(text)) << text;
  }
}

}  // namespace
}  // namespace portolan
