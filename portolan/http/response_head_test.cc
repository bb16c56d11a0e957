#include "portolan/http/response_head.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace portolan::http {
namespace {

Status AddAll(ResponseHead& head, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) PORTOLAN_CHECK(head.AddLine(line));
  return Status();
}

TEST(ResponseHead, KeepsFieldsAsTheyWere) {
  ResponseHead head(1000);
  ASSERT_TRUE(
      AddAll(head, {"HTTP/1.1 200 OK\r\n", "ETag:  \"a\" \r\n", "x-a:\r\n", "X-A: 2\r\n", "\r\n"}));
  EXPECT_TRUE(head.complete());
  EXPECT_EQ(head.status(), 200);
  EXPECT_EQ(head.version(), "1.1");
  EXPECT_EQ(head.headers(), (Headers{{"ETag", "\"a\""}, {"x-a", ""}, {"X-A", "2"}}));
}

TEST(ResponseHead, SkipsInterimHeadsAndTrailers) {
  ResponseHead head(1000);
  ASSERT_TRUE(AddAll(head, {"HTTP/1.1 103 Early Hints\r\n", "Link: </a>\r\n", "\r\n"}));
  EXPECT_FALSE(head.complete());
  ASSERT_TRUE(AddAll(head, {"HTTP/2 204 \r\n", "a: b\r\n", "\r\n", "Trailer: late\r\n"}));
  EXPECT_EQ(head.status(), 204);
  EXPECT_EQ(head.version(), "2");
  EXPECT_EQ(head.headers(), (Headers{{"a", "b"}}));
}

TEST(ResponseHead, JoinsFoldedLines) {
  ResponseHead head(1000);
  ASSERT_TRUE(
      AddAll(head, {"HTTP/1.1 401 \n", " stray\n", "A: 1\n", "\t 2 \n", " 3\n", "B: 4\n", "\n"}));
  EXPECT_EQ(head.headers(), (Headers{{"A", "1 2 3"}, {"B", "4"}}));
}

TEST(ResponseHead, LeavesOutWhatIsNotAField) {
  ResponseHead head(1000);
  ASSERT_TRUE(AddAll(head, {"HTTP/1.0 200 OK\r\n", "no colon\r\n", ": no name\r\n", "sp ace: 1\r\n",
                            "A : 1\r\n", "ok: 1\r\n", "\r\n"}));
  EXPECT_EQ(head.version(), "1.0");
  EXPECT_EQ(head.headers(), (Headers{{"ok", "1"}}));
}

TEST(ResponseHead, RefusesBadStatusLines) {
  for (const char* line :
       {"", "HTTP", "ICY 200 OK", "HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 20", "HTTP/1.1 2x0 OK",
        "HTTP/1.1 099 Low", "HTTP/1.1 600 High", "HTTP/1.1 999"}) {
    SCOPED_TRACE(line);
    ResponseHead head(1000);
    const Status status = head.AddLine(line);
    ASSERT_FALSE(status.has_value());
    EXPECT_EQ(status.error().code, ErrorCode::kProtocol);
  }
}

TEST(ResponseHead, KnowsOneTransferCoding) {
  for (const char* coding : {"gzip", "br", "gzip, chunked", "chunked, chunked", ""}) {
    SCOPED_TRACE(coding);
    ResponseHead head(1000);
    const Status status = AddAll(
        head,
        {"HTTP/1.1 200 OK\r\n", std::string("Transfer-encoding: ") + coding + "\r\n", "\r\n"});
    ASSERT_FALSE(status.has_value());
    EXPECT_EQ(status.error().code, ErrorCode::kProtocol);
  }
  ResponseHead head(1000);
  EXPECT_TRUE(
      AddAll(head, {"HTTP/1.1 200 OK\r\n", "Transfer-Encoding: Chunked\r\n", "\r\n"}).has_value());
}

TEST(ResponseHead, CountsBytesOverInterimHeads) {
  ResponseHead head(100);
  Status status;
  for (int i = 0; i < 100 && status; ++i) {
    status = AddAll(head, {"HTTP/1.1 100 Continue\r\n", "\r\n"});
  }
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::kTooLarge);
}

TEST(ResponseHead, CountsLines) {
  ResponseHead head(1U << 20U);
  ASSERT_TRUE(head.AddLine("HTTP/1.1 200 OK\r\n"));
  Status status;
  for (int i = 0; i < 2000 && status; ++i) status = head.AddLine("a:\r\n");
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace portolan::http
