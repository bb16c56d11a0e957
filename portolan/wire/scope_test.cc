#include "portolan/wire/scope.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace portolan::wire {
namespace {

TEST(Scope, AsksForWhatTheMethodNeeds) {
  const auto repository = oci::RepositoryName::Parse("library/ubuntu");
  ASSERT_TRUE(repository);
  struct Row {
    const char* method;
    const char* want;
  };
  const Row rows[] = {
      {"GET", "repository:library/ubuntu:pull"},
      {"HEAD", "repository:library/ubuntu:pull"},
      {"POST", "repository:library/ubuntu:pull,push"},
      {"PUT", "repository:library/ubuntu:pull,push"},
      {"PATCH", "repository:library/ubuntu:pull,push"},
      {"DELETE", "repository:library/ubuntu:delete"},
      {"OPTIONS", "repository:library/ubuntu:pull"},
      {"", "repository:library/ubuntu:pull"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.method);
    EXPECT_EQ(Scope::ForRepository(*repository, row.method).ToString(), row.want);
  }
}

TEST(Scope, NamesTheCatalog) { EXPECT_EQ(Scope::ForCatalog().ToString(), "registry:catalog:*"); }

TEST(Scope, PrintsWithoutActions) { EXPECT_EQ((Scope{"a", "b", {}}).ToString(), "a:b:"); }

TEST(ScopeParse, OneScope) {
  struct Row {
    std::string text;
    std::string want;  // printed; empty: refused
  };
  const std::string long_name(255, 'a');
  std::string actions = "a1";
  for (int i = 2; i <= 16; ++i) actions += ",a" + std::to_string(i);
  const Row rows[] = {
      {"repository:a/b:pull", "repository:a/b:pull"},
      {"repository:a/b:pull,push", "repository:a/b:pull,push"},
      {"repository:a/b:push,pull,push", "repository:a/b:push,pull"},
      {"repository:a/b:pull,,push,", "repository:a/b:pull,push"},
      {"repository:a/b:", "repository:a/b:"},
      {"repository:host:5000/a/b:pull", "repository:host:5000/a/b:pull"},
      {"repository(plugin):a/b:pull", "repository:a/b:pull"},
      {"registry:catalog:*", "registry:catalog:*"},
      {"x:" + long_name + ":y", "x:" + long_name + ":y"},
      {"x:y:" + actions, "x:y:" + actions},
      {"x:y:" + actions + ",b", ""},
      {"x:" + long_name + "a:y", ""},
      {"", ""},
      {":", ""},
      {"::", ""},
      {":a:pull", ""},
      {"a::pull", ""},
      {"repository", ""},
      {"repository:a", ""},
      {"(x):a:pull", ""},
      {"repository(x:a:pull", ""},
      {"repository):a:pull", ""},
      {"reposi tory:a:pull", ""},
      {"repository:a b:pull", ""},
      {"repository:a:pull push", ""},
      {"repository:a:p\"ull", ""},
      {"repository:a\nb:pull", ""},
      {std::string("repository:a\0b:pull", 19), ""},
      {"repository:caf\xc3\xa9:pull", ""},
      {"repository:a:" + std::string(65, 'x'), ""},
      {std::string(65, 'x') + ":a:pull", ""},
  };
  for (const Row& row : rows) {
    const auto scope = Scope::Parse(row.text);
    EXPECT_EQ(scope ? scope->ToString() : "", row.want) << row.text;
    if (!scope) EXPECT_EQ(scope.error().code, ErrorCode::kNameInvalid) << row.text;
  }
}

TEST(ScopeParse, SeveralParameters) {
  const auto parse = [](std::vector<std::string_view> parameters) {
    const auto scopes = Scope::ParseAll(parameters);
    std::string out = scopes ? "" : "refused";
    if (scopes) {
      for (const Scope& scope : *scopes) out += (out.empty() ? "" : " ") + scope.ToString();
    }
    return out;
  };
  EXPECT_EQ(parse({}), "");
  EXPECT_EQ(parse({"", "  "}), "");
  EXPECT_EQ(parse({"a:b:c  d:e:f ", "g:h:i"}), "a:b:c d:e:f g:h:i");
  EXPECT_EQ(parse({"a:b:c d:e:f", "a:b:x,c"}), "a:b:c,x d:e:f");
  EXPECT_EQ(parse({"a:b:c", "x"}), "refused");
  EXPECT_EQ(parse({"a:b:c\td:e:f"}), "refused");
}

TEST(ScopeParse, NoMoreThanAHundred) {
  std::string text;
  for (std::size_t i = 0; i < Scope::kMaxScopes; ++i) text += "a:" + std::to_string(i) + ":b ";
  const std::string_view fits = text;
  EXPECT_EQ(Scope::ParseAll({&fits, 1})->size(), Scope::kMaxScopes);
  const std::string more_text = text + "a:x:b";
  const std::string_view more = more_text;
  const auto refused = Scope::ParseAll({&more, 1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
  // The same ten thousand times is one.
  const std::vector<std::string_view> same(10'000, "a:b:c");
  EXPECT_EQ(Scope::ParseAll(same)->size(), 1U);
}

}  // namespace
}  // namespace portolan::wire
