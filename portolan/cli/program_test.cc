#include <gtest/gtest.h>

#include "portolan/cli/testing/whole_program.h"

namespace portolan::cli {
namespace {

// Nothing here may reach a registry, or read a file.
class Program : public testing::Test {
 protected:
  int Run(const std::vector<std::string>& arguments) {
    fixture_.terminal.out.clear();
    fixture_.terminal.error.clear();
    const int status = RunWholeProgram(fixture_, arguments);
    EXPECT_TRUE(fixture_.service.seen().empty());
    return status;
  }
  const std::string& out() const { return fixture_.terminal.out; }
  const std::string& error() const { return fixture_.terminal.error; }

  CommandFixture fixture_{[](const http::Request&) { return http::TextResponse(500, ""); }};
};

TEST_F(Program, PrintsItsVersionAndDoesNothingElse) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--version"},
                                                    {"-v"},
                                                    {"--debug", "--version"},
                                                    {"list-tags", "--version"}}) {
    EXPECT_EQ(Run(arguments), kExitOk);
    EXPECT_EQ(out(), "portolan version 0.1.0\n");
    EXPECT_EQ(error(), "");
  }
  EXPECT_TRUE(fixture_.files.reads.empty());
}

TEST_F(Program, AloneShowsAnOverview) {
  EXPECT_EQ(Run({}), kExitUsage) << "an empty $COMMAND is no success";
  EXPECT_TRUE(out().contains("portolan list-tags REF"));
  EXPECT_TRUE(out().contains("\nExamples\n"));
  EXPECT_FALSE(out().contains("\nFiles\n"));
}

TEST_F(Program, ACommandMayHaveCommandsBelowIt) {
  struct Row {
    std::vector<std::string> arguments;
    const char* error;
  };
  const Row rows[] = {{{"tags"}, "tags: REF is required"},
                      {{"tags", "r.test/a", "b"}, "tags: one argument too many: b"},
                      {{"tags", "history"}, "tags history: REF is required"},
                      {{"tags", "history", "--sort", "size", "r.test/a"}, "unknown option --sort"},
                      {{"tags", "restore", "r.test/a"}, "names no tag"},
                      {{"tags", "--sort", "x", "r.test/history"}, "no order"},
                      {{"auth"}, "auth needs one of: explain, token"}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.error);
    EXPECT_EQ(Run(row.arguments), kExitUsage);
    EXPECT_TRUE(error().contains(row.error)) << error();
  }
  EXPECT_EQ(Run({"tags", "--help"}), kExitOk);
  EXPECT_TRUE(out().starts_with("portolan tags -- "));
  EXPECT_EQ(Run({"help", "tags", "history"}), kExitOk);
  EXPECT_TRUE(out().starts_with("portolan tags history -- "));
}

TEST_F(Program, ShowsManuals) {
  struct Row {
    std::vector<std::string> arguments;
    const char* title;
  };
  const Row rows[] = {{{"--help"}, "portolan -- "},
                      {{"-h"}, "portolan -- "},
                      {{"help"}, "portolan -- "},
                      {{"help", "list-tags"}, "portolan list-tags -- "},
                      {{"list-tags", "--help"}, "portolan list-tags -- "},
                      {{"list-tags", "-h", "ubuntu"}, "portolan list-tags -- "},
                      {{"--debug", "list-repos", "--help"}, "portolan list-repos -- "},
                      {{"help", "auth", "explain"}, "portolan auth explain -- "},
                      {{"auth", "token", "--help"}, "portolan auth token -- "},
                      {{"auth", "--help"}, "portolan auth\n"},
                      {{"help", "help"}, "portolan -- "},
                      {{"help", "exit-status"}, "portolan exit-status -- "},
                      {{"help", "completion"}, "portolan completion -- "},
                      {{"completion", "--help"}, "portolan completion -- "}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.title);
    EXPECT_EQ(Run(row.arguments), kExitOk) << error();
    EXPECT_TRUE(out().starts_with(row.title)) << out().substr(0, 200);
  }
}

TEST_F(Program, RefusesWrongCommandLines) {
  struct Row {
    std::vector<std::string> arguments;
    const char* error;
  };
  const Row rows[] = {
      {{"list-tgas", "ubuntu"},
       "portolan: unknown command list-tgas\n  hint: did you mean list-tags?\n"},
      {{"frobnicate"}, "portolan: unknown command frobnicate\n  hint: portolan help\n"},
      {{"auth", "explian", "x"},
       "portolan: unknown command auth explian\n  hint: did you mean explain?\n"},
      {{"auth"}, "portolan: auth needs one of: explain, token\n  hint: portolan help auth\n"},
      {{"list-tags", "--lmit", "3", "u"},
       "portolan: unknown option --lmit\n  hint: did you mean --limit?\n"},
      {{"list-tags", "--lmit=3", "u"},
       "portolan: unknown option --lmit\n  hint: did you mean --limit?\n"},
      {{"list-tags", "u", "--zzzzzz"},
       "portolan: unknown option --zzzzzz\n  hint: portolan help list-tags\n"},
      {{"--debgu", "list-tags", "u"},
       "portolan: unknown option --debgu\n  hint: did you mean --debug?\n"},
      {{"list-tags"}, "portolan: list-tags: REF is required\n  hint: portolan help list-tags\n"},
      {{"list-tags", "u", "--limit"},
       "portolan: list-tags: --limit needs a value\n  hint: portolan help list-tags\n"},
      {{"list-tags", "u", "--limit", "many"},
       "portolan: list-tags: not a number: --limit = many\n  hint: portolan help list-tags\n"},
      {{"list-tags", "u", "--limit", "0"}, "portolan: --limit must be at least 1\n"},
      {{"list-tags", "u", "-o", "yaml"},
       "portolan: --output: no format \"yaml\"\n  hint: json, text, ndjson or table\n"},
      {{"--command-timeout", "soon", "list-tags", "u"},
       "portolan: --command-timeout: \"soon\" is not a duration\n  hint: write for example 30s, "
       "1m30s or 500ms\n"},
      {{"list-tags", "u", "--tls-verify=maybe"},
       "portolan: --tls-verify: \"maybe\" is not true or false\n"
       "  hint: write --tls-verify, --tls-verify=true or --tls-verify=false\n"},
      {{"list-tags", "u", "--reverse="},
       "portolan: --reverse: \"\" is not true or false\n"
       "  hint: write --reverse, --reverse=true or --reverse=false\n"},
      {{"list-tags", "u", "-z"}, "portolan: unknown option -z\n  hint: portolan help list-tags\n"},
      {{"help", "list-tag"},
       "portolan: no manual for \"list-tag\"\n  hint: did you mean list-tags?\n"},
      {{"completion"},
       "portolan: completion: SHELL is required\n  hint: portolan help completion\n"},
      {{"completion", "csh"},
       "portolan: no completion for \"csh\"\n  hint: portolan completion bash, zsh or fish\n"},
      {{"completion", "bash", "zsh"},
       "portolan: completion: one argument too many: zsh\n  hint: portolan help completion\n"},
      {{"list-tags", "u", "-o", "json", "--creds", "a:b", "--no-creds"},
       "{\"error\":{\"code\":\"USAGE\",\"message\":\"--creds and --no-creds exclude each "
       "other\"},\"exit_status\":64}\n"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.error);
    EXPECT_EQ(Run(row.arguments), kExitUsage);
    EXPECT_EQ(error(), row.error);
    EXPECT_EQ(out(), "");
  }
}

TEST_F(Program, LeavesQuietlyWhenNobodyListens) {
  fixture_.terminal.broken_pipe = true;
  EXPECT_EQ(Run({"--version"}), kExitFailure);
  EXPECT_EQ(error(), "");
  EXPECT_EQ(Run({"help"}), kExitFailure);
  EXPECT_EQ(error(), "");
}

}  // namespace
}  // namespace portolan::cli
