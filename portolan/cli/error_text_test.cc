#include "portolan/cli/error_text.h"

#include <gtest/gtest.h>

namespace portolan::cli {
namespace {

const Error kFull{.code = ErrorCode::kNameUnknown,
                  .message = "a \"quoted\" message",
                  .hint = "do this",
                  .http_status = 404,
                  .registry_errors = R"([{"code":"NAME_UNKNOWN"}])"};
const Error kBare{
    .code = ErrorCode::kUsage, .message = "m", .hint = {}, .http_status = 0, .registry_errors = {}};

TEST(ErrorText, TextHasAHintLine) {
  EXPECT_EQ(ErrorText(kFull, ErrorFormat::kText),
            "portolan: a \"quoted\" message\n  hint: do this");
  EXPECT_EQ(ErrorText(kBare, ErrorFormat::kText), "portolan: m");
}

TEST(ErrorText, JsonIsOneLine) {
  EXPECT_EQ(
      ErrorText(kFull, ErrorFormat::kJson),
      R"({"error":{"code":"NAME_UNKNOWN","message":"a \"quoted\" message","hint":"do this","http_status":404,)"
      R"("errors":[{"code":"NAME_UNKNOWN"}]},"exit_status":2})");
  EXPECT_EQ(ErrorText(kBare, ErrorFormat::kJson, ErrorOf::kPart),
            R"({"error":{"code":"USAGE","message":"m"}})");
  EXPECT_EQ(ErrorText(kBare, ErrorFormat::kJson),
            R"({"error":{"code":"USAGE","message":"m"},"exit_status":64})");
}

}  // namespace
}  // namespace portolan::cli
