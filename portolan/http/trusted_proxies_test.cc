#include "portolan/http/trusted_proxies.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/http/testing/live_server.h"
#include "portolan/http/testing/raw_client.h"

namespace portolan::http {
namespace {

TrustedProxies Proxies(const std::vector<std::string>& texts) {
  return TrustedProxies::Parse(texts).value();
}

TEST(TrustedProxiesTest, TheLastOneThatIsNotTrustedIsTheClient) {
  const TrustedProxies proxies = Proxies({"10.0.0.0/8", "2001:db8::1"});
  const struct Row {
    const char* name;
    const char* peer;
    std::vector<std::string> fields;
    const char* client;
  } rows[] = {
      {"no field", "10.0.0.1", {}, "10.0.0.1"},
      {"one", "10.0.0.1", {"192.0.2.1"}, "192.0.2.1"},
      {"a peer that is not trusted", "192.0.2.9", {"192.0.2.1"}, "192.0.2.9"},
      {"no peer", "", {"192.0.2.1"}, ""},
      {"what the client says itself", "10.0.0.1", {"198.51.100.7, 192.0.2.1"}, "192.0.2.1"},
      {"that it came by a proxy", "10.0.0.1", {"198.51.100.7, 10.0.0.9, 192.0.2.1"}, "192.0.2.1"},
      {"two proxies", "10.0.0.1", {"192.0.2.1,10.0.0.2"}, "192.0.2.1"},
      {"all trusted", "10.0.0.1", {"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
      {"two fields", "10.0.0.1", {"198.51.100.7", "192.0.2.1, 10.0.0.2"}, "192.0.2.1"},
      {"two fields, the last trusted", "10.0.0.1", {"192.0.2.1", "10.0.0.2"}, "192.0.2.1"},
      {"IPv6", "2001:db8::1", {"2001:DB8:0::2"}, "2001:db8::2"},
      {"in IPv6's clothes", "::ffff:10.0.0.1", {"::ffff:192.0.2.1"}, "192.0.2.1"},
      {"with a port", "10.0.0.1", {"192.0.2.1:4711"}, "192.0.2.1"},
      {"IPv6 with a port", "10.0.0.1", {"[2001:db8::2]:4711"}, "2001:db8::2"},
      {"IPv6 in brackets", "10.0.0.1", {"[2001:db8::2]"}, "2001:db8::2"},
      {"tabs and spaces", "10.0.0.1", {"\t 192.0.2.1 \t"}, "192.0.2.1"},
      // What is no address says nothing, and what is before it neither.
      {"empty", "10.0.0.1", {""}, "10.0.0.1"},
      {"a comma", "10.0.0.1", {","}, "10.0.0.1"},
      {"nothing at the end", "10.0.0.1", {"192.0.2.1,"}, "10.0.0.1"},
      {"a word", "10.0.0.1", {"unknown"}, "10.0.0.1"},
      {"a word behind a proxy", "10.0.0.1", {"192.0.2.1, unknown, 10.0.0.2"}, "10.0.0.1"},
      {"a word before the client", "10.0.0.1", {"unknown, 192.0.2.1"}, "192.0.2.1"},
      {"a name", "10.0.0.1", {"client.example"}, "10.0.0.1"},
      {"no port", "10.0.0.1", {"192.0.2.1:x"}, "10.0.0.1"},
      {"half brackets", "10.0.0.1", {"[2001:db8::2"}, "10.0.0.1"},
      {"behind brackets", "10.0.0.1", {"[2001:db8::2]x"}, "10.0.0.1"},
      {"a quote", "10.0.0.1", {"\"192.0.2.1\""}, "10.0.0.1"},
      {"JSON", "10.0.0.1", {"192.0.2.1\",\"who\":\"kim"}, "10.0.0.1"},
      {"an interface", "10.0.0.1", {"fe80::1%eth0"}, "10.0.0.1"},
  };
  for (const Row& row : rows) {
    Headers headers;
    for (const std::string& field : row.fields) headers.Add("x-forwarded-for", field);
    EXPECT_EQ(proxies.ClientOf(row.peer, headers), row.client) << row.name;
  }
}

TEST(TrustedProxiesTest, NotEveryLengthOfAWay) {
  const TrustedProxies proxies = Proxies({"10.0.0.0/8"});
  std::string way = "192.0.2.1";
  for (int hops = 2; hops <= TrustedProxies::kMaxHops; ++hops) way += ", 10.0.0.2";
  EXPECT_EQ(proxies.ClientOf("10.0.0.1", {{"X-Forwarded-For", way}}), "192.0.2.1");
  EXPECT_EQ(proxies.ClientOf("10.0.0.1", {{"X-Forwarded-For", way + ", 10.0.0.2"}}), "10.0.0.1");
}

TEST(TrustedProxiesTest, UnixSockets) {
  const Headers headers = {{"X-Forwarded-For", "192.0.2.1"}};
  EXPECT_EQ(Proxies({"unix"}).ClientOf("", headers), "192.0.2.1");
  EXPECT_EQ(Proxies({"unix"}).ClientOf("10.0.0.1", headers), "10.0.0.1");
  EXPECT_EQ(TrustedProxies().ClientOf("", headers), "");
  EXPECT_TRUE(TrustedProxies().empty());
  EXPECT_FALSE(Proxies({"unix"}).empty());
}

TEST(TrustedProxiesTest, WhatNobodyCanBe) {
  for (const std::string text : {"", "localhost", "*", "10.0.0.0/33", "10.0.0.1:80", "Unix"}) {
    const auto proxies = TrustedProxies::Parse(std::vector{text});
    ASSERT_FALSE(proxies) << text;
    EXPECT_EQ(proxies.error().code, ErrorCode::kUsage);
  }
}

// What services and logs are told, request by request of one connection.
TEST(TrustedProxiesTest, AServerTellsTheClientsAddress) {
  Guarded<std::vector<std::string>> logged;
  const auto answer = [](Request request) -> async::Task<Response> {
    Response response;
    response.status = 200;
    response.body = NewTextBody(request.peer_address);
    co_return response;
  };
  for (const bool trusted : {true, false}) {
    logged.Lock()->clear();
    ServerOptions options;
    if (trusted) options.trusted_proxies = Proxies({"127.0.0.0/8"});
    options.limits.connections_per_address = 1;
    options.on_exchange = [&](const Exchange& exchange) {
      logged.Lock()->emplace_back(exchange.peer_address);
    };
    LiveServer live(answer, std::move(options));
    {
      RawClient client(live.port());
      const auto ask = [&](const std::string& fields) {
        const auto answered = client.Ask("GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
        return answered ? answered->body : "nothing";
      };
      EXPECT_EQ(ask("X-Forwarded-For: 198.51.100.7, 192.0.2.1\r\n"),
                trusted ? "192.0.2.1" : "127.0.0.1");
      EXPECT_EQ(ask(""), "127.0.0.1");
      // A proxy's connections are many clients'.
      RawClient second(live.port());
      const auto answered = second.Ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      EXPECT_EQ(answered ? answered->status : 0, trusted ? 200 : 503);
    }
    EXPECT_TRUE(live.AwaitNoConnection());
    live.server().Stop();
    std::vector<std::string> wanted = {trusted ? "192.0.2.1" : "127.0.0.1", "127.0.0.1"};
    if (trusted) wanted.emplace_back("127.0.0.1");
    EXPECT_EQ(*logged.Lock(), wanted);
  }
}

}  // namespace
}  // namespace portolan::http
