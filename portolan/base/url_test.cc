#include "portolan/base/url.h"

#include <string>

#include <gtest/gtest.h>

namespace portolan {
namespace {

TEST(UrlTest, Parses) {
  struct Row {
    const char* text;
    const char* scheme;
    const char* host;
    int port;
    const char* target;
    const char* printed;
  };
  const Row rows[] = {
      {"https://quay.io", "https", "quay.io", 443, "/", "https://quay.io/"},
      {"https://quay.io/", "https", "quay.io", 443, "/", "https://quay.io/"},
      {"HTTP://Quay.IO/V2/", "http", "quay.io", 80, "/V2/", "http://quay.io/V2/"},
      {"https://h:443/a", "https", "h", 443, "/a", "https://h/a"},
      {"http://h:443/a", "http", "h", 443, "/a", "http://h:443/a"},
      {"http://h:80", "http", "h", 80, "/", "http://h/"},
      {"https://h:80", "https", "h", 80, "/", "https://h:80/"},
      {"https://h:1/a", "https", "h", 1, "/a", "https://h:1/a"},
      {"https://h:65535/a", "https", "h", 65535, "/a", "https://h:65535/a"},
      {"https://[::1]/a", "https", "[::1]", 443, "/a", "https://[::1]/a"},
      {"https://[2001:DB8::A]:5000/a", "https", "[2001:db8::a]", 5000, "/a",
       "https://[2001:db8::a]:5000/a"},
      {"https://h?a=b", "https", "h", 443, "/?a=b", "https://h/?a=b"},
      {"https://h#f", "https", "h", 443, "/", "https://h/"},
      {"https://h/a?b#f?c", "https", "h", 443, "/a?b", "https://h/a?b"},
      {"https://h/a%2Fb%00%zz/../c//d", "https", "h", 443, "/a%2Fb%00%zz/../c//d",
       "https://h/a%2Fb%00%zz/../c//d"},
      {"https://h/a@b:c", "https", "h", 443, "/a@b:c", "https://h/a@b:c"},
      {"https://h/?u=http://x@y/", "https", "h", 443, "/?u=http://x@y/",
       "https://h/?u=http://x@y/"},
      {"https://a_b-c.d~!$&'()*+,;=/", "https", "a_b-c.d~!$&'()*+,;=", 443, "/",
       "https://a_b-c.d~!$&'()*+,;=/"},
      {"https://1.2.3.4:5/", "https", "1.2.3.4", 5, "/", "https://1.2.3.4:5/"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    const Result<Url> url = Url::Parse(row.text);
    ASSERT_TRUE(url) << url.error().message;
    EXPECT_EQ(url->origin.scheme, row.scheme);
    EXPECT_EQ(url->origin.host, row.host);
    EXPECT_EQ(url->origin.port, row.port);
    EXPECT_EQ(url->target, row.target);
    EXPECT_EQ(url->ToString(), row.printed);
    const Result<Url> again = Url::Parse(row.printed);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, *url);
  }
}

TEST(UrlTest, RefusesAndSaysWhy) {
  struct Row {
    const char* name;
    std::string text;
    const char* reason;
  };
  const Row rows[] = {
      {"empty", "", "does not start"},
      {"no scheme", "quay.io/a", "does not start"},
      {"no slashes", "https:quay.io", "does not start"},
      {"empty scheme", "://h/", "scheme"},
      {"other scheme", "ftp://h/", "scheme"},
      {"file", "file:///etc/passwd", "scheme"},
      {"longer scheme", "httpss://h/", "scheme"},
      {"no host", "https://", "host is missing"},
      {"no host, path", "https:///a", "host is missing"},
      {"no host, port", "https://:443/", "host is missing"},
      {"user", "https://u@h/", "user name"},
      {"user and password", "https://u:p@h/", "user name"},
      {"empty user", "https://@h/", "user name"},
      {"two at signs", "https://a@b@h/", "user name"},
      {"empty port", "https://h:/", "port"},
      {"port 0", "https://h:0/", "port"},
      {"port 65536", "https://h:65536/", "port"},
      {"huge port", "https://h:99999999999999999999/", "port"},
      {"negative port", "https://h:-1/", "port"},
      {"port with letter", "https://h:8a/", "port"},
      {"two ports", "https://h:1:2/", "port"},
      {"bare IPv6", "https://::1/", "port"},
      {"unclosed bracket", "https://[::1/", "neither"},
      {"no address in brackets", "https://[h]/", "neither"},
      {"empty brackets", "https://[]/", "neither"},
      {"zone", "https://[fe80::1%25eth0]/", "neither"},
      {"text before bracket", "https://a[::1]/", "neither"},
      {"text after bracket", "https://[::1]a/", "neither"},
      {"percent in host", "https://h%41/", "neither"},
      {"backslash in host", "https://h\\x/", "neither"},
      {"space in host", "https://h x/", "space"},
      {"not ASCII in host", "https://m\xc3\xbcnchen/", "not ASCII"},
      {"space in path", "https://h/a b", "space"},
      {"line end in path", "https://h/a\r\nX: y", "control"},
      {"NUL in path", std::string("https://h/a\0b", 13), "control"},
      {"DEL in path", "https://h/\x7f", "control"},
      {"not ASCII in path", "https://h/\xff", "not ASCII"},
      {"space in query", "https://h/?a b", "space"},
      {"control in fragment", "https://h/#\x01", "control"},
      {"space before", " https://h/", "space"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Result<Url> url = Url::Parse(row.text);
    ASSERT_FALSE(url) << url->ToString();
    EXPECT_EQ(url.error().code, ErrorCode::kProtocol);
    EXPECT_NE(url.error().message.find(row.reason), std::string::npos) << url.error().message;
  }
}

TEST(UrlTest, SizeIsCapped) {
  const std::string longest = "https://h/" + std::string(16384 - 10, 'a');
  const Result<Url> url = Url::Parse(longest);
  ASSERT_TRUE(url);
  EXPECT_EQ(Url::Parse(longest + "a").error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(Url::Parse("https://" + std::string(16384 - 8, 'h')).error().code,
            ErrorCode::kTooLarge);
  EXPECT_EQ(url->Resolve(std::string(16385, 'a')).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(url->Resolve("?a").error().code, ErrorCode::kTooLarge);
}

TEST(UrlTest, MessagesKeepSecrets) {
  for (const char* text :
       {"https://me:hunter2@h/", "me:hunter2@h", "https://me:hunter2@h:0/ ", "ftp://h/?sig=hunter2",
        "https://h:0/?sig=hunter2", "https://h/?sig=hunter2 "}) {
    SCOPED_TRACE(text);
    const Result<Url> url = Url::Parse(text);
    ASSERT_FALSE(url);
    EXPECT_EQ(url.error().message.find("hunter2"), std::string::npos) << url.error().message;
  }
}

TEST(UrlTest, PathAndQuery) {
  struct Row {
    const char* text;
    const char* path;
    const char* query;
  };
  const Row rows[] = {
      {"https://h", "/", ""},           {"https://h/a", "/a", ""},
      {"https://h/a?", "/a", ""},       {"https://h/a?b=c&d", "/a", "b=c&d"},
      {"https://h/a?b?c", "/a", "b?c"}, {"https://h?b", "/", "b"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    const Result<Url> url = Url::Parse(row.text);
    ASSERT_TRUE(url);
    EXPECT_EQ(url->Path(), row.path);
    EXPECT_EQ(url->Query(), row.query);
  }
}

TEST(OriginTest, Prints) {
  EXPECT_EQ((Origin{.scheme = "https", .host = "quay.io", .port = 443}).ToString(),
            "https://quay.io");
  EXPECT_EQ((Origin{.scheme = "http", .host = "quay.io", .port = 443}).ToString(),
            "http://quay.io:443");
  EXPECT_EQ((Origin{.scheme = "http", .host = "localhost", .port = 5000}).HostPort(),
            "localhost:5000");
  EXPECT_EQ((Origin{.scheme = "http", .host = "localhost", .port = 80}).HostPort(), "localhost");
}

TEST(PercentEncodeTest, KeepsUnreservedOnly) {
  EXPECT_EQ(PercentEncode(""), "");
  EXPECT_EQ(PercentEncode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(PercentEncode("a b+c&d=e/f:g,h%"), "a%20b%2Bc%26d%3De%2Ff%3Ag%2Ch%25");
  EXPECT_EQ(PercentEncode("\xc3\xbc\xff"), "%C3%BC%FF");
  EXPECT_EQ(PercentEncode(std::string_view("\0\n", 2)), "%00%0A");
}

}  // namespace
}  // namespace portolan
