#include "portolan/client/platform.h"

#include <gtest/gtest.h>

namespace portolan::client {
namespace {

TEST(Platform, WhatUsersWrite) {
  struct Row {
    const char* text;
    const char* understood;  // empty: refused
  };
  const Row rows[] = {{"linux/amd64", "linux/amd64"},
                      {"Linux/ARM/v7", "linux/arm/v7"},
                      {"windows/amd64", "windows/amd64"},
                      {"amd64", ""},
                      {"linux/", ""},
                      {"linux/arm/v7/x", ""},
                      {"linux/a b", ""},
                      {"", ""}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    const auto platform = ParsePlatform(row.text);
    EXPECT_EQ(platform ? PlatformText(*platform) : "", row.understood);
    if (!platform) {
      EXPECT_EQ(platform.error().code, ErrorCode::kUsage);
    }
  }
}

TEST(Platform, WhatSatisfiesWhat) {
  struct Row {
    const char* image;
    const char* wanted;
    bool satisfied;
  };
  const Row rows[] = {
      {"linux/amd64", "linux/amd64", true},    {"linux/amd64", "windows/amd64", false},
      {"linux/arm64/v8", "linux/arm64", true}, {"linux/arm64", "linux/arm64/v8", true},
      {"linux/arm", "linux/arm/v7", true},     {"linux/arm/v6", "linux/arm/v7", false},
      {"linux/arm/v6", "linux/arm", true},     {"linux/amd64", "linux/amd64/v3", false}};
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string(row.image) + " for " + row.wanted);
    EXPECT_EQ(Satisfies(*ParsePlatform(row.image), *ParsePlatform(row.wanted)), row.satisfied);
  }
}

TEST(Platform, AttestationsRunNowhere) {
  EXPECT_FALSE(IsKnown({.os = "unknown", .architecture = "unknown", .variant = ""}));
  EXPECT_FALSE(IsKnown({}));
  EXPECT_TRUE(IsKnown(HostPlatform()));
}

}  // namespace
}  // namespace portolan::client
