#include "portolan/http/proxy.h"

#include <map>
#include <string>

#include <gtest/gtest.h>

namespace portolan::http {
namespace {

Origin OriginOf(const std::string& scheme, const std::string& host, std::uint16_t port) {
  return Origin{.scheme = scheme, .host = host, .port = port};
}

struct Row {
  const char* name;
  std::map<std::string, std::string> variables;
  Origin origin;
  const char* proxy;  // "" is direct, "!" an error
};

const Origin kQuay = OriginOf("https", "quay.io", 443);
const Origin kPlain = OriginOf("http", "registry.example", 5000);

TEST(Proxy, IsChosenFromTheEnvironment) {
  const Row rows[] = {
      {"none", {}, kQuay, ""},
      {"by scheme", {{"HTTPS_PROXY", "http://p:1"}}, kQuay, "http://p:1"},
      {"not of the other scheme", {{"HTTP_PROXY", "http://p:1"}}, kQuay, ""},
      {"http, upper case", {{"HTTP_PROXY", "http://p:1"}}, kPlain, "http://p:1"},
      {"lower case first",
       {{"HTTPS_PROXY", "http://a:1"}, {"https_proxy", "http://b:1"}},
       kQuay,
       "http://b:1"},
      {"all", {{"ALL_PROXY", "socks5h://p:1080"}}, kQuay, "socks5h://p:1080"},
      {"all, lower case", {{"all_proxy", "socks5://p:1080"}}, kPlain, "socks5://p:1080"},
      {"specific before all",
       {{"all_proxy", "http://a"}, {"HTTPS_PROXY", "http://b"}},
       kQuay,
       "http://b"},
      {"empty is unset", {{"https_proxy", ""}, {"HTTPS_PROXY", "http://b"}}, kQuay, "http://b"},
      {"scheme is optional", {{"https_proxy", "p:3128"}}, kQuay, "http://p:3128"},
      {"with password", {{"https_proxy", "http://u:p@h:1/"}}, kQuay, "http://u:p@h:1/"},
      {"unknown scheme", {{"https_proxy", "ftp://p"}}, kQuay, "!"},
      {"no host", {{"https_proxy", "http://"}}, kQuay, "!"},
      {"not ASCII", {{"https_proxy", "http://pr\xc3\xb6xy:1"}}, kQuay, "!"},
      {"line break", {{"https_proxy", "http://p:1/\r\nx"}}, kQuay, "!"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Environment environment{.variables = row.variables, .home = "/", .uid = 0};
    const Result<ProxyChoice> choice = ProxyFor(environment, Url{row.origin, "/v2/"});
    if (std::string(row.proxy) == "!") {
      ASSERT_FALSE(choice.has_value());
      EXPECT_EQ(choice.error().code, ErrorCode::kConfigInvalid);
      EXPECT_TRUE(choice.error().message.contains("https_proxy")) << choice.error().message;
    } else {
      ASSERT_TRUE(choice.has_value()) << choice.error().message;
      EXPECT_EQ(choice->url, row.proxy);
    }
  }
}

TEST(Proxy, NameForMessagesHasNoPassword) {
  const Environment environment{
      .variables = {{"https_proxy", "http://user:pa%40ss@proxy.example:3128/x"}},
      .home = "/",
      .uid = 0};
  const auto choice = ProxyFor(environment, Url{kQuay, "/"});
  ASSERT_TRUE(choice.has_value());
  EXPECT_EQ(choice->name, "proxy.example:3128");
}

TEST(Proxy, IsNotUsedForExemptHosts) {
  struct ExemptRow {
    const char* name;
    const char* no_proxy;
    Origin origin;
    bool direct;
  };
  const ExemptRow rows[] = {
      {"star", "*", kQuay, true},
      {"host", "quay.io", kQuay, true},
      {"case", "QUAY.IO", kQuay, true},
      {"other host", "ghcr.io", kQuay, false},
      {"second, after comma and space", "ghcr.io, quay.io", kQuay, true},
      {"separated by spaces", "ghcr.io quay.io", kQuay, true},
      {"empty entries", ",, ,", kQuay, false},
      {"suffix with dot", ".example", kPlain, true},
      {"suffix with star", "*.example", kPlain, true},
      {"suffix without dot", "example", kPlain, true},
      {"no half label", "istry.example", kPlain, false},
      {"port", "registry.example:5000", kPlain, true},
      {"other port", "registry.example:5001", kPlain, false},
      {"no port number", "registry.example:x", kPlain, false},
      {"address", "10.1.2.3", OriginOf("http", "10.1.2.3", 80), true},
      {"address with port", "10.1.2.3:81", OriginOf("http", "10.1.2.3", 80), false},
      {"CIDR", "10.1.0.0/16", OriginOf("http", "10.1.2.3", 80), true},
      {"outside of CIDR", "10.1.0.0/23", OriginOf("http", "10.1.2.3", 80), false},
      {"CIDR of nothing", "10.0.0.0/", OriginOf("http", "10.1.2.3", 80), false},
      {"CIDR too long", "10.1.2.3/33", OriginOf("http", "10.1.2.3", 80), false},
      {"CIDR of the other family", "::/0", OriginOf("http", "10.1.2.3", 80), false},
      {"CIDR and a name", "0.0.0.0/0", kQuay, false},
      {"IPv6", "2001:db8::1", OriginOf("http", "[2001:db8::1]", 80), true},
      {"IPv6 written differently", "[2001:db8:0::1]:80", OriginOf("http", "[2001:db8::1]", 80),
       true},
      {"IPv6 CIDR", "2001:db8::/32", OriginOf("http", "[2001:db8::1]", 80), true},
      {"localhost", "", OriginOf("http", "localhost", 5000), true},
      {"below localhost", "", OriginOf("http", "a.localhost", 5000), true},
      {"loopback", "", OriginOf("http", "127.9.9.9", 5000), true},
      {"IPv6 loopback", "", OriginOf("https", "[::1]", 5000), true},
      {"not loopback", "", OriginOf("http", "128.0.0.1", 5000), false},
  };
  for (const ExemptRow& row : rows) {
    SCOPED_TRACE(row.name);
    for (const char* variable : {"NO_PROXY", "no_proxy"}) {
      const Environment environment{
          .variables = {{"ALL_PROXY", "http://p:1"}, {variable, row.no_proxy}},
          .home = "/",
          .uid = 0};
      const auto choice = ProxyFor(environment, Url{row.origin, "/"});
      ASSERT_TRUE(choice.has_value());
      EXPECT_EQ(choice->direct(), row.direct);
    }
  }
}

}  // namespace
}  // namespace portolan::http
