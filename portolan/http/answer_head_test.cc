#include "portolan/http/answer_head.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace portolan::http {
namespace {

constexpr std::string_view kDate = "Tue, 28 Mar 2023 05:38:54 GMT";

std::string Head(int status, const Headers& headers, const AnswerFraming& framing, Log& log) {
  std::string out;
  AppendAnswerHead(status, headers, framing, kDate, log, out);
  return out;
}

TEST(AnswerHead, AddsDateAndFraming) {
  NullLog log;
  EXPECT_EQ(Head(200, {{"Content-Type", "text/plain"}}, {.length = 5}, log),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
            "Date: Tue, 28 Mar 2023 05:38:54 GMT\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(Head(404, {{"date", "today"}}, {.framing = Framing::kChunked, .close = true}, log),
            "HTTP/1.1 404 Not Found\r\ndate: today\r\nTransfer-Encoding: chunked\r\n"
            "Connection: close\r\n\r\n");
  EXPECT_EQ(Head(299, {}, {.framing = Framing::kNone, .keep_alive = true}, log),
            "HTTP/1.1 299 Status\r\nDate: Tue, 28 Mar 2023 05:38:54 GMT\r\n"
            "Connection: keep-alive\r\n\r\n");
}

TEST(AnswerHead, FieldsOfTheConnectionAreTheServersOwn) {
  NullLog log;
  EXPECT_EQ(Head(200,
                 {{"Content-Length", "7"},
                  {"Transfer-Encoding", "chunked"},
                  {"connection", "Upgrade"},
                  {"Keep-Alive", "5"},
                  {"Upgrade", "h2c"},
                  {"Trailer", "X"},
                  {"Date", "d"}},
                 {.length = 5}, log),
            "HTTP/1.1 200 OK\r\nDate: d\r\nContent-Length: 5\r\n\r\n");
}

TEST(AnswerHead, FieldsThatWouldBreakTheHeadAreLeftOut) {
  MemoryLog log;
  EXPECT_EQ(Head(200,
                 {{"Location", "/a\r\nSet-Cookie: b"},
                  {"X Y", "z"},
                  {"X:", "z"},
                  {"", "z"},
                  {"X-Lf", "a\nb"},
                  {"X-Nul", std::string("a\0", 2)},
                  {"X-Good", "a\tb \xc3\xa4"},
                  {"Date", "d"}},
                 {.length = 5}, log),
            "HTTP/1.1 200 OK\r\nX-Good: a\tb \xc3\xa4\r\nDate: d\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(log.warnings().size(), 6U);
}

TEST(AnswerHead, FieldsWithoutAValueAreThePlacesOfTheServers) {
  NullLog log;
  const Headers headers{{"date", ""}, {"content-length", ""}, {"a", "b"}, {"Content-Length", "7"}};
  EXPECT_EQ(Head(200, headers, {.length = 5}, log),
            "HTTP/1.1 200 OK\r\ndate: Tue, 28 Mar 2023 05:38:54 GMT\r\ncontent-length: 5\r\n"
            "a: b\r\n\r\n");
  EXPECT_EQ(Head(200, headers, {.framing = Framing::kChunked}, log),
            "HTTP/1.1 200 OK\r\ndate: Tue, 28 Mar 2023 05:38:54 GMT\r\na: b\r\n"
            "Transfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(ClaimedLength(headers), 7U);
}

TEST(AnswerHead, Dates) {
  HttpDate date;
  const Clock::WallTime time{std::chrono::seconds(1'679'981'934)};
  EXPECT_EQ(date.At(time), kDate);
  EXPECT_EQ(date.At(time + std::chrono::milliseconds(900)), kDate);
  EXPECT_EQ(date.At(time + std::chrono::seconds(1)), "Tue, 28 Mar 2023 05:38:55 GMT");
  EXPECT_EQ(date.At(Clock::WallTime{}), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(AnswerHead, ClaimedLengths) {
  EXPECT_EQ(ClaimedLength({{"content-length", "12"}}), 12U);
  EXPECT_EQ(ClaimedLength({}), std::nullopt);
  EXPECT_EQ(ClaimedLength({{"Content-Length", "x"}}), std::nullopt);
  EXPECT_EQ(ClaimedLength({{"Content-Length", "1"}, {"Content-Length", "1"}}), std::nullopt);
}

TEST(AnswerHead, Reasons) {
  EXPECT_EQ(ReasonPhrase(200), "OK");
  EXPECT_EQ(ReasonPhrase(416), "Range Not Satisfiable");
  EXPECT_EQ(ReasonPhrase(507), "Insufficient Storage");
  EXPECT_EQ(ReasonPhrase(599), "Status");
}

}  // namespace
}  // namespace portolan::http
