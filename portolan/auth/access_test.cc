#include "portolan/auth/access.h"

#include <string>

#include <gtest/gtest.h>

namespace portolan::auth {
namespace {

ActionSet Set(std::initializer_list<Action> actions) {
  ActionSet set;
  for (const Action action : actions) set.Add(action);
  return set;
}

std::string Names(ActionSet set) {
  std::string names;
  for (int i = 0; i < kActions; ++i) {
    const auto action = static_cast<Action>(i);
    if (!set.Has(action)) continue;
    if (!names.empty()) names += ' ';
    names += NameOf(action);
  }
  return names;
}

TEST(ActionTest, IsNamed) {
  for (int i = 0; i < kActions; ++i) {
    const auto action = static_cast<Action>(i);
    EXPECT_EQ(ActionOf(NameOf(action)), action);
  }
  EXPECT_EQ(NameOf(Action::kOverwrite), "overwrite");
  EXPECT_EQ(ActionOf("push"), std::nullopt);
  EXPECT_EQ(ActionOf(""), std::nullopt);
}

TEST(ActionSetTest, HoldsWhatWasAdded) {
  ActionSet set;
  EXPECT_TRUE(set.empty());
  set.Add(Action::kDelete);
  EXPECT_TRUE(set.Has(Action::kDelete));
  EXPECT_FALSE(set.Has(Action::kPull));
  set.Add(Set({Action::kPull}));
  EXPECT_EQ(Names(set), "pull delete");
  EXPECT_EQ(Names(ActionSet::All()), "pull create overwrite delete catalog");
}

TEST(GlobTest, Matches) {
  struct Row {
    const char* glob;
    const char* text;
    bool want;
  };
  const Row rows[] = {
      {"a/b", "a/b", true},
      {"a/b", "a/bc", false},
      {"a/b", "a", false},
      {"", "", true},
      {"", "a", false},
      {"*", "a", true},
      {"*", "", true},
      {"*", "a/b", false},
      {"**", "a/b/c", true},
      {"**", "", true},
      {"a*", "a", true},
      {"a*", "abc", true},
      {"a*c", "abbc", true},
      {"a*c", "ab/c", false},
      {"a/*", "a/b", true},
      {"a/*", "a/b/c", false},
      {"a/*", "a", false},
      {"a/**", "a/b/c", true},
      {"a/**", "a", false},
      {"a**", "a/b", true},
      {"*/b", "a/b", true},
      {"*/b", "a/a/b", false},
      {"**/b", "a/a/b", true},
      {"**/b", "b", false},
      {"a/**/z", "a/b/c/z", true},
      {"a/**/z", "a/z", false},
      {"*/*", "a/b", true},
      {"*a*/b", "xay/b", true},
      {"**/x*/y", "a/xb/c/x1/y", true},
      {"*-prod", "web-prod", true},
      {"*-prod", "web-prod-x", false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(MatchesGlob(row.glob, row.text), row.want) << row.glob << " and " << row.text;
  }
}

// The meaning of globs, without a thought for time.
bool MatchesSlowly(std::string_view glob, std::string_view text) {
  if (glob.empty()) return text.empty();
  const bool two = glob.starts_with("**");
  if (glob[0] != '*') {
    return !text.empty() && text[0] == glob[0] && MatchesSlowly(glob.substr(1), text.substr(1));
  }
  if (MatchesSlowly(glob.substr(two ? 2 : 1), text)) return true;
  if (text.empty() || (!two && text[0] == '/')) return false;
  return MatchesSlowly(glob, text.substr(1));
}

// Every text of these letters with at most so many of them.
std::vector<std::string> AllTexts(std::string_view letters, std::size_t size) {
  std::vector<std::string> texts = {""};
  for (std::size_t begin = 0, i = 0; i < size; ++i) {
    const std::size_t end = texts.size();
    for (; begin < end; ++begin) {
      for (const char c : letters) texts.push_back(texts[begin] + c);
    }
  }
  return texts;
}

TEST(GlobTest, MeansWhatTheSlowWayMeans) {
  const std::vector<std::string> texts = AllTexts("a/", 6);
  for (const std::string& glob : AllTexts("a/*", 5)) {
    for (const std::string& text : texts) {
      ASSERT_EQ(MatchesGlob(glob, text), MatchesSlowly(glob, text)) << glob << " and " << text;
    }
  }
}

TEST(GlobTest, IsNeverSlow) {
  std::string glob;
  for (int i = 0; i < 1000; ++i) glob += "a*a**";
  EXPECT_FALSE(MatchesGlob(glob + "b", std::string(5000, 'a')));
}

TEST(AccessRulesTest, Decide) {
  const auto rules = AccessRules::Make({
      {.users = {"anonymous"}, .repositories = {"library/*"}, .allow = Set({Action::kPull})},
      {.users = {"*"}, .repositories = {}, .allow = Set({Action::kCatalog})},
      {.users = {"*"},
       .repositories = {"users/${user}/**", "${user}"},
       .allow = Set({Action::kPull, Action::kCreate})},
      {.users = {"ci", "cd"}, .repositories = {"apps/**"}, .allow = Set({Action::kCreate})},
      {.users = {"cd"}, .repositories = {"apps/**"}, .allow = Set({Action::kOverwrite})},
      {.users = {"root"}, .repositories = {}, .allow = ActionSet::All()},
  });
  ASSERT_TRUE(rules) << rules.error().message;
  struct Row {
    const char* name;
    const char* user;
    const char* repository;  // empty: none
    const char* want;
  };
  const Row rows[] = {
      {"anybody", "", "library/ubuntu", "pull"},
      {"anybody elsewhere", "", "apps/web", ""},
      {"anybody deeper", "", "library/a/b", ""},
      {"anybody, no repository", "", "", "pull"},
      {"named, public", "eve", "library/ubuntu", "pull catalog"},
      {"named, own", "eve", "users/eve/a/b", "pull create catalog"},
      {"named, of her name", "eve", "eve", "pull create catalog"},
      {"named, of another", "eve", "users/bob/a", "catalog"},
      {"named, begins with her name", "eve", "users/eve2/a", "catalog"},
      {"named, no repository", "eve", "", "pull create catalog"},
      {"rights add up", "cd", "apps/web", "create overwrite catalog"},
      {"create is not overwrite", "ci", "apps/web", "create catalog"},
      {"everything", "root", "apps/web", "pull create overwrite delete catalog"},
      {"a name that is a star", "*", "users/bob/a", "catalog"},
      {"a name of two stars", "**", "users/bob/a", "catalog"},
      {"a name with a slash", "bob/a", "users/bob/a/x", "catalog"},
      {"a name that leads upwards", "..", "users/../a", "catalog"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Identity identity{.name = row.user};
    const Result<oci::RepositoryName> repository = oci::RepositoryName::Parse(row.repository);
    if (std::string_view(row.repository) == "users/../a") {
      EXPECT_FALSE(repository);
      continue;
    }
    const bool none = std::string_view(row.repository).empty();
    EXPECT_EQ(Names(rules->Allowed(identity, none ? nullptr : &*repository)), row.want);
  }
}

TEST(AccessRulesTest, NoRulesAllowNothing) {
  const auto rules = AccessRules::Make({});
  EXPECT_TRUE(rules->Allowed({.name = "root"}, nullptr).empty());
}

TEST(AccessRulesTest, OpenAllowsEverything) {
  const AccessRules rules = AccessRules::Open();
  const auto repository = oci::RepositoryName::Parse("a/b");
  EXPECT_EQ(rules.Allowed({}, &*repository), ActionSet::All());
  EXPECT_EQ(rules.Allowed({.name = "x"}, nullptr), ActionSet::All());
}

TEST(AccessRulesTest, RefuseWhatCannotBeMeant) {
  struct Row {
    const char* name;
    Rule rule;
    const char* want;
  };
  const Row rows[] = {
      {"no users", {.users = {}}, "an access rule names no user"},
      {"empty user", {.users = {"a", ""}}, "an access rule names no user"},
      {"empty glob",
       {.users = {"a"}, .repositories = {""}},
       "the repository pattern \"\" is empty"},
      {"three stars",
       {.users = {"a"}, .repositories = {"a/***"}},
       "the repository pattern \"a/***\" has more than two stars in a row"},
      {"slash first",
       {.users = {"a"}, .repositories = {"x", "/a"}},
       "the repository pattern \"/a\" has an empty part between slashes"},
      {"slash last",
       {.users = {"a"}, .repositories = {"a/"}},
       "the repository pattern \"a/\" has an empty part between slashes"},
      {"two slashes",
       {.users = {"a"}, .repositories = {"a//b"}},
       "the repository pattern \"a//b\" has an empty part between slashes"},
      {"unknown variable",
       {.users = {"a"}, .repositories = {"${group}/*"}},
       "the repository pattern \"${group}/*\" may have no '$' but in ${user}"},
      {"upper case",
       {.users = {"a"}, .repositories = {"Apps/*"}},
       "the repository pattern \"Apps/*\" has an upper-case letter, which no repository has"},
      {"question mark",
       {.users = {"a"}, .repositories = {"a?"}},
       "the repository pattern \"a?\" has a character that no repository has"},
      {"regular expression",
       {.users = {"a"}, .repositories = {"[ab]"}},
       "the repository pattern \"[ab]\" has a character that no repository has"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto rules = AccessRules::Make({row.rule});
    ASSERT_FALSE(rules);
    EXPECT_EQ(rules.error().code, ErrorCode::kConfigInvalid);
    EXPECT_EQ(rules.error().message, row.want);
  }
}

}  // namespace
}  // namespace portolan::auth
