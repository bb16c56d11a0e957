#include "portolan/server/audit_log.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "portolan/store/testing/temporary_folder.h"

namespace portolan::server {
namespace {

std::string TextOf(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(AuditLineTest, EscapesWhatClientsSay) {
  ManualClock clock;
  EXPECT_EQ(AuditLine({.event = "login.limited",
                       .outcome = "refused",
                       .who = "a\"b\n\x1b[2J",
                       .peer = "192.0.2.1"},
                      clock.WallNow()),
            "{\"time\":\"2023-03-28T05:38:54.000Z\",\"event\":\"login.limited\","
            "\"outcome\":\"refused\",\"who\":\"a\\\"b\\n\\u001b[2J\",\"peer\":\"192.0.2.1\"}\n");
  const std::string cut = AuditLine({.event = "x", .who = std::string(10'000, 'x')}, {});
  EXPECT_LT(cut.size(), 700U);
}

TEST(AuditLogTest, AppendsAndReopens) {
  const store::TemporaryFolder folder;
  ManualClock clock;
  const std::string path = folder.Under("audit.log");
  folder.Write("audit.log", "before\n");
  const auto log = AuditLog::Open(path, clock);
  ASSERT_TRUE(log) << log.error().message;
  (*log)->Write({.event = "one"});
  EXPECT_TRUE(TextOf(path).starts_with("before\n{\"time\":"));
  std::filesystem::rename(path, path + ".1");
  (*log)->Write({.event = "two"});
  (*log)->Reopen();
  (*log)->Write({.event = "three"});
  EXPECT_TRUE(TextOf(path + ".1").contains("\"two\""));
  EXPECT_TRUE(TextOf(path).contains("\"three\""));
  EXPECT_FALSE(TextOf(path).contains("\"two\""));
}

TEST(AuditLogTest, SaysWhyItCannotBeOpened) {
  ManualClock clock;
  const auto log = AuditLog::Open("/no/such/folder/audit.log", clock);
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace portolan::server
