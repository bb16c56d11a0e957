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

// Whoever is refused again and again cannot fill the disk; nor hide what others do.
TEST(AuditLogTest, RefusalsOfOneAddressAreBounded) {
  const store::TemporaryFolder folder;
  ManualClock clock;
  const std::string path = folder.Under("audit.log");
  const auto refused_times = [&] {
    const std::string text = TextOf(path);
    std::size_t times = 0;
    for (std::size_t at = 0; (at = text.find("\"refused\"", at)) != std::string::npos; ++at)
      ++times;
    return times;
  };
  {
    const auto log = AuditLog::Open(path, clock);
    ASSERT_TRUE(log) << log.error().message;
    const AuditEvent mallory{.event = "token.refuse", .outcome = "refused", .peer = "2001:db8::1"};
    for (int i = 0; i < 100; ++i) (*log)->Write(mallory);
    AuditEvent neighbour = mallory;
    neighbour.peer = "2001:db8::2";  // the same network
    (*log)->Write(neighbour);
    EXPECT_EQ(refused_times(), 60U);
    AuditEvent ada = mallory;
    ada.peer = "192.0.2.1";
    (*log)->Write(ada);
    EXPECT_EQ(refused_times(), 61U);
    (*log)->Write({.event = "tag.delete", .outcome = "done", .peer = "2001:db8::1"});
    EXPECT_TRUE(TextOf(path).contains("\"tag.delete\""));
    EXPECT_FALSE(TextOf(path).contains("audit.skip"));

    clock.Advance(AuditLog::kRefusedWindow);
    (*log)->Write(mallory);
    EXPECT_EQ(refused_times(), 62U);
    EXPECT_TRUE(TextOf(path).contains("\"reason\":\"41 refusals: more than 60 to one address"));
    for (int i = 0; i < 60; ++i) (*log)->Write(mallory);
  }
  EXPECT_TRUE(TextOf(path).contains("\"reason\":\"1 refusals:"));  // nothing is lost at the end
}

TEST(AuditLogTest, SaysWhyItCannotBeOpened) {
  ManualClock clock;
  const auto log = AuditLog::Open("/no/such/folder/audit.log", clock);
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace portolan::server
