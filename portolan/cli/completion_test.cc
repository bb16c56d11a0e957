// Completion scripts in the hands of a real shell.
#include "portolan/cli/completion.h"

#include <cstdio>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "portolan/cli/testing/whole_program.h"

namespace portolan::cli {
namespace {

std::string Script(const std::string& shell) {
  CommandFixture fixture([](const http::Request&) { return http::TextResponse(500, ""); });
  EXPECT_EQ(RunWholeProgram(fixture, {"completion", shell}), kExitOk);
  EXPECT_TRUE(fixture.service.seen().empty());
  return fixture.terminal.out;
}

// Runs a shell command and gives what it prints.
std::string Shell(const std::string& command) {
  std::string out;
  FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return "popen failed";
  for (int c = fgetc(pipe); c != EOF; c = fgetc(pipe)) out += static_cast<char>(c);
  if (const int status = pclose(pipe); status != 0) out += "status " + std::to_string(status);
  return out;
}

bool Has(const std::string& program) { return Shell("command -v " + program + " || true") != ""; }

std::string SaveScript(const std::string& shell) {
  std::string path = testing::TempDir() + "portolan_completion." + shell;
  std::ofstream(path) << Script(shell);
  return path;
}

// What bash offers for the last of `words`, one space behind each.
std::string Complete(const std::string& script, const std::string& words, int count) {
  std::ostringstream command;
  command << "bash -c 'source " << script << "; COMP_WORDS=(" << words
          << "); COMP_CWORD=" << count - 1 << "; _portolan; printf \"%s \" \"${COMPREPLY[@]}\"'";
  return Shell(command.str());
}

TEST(Completion, WorksInBash) {
  const std::string script = SaveScript("bash");
  struct Row {
    const char* words;
    int count;
    const char* expected;
  };
  const Row rows[] = {
      {"portolan list", 2, "list-tags list-repos "},
      {"portolan a", 2, "api auth "},
      {"portolan --de", 2, "--debug "},
      {"portolan auth \"\"", 3, "explain token "},
      {"portolan list-tags \"\"", 3, " "},
      {"portolan auth -", 3, "-h --help -v --version --debug --command-timeout "},
      {"portolan list-tags --so", 3, "--sort "},
      {"portolan --debug list-tags ubuntu --deb", 5, "--debug "},
      {"portolan list-tags --sort \"\"", 4, "registry lexical natural semver "},
      {"portolan list-tags --sort s", 4, "semver "},
      {"portolan list-tags --sort = s", 5, "semver "},
      {"portolan list-tags --sort =", 4, "registry lexical natural semver "},
      {"portolan list-repos -o t", 4, "text table "},
      {"portolan list-tags --match x", 4, " "},
      {"portolan completion f", 3, "fish "},
      {"portolan help exit", 3, "exit-status "},
      {"portolan list-tags --authfile /etc/os-rel", 4, "/etc/os-release "},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.words);
    const std::string offered = Complete(script, row.words, row.count);
    EXPECT_TRUE(offered.starts_with(row.expected)) << offered;
    const bool options = std::string_view(row.expected).starts_with('-');
    EXPECT_EQ(offered.starts_with('-'), options) << offered;
  }
}

TEST(Completion, ZshScriptIsValid) {
  if (!Has("zsh")) GTEST_SKIP() << "zsh is not installed";
  EXPECT_EQ(Shell("zsh -n " + SaveScript("zsh") + " 2>&1"), "");
}

TEST(Completion, FishScriptIsValid) {
  if (!Has("fish")) GTEST_SKIP() << "fish is not installed";
  EXPECT_EQ(Shell("fish -n " + SaveScript("fish") + " 2>&1"), "");
}

TEST(Completion, ScriptsNameCommandsOptionsAndValues) {
  const std::string zsh = Script("zsh");
  EXPECT_TRUE(zsh.starts_with("#compdef portolan\n"));
  EXPECT_TRUE(
      zsh.contains("\"list-tags\":--sort) compadd -- registry lexical natural semver; return ;;"));
  EXPECT_TRUE(zsh.contains("\"list-tags\":--authfile) _files; return ;;"));
  EXPECT_TRUE(zsh.contains("\"list-tags\":--cert-dir) _files -/; return ;;"));
  const std::string fish = Script("fish");
  EXPECT_TRUE(fish.contains(
      "complete -c portolan -n '__fish_use_subcommand' -a list-tags -d 'list the tags"));
  EXPECT_TRUE(fish.contains(
      "complete -c portolan -n '__fish_seen_subcommand_from list-tags' -s o -l output -x -a 'json "
      "text ndjson table'"));
  EXPECT_TRUE(fish.contains("-n '__fish_seen_subcommand_from auth' -a explain"));
  EXPECT_TRUE(fish.contains("-n __fish_use_subcommand -a auth\n"));
}

TEST(Completion, RefusesOtherShells) {
  const auto script = CompletionScript("csh", {});
  ASSERT_FALSE(script.has_value());
  EXPECT_EQ(script.error().code, ErrorCode::kUsage);
}

}  // namespace
}  // namespace portolan::cli
