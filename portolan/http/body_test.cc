#include "portolan/http/body.h"

#include <gtest/gtest.h>

#include "portolan/async/loop.h"

namespace portolan::http {
namespace {

// Gives its pieces, then an error if it has one.
class Pieces final : public BodyReader {
 public:
  explicit Pieces(std::vector<std::string> pieces, std::optional<Error> error = {})
      : pieces_(std::move(pieces)), error_(std::move(error)) {}

  async::Task<Result<std::string_view>> Next() override {
    if (next < pieces_.size()) co_return std::string_view(pieces_[next++]);
    if (error_) co_return *error_;
    co_return std::string_view();
  }

  std::size_t next = 0;

 private:
  std::vector<std::string> pieces_;
  std::optional<Error> error_;
};

const Error kBroken = Fail(ErrorCode::kConnectFailed, "gone");

TEST(TextBody, GivesItsTextOnceAndThenTheEnd) {
  async::Loop loop;
  const auto body = NewTextBody("text");
  EXPECT_EQ(loop.Run(body->Next()).value(), "text");
  EXPECT_EQ(loop.Run(body->Next()).value(), "");
  EXPECT_EQ(loop.Run(body->Next()).value(), "");
}

TEST(ReadAll, JoinsPieces) {
  async::Loop loop;
  Pieces body({"ab", "c", "def"});
  EXPECT_EQ(loop.Run(ReadAll(body, 6)).value(), "abcdef");
}

TEST(ReadAll, RefusesMoreThanTheCap) {
  async::Loop loop;
  Pieces body({"ab", "c", "def", "never asked for"});
  const auto text = loop.Run(ReadAll(body, 5));
  ASSERT_FALSE(text.has_value());
  EXPECT_EQ(text.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(body.next, 3U);
}

TEST(ReadAll, HandsErrorsOn) {
  async::Loop loop;
  Pieces body({"ab"}, kBroken);
  const auto text = loop.Run(ReadAll(body, 100));
  ASSERT_FALSE(text.has_value());
  EXPECT_EQ(text.error(), kBroken);
}

TEST(ReadStart, CutsAtTheCapAndAsksForNoMore) {
  async::Loop loop;
  Pieces body({"abc", "def", "ghi"});
  EXPECT_EQ(loop.Run(ReadStart(body, 5)), "abcde");
  EXPECT_EQ(body.next, 2U);
}

TEST(ReadStart, GivesWhatCameBeforeAnError) {
  async::Loop loop;
  Pieces body({"abc"}, kBroken);
  EXPECT_EQ(loop.Run(ReadStart(body, 5)), "abc");
}

}  // namespace
}  // namespace portolan::http
