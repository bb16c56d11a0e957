#include "portolan/base/error.h"

#include <set>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace portolan {
namespace {

constexpr int kCodes = std::to_underlying(ErrorCode::kInternal) + 1;

TEST(ErrorTableTest, EveryCodeHasItsOwnRow) {
  std::set<std::string_view> spellings;
  for (int i = 0; i < kCodes; ++i) {
    const auto code = static_cast<ErrorCode>(i);
    SCOPED_TRACE(i);
    const ErrorInfo& info = InfoOf(code);
    EXPECT_EQ(info.code, code);
    EXPECT_FALSE(info.wire.empty());
    EXPECT_EQ(info.wire.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_"), std::string_view::npos);
    EXPECT_TRUE(spellings.insert(info.wire).second) << info.wire;
    EXPECT_NE(info.exit_status, kExitOk);
    EXPECT_TRUE(info.http_status == 0 || (info.http_status >= 400 && info.http_status < 600));
  }
}

TEST(ErrorTableTest, Rows) {
  struct Row {
    const char* name;
    ErrorCode code;
    const char* wire;
    int http_status;
    bool retryable;
    int exit_status;
  };
  const Row rows[] = {
      {"unknown manifest", ErrorCode::kManifestUnknown, "MANIFEST_UNKNOWN", 404, false,
       kExitNotFound},
      {"unknown name", ErrorCode::kNameUnknown, "NAME_UNKNOWN", 404, false, kExitNotFound},
      {"unauthorized", ErrorCode::kUnauthorized, "UNAUTHORIZED", 401, false, kExitDenied},
      {"rate limit", ErrorCode::kTooManyRequests, "TOOMANYREQUESTS", 429, true, kExitRateLimited},
      {"usage", ErrorCode::kUsage, "USAGE", 0, false, kExitUsage},
      {"timeout", ErrorCode::kTimeout, "TIMEOUT", 0, true, kExitNetwork},
      {"TLS", ErrorCode::kTlsFailed, "TLS_FAILED", 0, false, kExitNetwork},
      {"interrupted", ErrorCode::kCancelled, "CANCELLED", 0, false, kExitInterrupted},
      {"partial", ErrorCode::kPartial, "PARTIAL", 0, false, kExitPartial},
      {"server", ErrorCode::kServerError, "SERVER_ERROR", 500, true, kExitServer},
      {"busy", ErrorCode::kBusy, "UNAVAILABLE", 503, true, kExitServer},
      {"defect", ErrorCode::kInternal, "UNKNOWN", 500, false, kExitFailure},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const ErrorInfo& info = InfoOf(row.code);
    EXPECT_EQ(info.wire, row.wire);
    EXPECT_EQ(info.http_status, row.http_status);
    EXPECT_EQ(info.retryable, row.retryable);
    EXPECT_EQ(info.exit_status, row.exit_status);
  }
}

TEST(ErrorCodeFromWireTest, KnowsTheSpecificationsCodesOnly) {
  for (int i = 0; i < kCodes; ++i) {
    const auto code = static_cast<ErrorCode>(i);
    SCOPED_TRACE(InfoOf(code).wire);
    const auto found = ErrorCodeFromWire(InfoOf(code).wire);
    if (code < ErrorCode::kUsage) {
      EXPECT_EQ(found, code);
    } else {
      EXPECT_EQ(found, std::nullopt);
    }
  }
  EXPECT_EQ(ErrorCodeFromWire(""), std::nullopt);
  EXPECT_EQ(ErrorCodeFromWire("manifest_unknown"), std::nullopt);
}

TEST(WrapTest, PutsContextBeforeTheMessageAndKeepsTheRest) {
  const Error error{.code = ErrorCode::kDenied,
                    .message = "no access",
                    .hint = "log in",
                    .http_status = 403,
                    .registry_errors = "[]"};
  Error expected = error;
  expected.message = "reading x: no access";
  EXPECT_EQ(Wrap(error, "reading x"), expected);
}

}  // namespace
}  // namespace portolan
