#include <gtest/gtest.h>

#include "portolan/cli/testing/whole_program.h"

namespace portolan::cli {
namespace {

class ListRepos : public testing::Test {
 protected:
  int Run(std::vector<std::string> arguments) {
    fixture_.terminal.out.clear();
    fixture_.terminal.error.clear();
    arguments.insert(arguments.begin(), "list-repos");
    return RunWholeProgram(fixture_, arguments);
  }
  const std::string& out() const { return fixture_.terminal.out; }
  const std::string& error() const { return fixture_.terminal.error; }

  CommandFixture fixture_{[](const http::Request& request) {
    if (!request.url.target.starts_with("/v2/_catalog")) return http::TextResponse(404, "");
    return http::TextResponse(200, R"({"repositories":["team/a","team/b","other","BAD"]})");
  }};
};

TEST_F(ListRepos, PrintsARegistry) {
  EXPECT_EQ(Run({"r.example", "--match", "team/*"}), kExitOk) << error();
  EXPECT_EQ(out(),
            "{\n    \"Registry\": \"r.example\",\n    \"Repositories\": [\n        \"team/a\",\n   "
            "     \"team/b\"\n"
            "    ],\n    \"InvalidRepositories\": [\n        \"BAD\"\n    ]\n}\n");
  EXPECT_EQ(Run({"docker://r.example/", "-o", "ndjson", "--limit", "1"}), kExitOk) << error();
  EXPECT_TRUE(out().starts_with("{\"registry\":\"r.example\",\"repository\":\"team/a\"}\n"))
      << out();
  EXPECT_EQ(Run({"HTTPS://r.example/v2/", "-o", "text"}), kExitOk) << error();
  EXPECT_EQ(out(), "team/a\nteam/b\nother\n");
}

TEST_F(ListRepos, RefusesRepositories) {
  EXPECT_EQ(Run({"r.example/team"}), kExitUsage);
  EXPECT_EQ(error(),
            "portolan: r.example/team is a repository, not a registry\n"
            "  hint: portolan list-repos r.example --match 'team/*'\n");
  EXPECT_EQ(Run({"r.example:http"}), kExitUsage);
  EXPECT_TRUE(fixture_.service.seen().empty());
}

}  // namespace
}  // namespace portolan::cli
