// What is granted of what is asked for, and what a token's words allow.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/auth/access.h"

namespace portolan::auth {
namespace {

oci::RepositoryName Named(std::string_view name) {
  return oci::RepositoryName::Parse(name).value();
}

ActionSet SetOf(const std::vector<Action>& actions) {
  ActionSet set;
  for (const Action action : actions) set.Add(action);
  return set;
}

std::string Text(const std::vector<wire::Scope>& scopes) {
  std::string text;
  for (const wire::Scope& scope : scopes) text += (text.empty() ? "" : " ") + scope.ToString();
  return text;
}

TEST(GrantsTest, RequestedAndAllowed) {
  constexpr auto kPull = Action::kPull;
  constexpr auto kCreate = Action::kCreate;
  constexpr auto kOverwrite = Action::kOverwrite;
  constexpr auto kDelete = Action::kDelete;
  constexpr auto kCatalog = Action::kCatalog;
  const struct Row {
    const char* name;
    std::string asked;
    std::vector<Action> allowed;
    std::string granted;
  } rows[] = {
      {"pull", "repository:a/b:pull", {kPull}, "repository:a/b:pull"},
      {"pull of more", "repository:a/b:pull", {kPull, kDelete}, "repository:a/b:pull"},
      {"no pull", "repository:a/b:pull", {kCreate, kOverwrite, kDelete, kCatalog}, ""},
      {"push",
       "repository:a/b:pull,push",
       {kPull, kCreate, kOverwrite},
       "repository:a/b:pull,push"},
      {"push without pull",
       "repository:a/b:pull,push",
       {kCreate, kOverwrite},
       "repository:a/b:push"},
      {"pull without push", "repository:a/b:push,pull", {kPull}, "repository:a/b:pull"},
      {"create alone is no push", "repository:a/b:push", {kCreate}, "repository:a/b:create"},
      {"overwrite alone is no push",
       "repository:a/b:push",
       {kOverwrite},
       "repository:a/b:overwrite"},
      {"create by name", "repository:a/b:create", {kCreate, kOverwrite}, "repository:a/b:create"},
      {"delete", "repository:a/b:delete", {kDelete}, "repository:a/b:delete"},
      {"push is no delete", "repository:a/b:delete", {kPull, kCreate, kOverwrite}, ""},
      {"everything", "repository:a/b:*", {kPull, kCreate, kOverwrite, kDelete}, "repository:a/b:*"},
      {"most of everything",
       "repository:a/b:*",
       {kPull, kCreate, kOverwrite},
       "repository:a/b:push,pull"},
      {"some of everything",
       "repository:a/b:*",
       {kCreate, kDelete},
       "repository:a/b:create,delete"},
      {"said twice", "repository:a/b:pull,*", {kPull}, "repository:a/b:pull"},
      {"unknown words",
       "repository:a/b:admin,pull,catalog",
       {kPull, kCatalog},
       "repository:a/b:pull"},
      {"no words", "repository:a/b:", {kPull}, ""},
      {"catalog", "registry:catalog:*", {kCatalog}, "registry:catalog:*"},
      {"no catalog", "registry:catalog:*", {kPull, kDelete}, ""},
      {"catalog is of the registry", "repository:catalog:*", {kCatalog}, ""},
      {"another thing", "registry:other:* plugin:a/b:pull", {kPull, kCatalog}, ""},
      {"another repository",
       "repository:c/d:pull repository:a/b:pull",
       {kPull},
       "repository:a/b:pull"},
      {"no name", "repository:A/../b:pull", {kPull}, ""},
      {"order",
       "repository:a/b:pull registry:catalog:*",
       {kPull, kCatalog},
       "repository:a/b:pull registry:catalog:*"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto rules = AccessRules::Make(
        {{.users = {"kim"}, .repositories = {"a/*"}, .allow = SetOf(row.allowed)}});
    const std::string_view asked = row.asked;
    const auto scopes = wire::Scope::ParseAll({&asked, 1});
    ASSERT_TRUE(scopes) << scopes.error().message;
    const std::vector<wire::Scope> granted = rules->Grant({.name = "kim"}, *scopes);
    EXPECT_EQ(Text(granted), row.granted);
    EXPECT_TRUE(rules->Grant({.name = "lee"}, *scopes).empty());
    EXPECT_TRUE(rules->Grant({}, *scopes).empty());
    // What it allows is no more than what the rules allow.
    const oci::RepositoryName repository = Named("a/b");
    const ActionSet by_token = Grants(granted).Allowed(&repository);
    EXPECT_EQ(by_token.And(SetOf(row.allowed)), by_token);
  }
}

TEST(GrantsTest, WhatATokensWordsAllow) {
  const oci::RepositoryName here = Named("a/b");
  const struct Row {
    const char* name;
    wire::Scope scope;
    std::vector<Action> here;
    std::vector<Action> anywhere;
  } rows[] = {
      {"pull", {"repository", "a/b", {"pull"}}, {Action::kPull}, {Action::kPull}},
      {"push",
       {"repository", "a/b", {"push"}},
       {Action::kCreate, Action::kOverwrite},
       {Action::kCreate, Action::kOverwrite}},
      {"star",
       {"repository", "a/b", {"*"}},
       {Action::kPull, Action::kCreate, Action::kOverwrite, Action::kDelete},
       {Action::kPull, Action::kCreate, Action::kOverwrite, Action::kDelete}},
      {"elsewhere", {"repository", "a/c", {"pull"}}, {}, {Action::kPull}},
      {"a prefix",
       {"repository", "a", {"*"}},
       {},
       {Action::kPull, Action::kCreate, Action::kOverwrite, Action::kDelete}},
      {"a glob is a name", {"repository", "a/*", {"pull"}}, {}, {Action::kPull}},
      {"a star is a name", {"repository", "*", {"delete"}}, {}, {Action::kDelete}},
      {"another case", {"Repository", "a/b", {"pull"}}, {}, {}},
      {"PULL", {"repository", "a/b", {"PULL"}}, {}, {}},
      {"two in one", {"repository", "a/b", {"pull,push"}}, {}, {}},
      {"catalog as an action", {"repository", "a/b", {"catalog"}}, {}, {}},
      {"catalog", {"registry", "catalog", {"*"}}, {}, {Action::kCatalog}},
      {"catalog, but to pull", {"registry", "catalog", {"pull"}}, {}, {}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Grants grants({row.scope});
    EXPECT_EQ(grants.Allowed(&here), SetOf(row.here));
    EXPECT_EQ(grants.Allowed(nullptr), SetOf(row.anywhere));
  }
}

TEST(GrantsTest, ATokenNeverAllowsMoreThanRules) {
  const auto rules = AccessRules::Make(
      {{.users = {"kim"}, .repositories = {"a/*"}, .allow = SetOf({Action::kPull})}});
  Identity identity{.name = "kim"};
  identity.grants = std::make_shared<const Grants>(std::vector<wire::Scope>{
      {"repository", "a/b", {"*"}}, {"repository", "c/d", {"*"}}, wire::Scope::ForCatalog()});
  const oci::RepositoryName here = Named("a/b");
  const oci::RepositoryName there = Named("c/d");
  const oci::RepositoryName not_named = Named("a/c");
  EXPECT_EQ(rules->Allowed(identity, &here), SetOf({Action::kPull}));
  EXPECT_TRUE(rules->Allowed(identity, &there).empty());
  EXPECT_TRUE(rules->Allowed(identity, &not_named).empty());
  EXPECT_FALSE(rules->Allowed(identity, nullptr).Has(Action::kCatalog));
  EXPECT_TRUE(rules->Shows(identity, not_named));
  EXPECT_FALSE(rules->Shows(identity, there));
  identity.by_rules = false;  // another issuer's, which knows best
  EXPECT_TRUE(rules->Allowed(identity, &there).Has(Action::kDelete));
  EXPECT_TRUE(rules->Allowed(identity, &not_named).empty());
  EXPECT_TRUE(rules->Allowed(identity, nullptr).Has(Action::kCatalog));
  EXPECT_TRUE(rules->Shows(identity, there));
}

}  // namespace
}  // namespace portolan::auth
