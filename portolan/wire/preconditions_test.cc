#include "portolan/wire/preconditions.h"

#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace portolan::wire {
namespace {

using Fields = std::vector<std::string_view>;

TEST(EntityTagTest, IsMatched) {
  struct Row {
    const char* name;
    Fields fields;
    bool want;
  };
  // The tag is `sha256:1a`.
  const Row rows[] = {
      {"no field", {}, false},
      {"empty field", {""}, false},
      {"quoted", {R"("sha256:1a")"}, true},
      {"unquoted", {"sha256:1a"}, true},
      {"unquoted with space", {"  sha256:1a "}, true},
      {"weak", {R"(W/"sha256:1a")"}, true},
      {"weak in lower case is no tag", {R"(w/"sha256:1a")"}, false},
      {"any", {"*"}, true},
      {"any in a list", {R"("x", *)"}, true},
      {"a tag that is a star", {R"("*")"}, false},
      {"other", {R"("sha256:1b")"}, false},
      {"beginning", {R"("sha256:1")"}, false},
      {"longer", {R"("sha256:1ab")"}, false},
      {"case matters", {R"("SHA256:1A")"}, false},
      {"second of a list", {R"("x", "sha256:1a")"}, true},
      {"without space", {R"("x","sha256:1a","y")"}, true},
      {"third of an unquoted list", {"x,y,sha256:1a"}, true},
      {"second field", {R"("x")", R"("sha256:1a")"}, true},
      {"comma inside quotes", {R"("x,sha256:1a,y")"}, false},
      {"not closed", {R"("sha256:1a)"}, false},
      {"only commas", {",, ,"}, false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(MatchesEntityTag(row.fields, "sha256:1a"), row.want) << row.name;
  }
}

TEST(AcceptTest, IsUnderstood) {
  struct Row {
    const char* name;
    Fields fields;
    bool accepts;
    bool by_name;
  };
  // Of the type `application/x.y+json`.
  const Row rows[] = {
      {"no field", {}, true, false},
      {"empty field", {""}, true, false},
      {"only commas", {" , ,"}, true, false},
      {"itself", {"application/x.y+json"}, true, true},
      {"in another case", {"Application/X.Y+JSON"}, true, true},
      {"another", {"application/x.z+json"}, false, false},
      {"beginning", {"application/x.y"}, false, false},
      {"everything", {"*/*"}, true, false},
      {"old everything", {"*"}, true, false},
      {"main type", {"application/*"}, true, false},
      {"other main type", {"text/*"}, false, false},
      {"part of a main type", {"app/*"}, false, false},
      {"in a list", {"text/html, application/x.y+json;q=0.5, */*"}, true, true},
      {"in the second field", {"text/html", "application/x.y+json"}, true, true},
      {"with parameters", {"application/x.y+json; charset=utf-8; q=0.1"}, true, true},
      {"refused", {"application/x.y+json;q=0"}, false, false},
      {"refused, but all else is fine", {"*/*, application/x.y+json; Q = 0.000"}, false, false},
      {"main type refused", {"*/*, application/*;q=0.0"}, false, false},
      {"main type refused, itself fine", {"application/*;q=0, application/x.y+json"}, true, true},
      {"everything refused, itself fine", {"application/x.y+json, */*;q=0"}, true, true},
      {"refused and allowed", {"application/x.y+json;q=0", "application/x.y+json"}, true, true},
      {"small quality", {"application/x.y+json;q=0.001"}, true, true},
      {"quality that is none", {"application/x.y+json;q=none"}, true, true},
      {"other parameter is zero", {"application/x.y+json;v=0"}, true, true},
      {"parameter without value", {"application/x.y+json;q"}, true, true},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Accepts(row.fields, "application/x.y+json"), row.accepts) << row.name;
    EXPECT_EQ(AcceptsByName(row.fields, "application/x.y+json"), row.by_name) << row.name;
  }
}

}  // namespace
}  // namespace portolan::wire
