#include "portolan/client/link_follower.h"

#include <gtest/gtest.h>

namespace portolan::client {
namespace {

constexpr const char* kFirst = "https://r.test/v2/a/b/tags/list?n=2";

http::Headers LinkTo(const std::string& target) {
  return {{"Link", "<" + target + ">; rel=\"next\""}};
}

TEST(LinkFollowerTest, Targets) {
  struct Row {
    const char* name;
    const char* link;
    const char* target;  ///< null: the end
    bool warned;
    bool cut_off;
  };
  const Row rows[] = {
      {"relative", "/v2/a/b/tags/list?last=2", "/v2/a/b/tags/list?last=2", false, false},
      {"absolute", "https://r.test/p?q", "/p?q", false, false},
      {"upper-case host", "https://R.TEST/p", "/p", false, false},
      {"other host", "https://evil.test/p", "/p", true, false},
      {"other port", "https://r.test:444/p", "/p", true, false},
      {"http", "http://r.test/p", "/p", true, false},
      {"no slash", "list?last=2", "/v2/a/b/tags/list?last=2", false, false},
      {"query", "?last=2", "/v2/a/b/tags/list?last=2", false, false},
      {"escapes stay", "/p?c=%2b%2B%20==&&x", "/p?c=%2b%2B%20==&&x", false, false},
      {"the same page", "/v2/a/b/tags/list?n=2", nullptr, true, false},
      {"user information", "https://u:p@r.test/p", nullptr, true, true},
      {"another scheme", "file:///etc/passwd", nullptr, true, true},
      {"a space", "/p?a b", nullptr, true, true},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    MemoryLog log;
    const Url first = Url::Parse(kFirst).value();
    LinkFollower follower(first, log);
    const auto target = follower.Next(first, LinkTo(row.link));
    EXPECT_EQ(target.value_or("(end)"), row.target == nullptr ? "(end)" : row.target);
    EXPECT_EQ(!log.warnings().empty(), row.warned);
    EXPECT_EQ(follower.cut_off(), row.cut_off);
  }
}

TEST(LinkFollowerTest, NoLinkIsTheEnd) {
  MemoryLog log;
  const Url first = Url::Parse(kFirst).value();
  LinkFollower follower(first, log);
  EXPECT_FALSE(follower.Next(first, {}));
  EXPECT_FALSE(follower.Next(first, {{"Link", "</p>; rel=\"prev\""}}));
  EXPECT_FALSE(follower.cut_off());
  EXPECT_TRUE(log.warnings().empty());
}

TEST(LinkFollowerTest, ALongerLoopIsFound) {
  MemoryLog log;
  const Url first = Url::Parse(kFirst).value();
  LinkFollower follower(first, log);
  EXPECT_TRUE(follower.Next(first, LinkTo("/2")));
  EXPECT_TRUE(follower.Next(first, LinkTo("/3")));
  EXPECT_FALSE(follower.Next(first, LinkTo("/2")));
  EXPECT_FALSE(follower.cut_off()) << "everything that the registry offers was read";
}

TEST(LinkFollowerTest, ARefusedPathIsRepairedOnce) {
  MemoryLog log;
  LinkFollower follower(Url::Parse(kFirst).value(), log);
  EXPECT_EQ(follower.Repaired("/wrong/tags/list?last=2&n=2"), "/v2/a/b/tags/list?last=2&n=2");
  EXPECT_FALSE(follower.Repaired("/wronger/tags/list?last=2&n=2")) << "asked already";
  EXPECT_FALSE(follower.Repaired("/wrong/tags/list")) << "no cursor to save";
  EXPECT_FALSE(follower.Repaired("/wrong?n=2")) << "the first page";
}

// Hostile Links go to a terminal: no control characters of theirs in a warning.
TEST(LinkFollowerTest, WarningsArePrintable) {
  MemoryLog log;
  const Url first = Url::Parse(kFirst).value();
  LinkFollower follower(first, log);
  (void)follower.Next(first, LinkTo("/\x1b[2J"));
  ASSERT_FALSE(log.warnings().empty());
  EXPECT_EQ(log.warnings()[0].find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace portolan::client
