#include "portolan/http/request_head.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace portolan::http {
namespace {

// As the server does: find the end, then take the head apart.
std::expected<RequestHead, Refusal> Parse(std::string_view bytes, const ServerLimits& limits = {}) {
  HeadScanner scanner;
  const auto size = scanner.Scan(bytes, limits);
  if (!size) return std::unexpected(size.error());
  if (!*size) return std::unexpected(Refusal{0, "incomplete"});
  RequestHead head;
  if (auto refusal = ParseRequestHead(bytes.substr(0, **size), limits, head)) {
    return std::unexpected(*refusal);
  }
  return head;
}

struct RefusedRow {
  std::string_view name;
  std::string_view bytes;
  int status;
};

using std::string_view_literals::operator""sv;

const std::vector<RefusedRow> kRefused = {
    // Framing that two parsers could understand in two ways (reference: models §3.2).
    {"length and chunked",
     "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"chunked and length",
     "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 400},
    {"gzip then length",
     "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\nContent-Length: 5\r\n\r\n", 400},
    {"chunked, gzip then length",
     "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\nContent-Length: 5\r\n\r\n",
     400},
    {"gzip alone", "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 400},
    {"gzip, chunked", "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
    {"chunked twice in one field",
     "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", 400},
    {"chunked in two fields",
     "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
     "chunked\r\n\r\n",
     400},
    {"identity", "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", 400},
    {"xchunked", "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 400},
    {"chunked with a parameter",
     "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked;q=1\r\n\r\n", 400},
    {"chunked with a vertical tab",
     "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0b"
     "chunked\r\n\r\n",
     400},
    {"empty coding", "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n", 400},
    {"chunked in HTTP/1.0", "PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"two lengths that differ",
     "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", 400},
    {"two equal lengths",
     "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", 400},
    {"list of lengths", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n", 400},
    {"length with a plus", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n", 400},
    {"length with a minus", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n", 400},
    {"length in hexadecimal", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\n", 400},
    {"length with a point", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5.0\r\n\r\n", 400},
    {"length with a space", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5 5\r\n\r\n", 400},
    {"empty length", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: \r\n\r\n", 400},
    {"length over 64 bits",
     "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551621\r\n\r\n", 400},
    // Hosts.
    {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
    {"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
    {"two equal hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
    {"two hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400},
    {"empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
    {"absolute target with another host", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"absolute target without Host", "GET http://a/ HTTP/1.1\r\n\r\n", 400},
    {"absolute target without a host", "GET http:/// HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"absolute target of another scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"query without a path", "GET http://a?x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"authority target", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 400},
    {"asterisk of GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"target without a slash", "GET v2 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    // Lines.
    {"bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
    {"bare LF after a field", "GET / HTTP/1.1\r\nHost: a\n\r\n", 400},
    {"bare LF at the end", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
    {"bare CR in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400},
    {"bare CR before a field", "GET / HTTP/1.1\r\nHost: a\r\n\rX: a\r\n\r\n", 400},
    {"two CRs", "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", 400},
    {"folded line", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", 400},
    {"folded line with a tab", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n\tb\r\n\r\n", 400},
    {"first field folded", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
    {"space before the colon", "GET / HTTP/1.1\r\nHost: a\r\nX : a\r\n\r\n", 400},
    {"tab before the colon", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length\t: 5\r\n\r\n", 400},
    {"no name", "GET / HTTP/1.1\r\nHost: a\r\n: a\r\n\r\n", 400},
    {"no colon", "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400},
    {"name with a slash", "GET / HTTP/1.1\r\nHost: a\r\nX/Y: a\r\n\r\n", 400},
    {"name not ASCII", "GET / HTTP/1.1\r\nHost: a\r\nX\xc3\xa4: a\r\n\r\n", 400},
    {"NUL in a name", "GET / HTTP/1.1\r\nHost: a\r\nX\0: a\r\n\r\n"sv, 400},
    {"NUL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"sv, 400},
    {"control character in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\x01\r\n\r\n", 400},
    {"DEL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\x7f\r\n\r\n", 400},
    {"two empty lines before", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    // Request lines.
    {"no version", "GET /\r\nHost: a\r\n\r\n", 400},
    {"no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"only a method", "GET\r\n\r\n", 400},
    {"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"space at the end", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
    {"tab for a space", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"space before the method", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"method with a bracket", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"method too long", "GETGETGETGETGETGETGETGETGETGETGETGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"NUL in the target", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"sv, 400},
    {"control character in the target", "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"target not ASCII", "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
    {"HTTP/2.0", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
    {"HTTP/0.9 with a version", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505},
    {"http in lower case", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
    {"version without a point", "GET / HTTP/11\r\nHost: a\r\n\r\n", 400},
    {"version with three digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400},
    {"another protocol's version", "GET / HTTQ/1.1\r\nHost: a\r\n\r\n", 400},
    {"TLS", "\x16\x03\x01\x02\x00\x01\x00"sv, 400},
    // Expectations.
    {"another expectation", "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n", 417},
};

TEST(RequestHead, Refused) {
  for (const RefusedRow& row : kRefused) {
    const auto head = Parse(row.bytes);
    ASSERT_FALSE(head.has_value()) << row.name;
    EXPECT_EQ(head.error().status, row.status) << row.name << ": " << head.error().message;
  }
}

TEST(RequestHead, TakesApart) {
  const std::string_view bytes =
      "PATCH /v2/a%2Fb/blobs/uploads/1?x=%41&y HTTP/1.1\r\nhost: Example.COM:5000\r\n"
      "Content-LENGTH: 0012\r\nX-Empty:\r\nX-Space: \t a b\t \r\nX-Latin: \xe4\r\n"
      "X-Empty: again\r\nExpect: 100-Continue\r\n\r\n";
  const auto head = Parse(bytes);
  ASSERT_TRUE(head.has_value()) << head.error().message;
  EXPECT_EQ(head->method, "PATCH");
  EXPECT_EQ(head->target, "/v2/a%2Fb/blobs/uploads/1?x=%41&y");
  EXPECT_EQ(head->authority, "Example.COM:5000");
  EXPECT_EQ(head->minor_version, 1);
  EXPECT_EQ(head->content_length, 12U);
  EXPECT_FALSE(head->chunked);
  EXPECT_TRUE(head->keep_alive);
  EXPECT_TRUE(head->expects_continue);
  const std::vector<RequestHead::Field> fields = {
      {"host", "Example.COM:5000"}, {"Content-LENGTH", "0012"}, {"X-Empty", ""},
      {"X-Space", "a b"},           {"X-Latin", "\xe4"},        {"X-Empty", "again"},
      {"Expect", "100-Continue"}};
  EXPECT_EQ(head->fields, fields);
}

struct KeptRow {
  std::string_view bytes;
  bool keep_alive;
};

TEST(RequestHead, KeepAlive) {
  const std::vector<KeptRow> rows = {
      {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n", false},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: TE, close\r\n\r\n", false},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n", true},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n", false},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n", true},
      {"GET / HTTP/1.0\r\n\r\n", false},
      {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
      {"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", false},
  };
  for (const KeptRow& row : rows) {
    const auto head = Parse(row.bytes);
    ASSERT_TRUE(head.has_value()) << row.bytes;
    EXPECT_EQ(head->keep_alive, row.keep_alive) << row.bytes;
  }
}

TEST(RequestHead, Targets) {
  auto head = Parse("GET http://A.example/x?y HTTP/1.1\r\nHost: a.EXAMPLE\r\n\r\n");
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->target, "/x?y");
  EXPECT_EQ(head->authority, "A.example");
  head = Parse("GET HTTPS://a:5000 HTTP/1.1\r\nHost: a:5000\r\n\r\n");
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->target, "/");
  head = Parse("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->target, "*");
  head = Parse("\r\nGET //a//../b HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->target, "//a//../b");
  EXPECT_EQ(head->authority, "");
}

TEST(RequestHead, Bodies) {
  EXPECT_FALSE(Parse("POST / HTTP/1.1\r\nHost: a\r\n\r\n")->has_body());
  EXPECT_FALSE(Parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")->has_body());
  EXPECT_TRUE(Parse("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n")->has_body());
  EXPECT_TRUE(
      Parse("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n")->has_body());
  EXPECT_FALSE(Parse("POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n")
                   ->expects_continue);
}

TEST(RequestHead, Limits) {
  const ServerLimits limits{.head_size = 2000, .target_size = 100, .fields = 3};
  const auto status = [&](const std::string& bytes) {
    const auto head = Parse(bytes, limits);
    return head ? 200 : head.error().status;
  };
  const std::string target(99, 'x');
  EXPECT_EQ(status("GET /" + target + " HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
  EXPECT_EQ(status("GET /x" + target + " HTTP/1.1\r\nHost: a\r\n\r\n"), 414);
  EXPECT_EQ(status("GET /" + std::string(300, 'x')), 414) << "before the line's end is seen";
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nC: d\r\n\r\n"), 200);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nC: d\r\nE: f\r\n\r\n"), 431);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: a\r\nA: " + std::string(2000, 'x') + "\r\n\r\n"), 431);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: a\r\nA: " + std::string(2000, 'x')), 431);
}

TEST(HeadScanner, FindsTheEndInAnyPieces) {
  const std::string head = "\r\nGET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n";
  const std::string bytes = head + "GET / HTTP/1.1\r\n";
  for (std::size_t first = 0; first <= head.size(); ++first) {
    HeadScanner scanner;
    auto size = scanner.Scan(std::string_view(bytes).substr(0, first), {});
    ASSERT_TRUE(size.has_value()) << first;
    EXPECT_EQ(size->has_value(), first == head.size()) << first;
    if (*size) continue;
    size = scanner.Scan(bytes, {});
    ASSERT_TRUE(size.has_value()) << first;
    EXPECT_EQ(*size, head.size()) << first;
  }
}

TEST(HeadScanner, ByteByByte) {
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  HeadScanner scanner;
  for (std::size_t i = 1; i < head.size(); ++i) {
    const auto size = scanner.Scan(std::string_view(head).substr(0, i), {});
    ASSERT_TRUE(size.has_value());
    EXPECT_FALSE(size->has_value());
  }
  EXPECT_EQ(*scanner.Scan(head, {}), head.size());
}

}  // namespace
}  // namespace portolan::http
