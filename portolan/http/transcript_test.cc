// The reader of tests/transcripts.
#include "portolan/http/testing/transcript.h"

#include <string>

#include <gtest/gtest.h>

namespace portolan::http {
namespace {

TEST(TranscriptFileTest, MalformedFilesAreRefused) {
  const std::string good = "list: a\n=====\nGET https://r.test/\n\nHTTP/2 200\n\nbody\n=====\n";
  EXPECT_TRUE(Transcript::Parse(good));
  struct Row {
    const char* name;
    std::string text;
  };
  const Row rows[] = {
      {"no exchange", "list: a\n=====\ntag: 1\n"},
      {"no request line", "list: a\n=====\n\nHTTP/2 200\n\nbody\n=====\n"},
      {"no status line", "list: a\n=====\nGET https://r.test/\n\nbody\n=====\n"},
      {"no status", "list: a\n=====\nGET https://r.test/\n\nHTTP/2 OK\n\n\n=====\n"},
      {"another length",
       "list: a\n=====\nGET https://r.test/\n\nHTTP/2 200\ncontent-length: 5\n\nbody\n=====\n"},
      {"no field", "list\n=====\nGET https://r.test/\n\nHTTP/2 200\n\nbody\n=====\n"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_FALSE(Transcript::Parse(row.text));
  }
}

TEST(TranscriptFileTest, ABodyMayEndWithALineEndOrNot) {
  const std::string head = "list: a\n=====\nGET https://r.test/\n\nHTTP/2 401\ncontent-length: ";
  const auto without = Transcript::Parse(head + "4\n\ntrue\n=====\n");
  ASSERT_TRUE(without);
  EXPECT_EQ(without->exchanges[0].body, "true");
  const auto with = Transcript::Parse(head + "5\n\ntrue\n\n=====\n");
  ASSERT_TRUE(with);
  EXPECT_EQ(with->exchanges[0].body, "true\n");
}

TEST(TranscriptFileTest, ARequestMayHaveABodyAndComments) {
  const std::string text =
      "task: x\n=====\n# why\nPUT /v2/\nhost: r.test\n\n{\n\n}\n\nHTTP/1.1 201 "
      "Created\n\n\n=====\nHEAD /v2/\n\nHTTP/1.1 200 OK\ncontent-length: 5\n\n\n=====\n";
  const auto transcript = Transcript::Parse(text);
  ASSERT_TRUE(transcript) << transcript.error().message;
  const Transcript::Exchange& put = transcript->exchanges[0];
  EXPECT_EQ(put.method, "PUT");
  EXPECT_EQ(put.request_body, "{\n\n}");
  EXPECT_EQ(put.status, 201);
  EXPECT_EQ(put.body, "");
  EXPECT_EQ(put.response_text, "HTTP/1.1 201 Created\n\n");
  EXPECT_EQ(transcript->ToText(), text);
}

}  // namespace
}  // namespace portolan::http
