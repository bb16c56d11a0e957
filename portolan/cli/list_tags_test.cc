#include <map>

#include <gtest/gtest.h>

#include "portolan/cli/testing/whole_program.h"

namespace portolan::cli {
namespace {

// A registry without authentication: pages by path and query.
class ListTags : public testing::Test {
 protected:
  struct Page {
    int status = 200;
    std::string body;
    std::string next;  // of the Link header
  };

  int Run(std::vector<std::string> arguments) {
    fixture_.terminal.out.clear();
    fixture_.terminal.error.clear();
    arguments.insert(arguments.begin(), "list-tags");
    return RunWholeProgram(fixture_, arguments);
  }
  http::Response Answer(const http::Request& request) {
    std::string path = request.url.target;
    // What page size is asked for is the client room's matter.
    if (const std::size_t query = path.find("?n=");
        query != std::string::npos && !path.contains("last=")) {
      path.resize(query);
    }
    const auto page = pages_.find(path);
    if (page == pages_.end() || request.url.origin.host == empty_host_) {
      return http::TextResponse(
          404, R"({"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known"}]})");
    }
    http::Headers headers{{"Content-Type", "application/json"}};
    if (!page->second.next.empty())
      headers.Add("Link", "<" + page->second.next + ">; rel=\"next\"");
    if (on_request_) on_request_();
    return http::TextResponse(page->second.status, page->second.body, headers);
  }
  const std::string& out() const { return fixture_.terminal.out; }
  const std::string& error() const { return fixture_.terminal.error; }

  std::map<std::string, Page> pages_ = {
      {"/v2/a/tags/list",
       {200, R"({"name":"a","tags":["latest","1.10","1.9"]})", "/v2/a/tags/list?last=1.9"}},
      {"/v2/a/tags/list?last=1.9", {200, R"({"name":"a","tags":["2.0","edge"]})", ""}},
      {"/v2/empty/tags/list", {200, R"({"name":"empty","tags":null})", ""}},
      {"/v2/odd/tags/list", {200, R"({"name":"odd","tags":["ok","-bad"]})", ""}},
      {"/v2/half/tags/list",
       {200, R"({"name":"half","tags":["1","2"]})", "/v2/half/tags/list?last=2"}},
      {"/v2/half/tags/list?last=2", {500, "oh", ""}}};
  std::string empty_host_;  // where nothing is
  std::function<void()> on_request_;
  CommandFixture fixture_{[this](const http::Request& request) { return Answer(request); }};
};

TEST_F(ListTags, PrintsSkopeosJson) {
  EXPECT_EQ(Run({"docker://r.example/a"}), kExitOk) << error();
  EXPECT_EQ(out(),
            "{\n    \"Repository\": \"r.example/a\",\n    \"Tags\": [\n        \"latest\",\n       "
            " \"1.10\",\n"
            "        \"1.9\",\n        \"2.0\",\n        \"edge\"\n    ]\n}\n");
  EXPECT_EQ(error(), "");
  EXPECT_EQ(Run({"r.example/empty"}), kExitOk);
  EXPECT_EQ(out(), "{\n    \"Repository\": \"r.example/empty\",\n    \"Tags\": []\n}\n");
}

TEST_F(ListTags, TakesTheCommandLinesOfSkopeosScripts) {
  pages_["/v2/a/tags/list"] = {.body = R"({"name":"a","tags":["1","2","3"]})"};
  EXPECT_EQ(Run({"-o", "text", "--", "r.test/a"}), kExitOk) << fixture_.terminal.error;
  EXPECT_EQ(fixture_.terminal.out, "1\n2\n3\n");
  EXPECT_EQ(Run({"-o", "json", "--limit", "1", "-o", "text", "--limit", "2", "r.test/a"}), kExitOk)
      << fixture_.terminal.error;
  EXPECT_EQ(fixture_.terminal.out, "1\n2\n") << "the last one counts";
  EXPECT_EQ(Run({"--insecure-policy", "--policy", "p.json", "--override-arch", "arm64",
                 "--tmpdir=/t", "-o", "text", "--reverse=f", "r.test/a"}),
            kExitOk)
      << fixture_.terminal.error;
  EXPECT_EQ(fixture_.terminal.out, "1\n2\n3\n");
}

TEST_F(ListTags, SaysWhatIsNoRepository) {
  EXPECT_EQ(Run({"localhost:5000"}), kExitUsage);
  EXPECT_EQ(fixture_.terminal.error,
            "portolan: localhost:5000 is a registry: name a repository of it\n"
            "  hint: portolan list-repos localhost:5000\n");
  EXPECT_EQ(Run({"docker-archive:/x.tar"}), kExitUsage);
  EXPECT_NE(fixture_.terminal.error.find("the transport docker-archive: is not supported"),
            std::string::npos);
  EXPECT_EQ(Run({"redis:7"}), kExitUsage);
  EXPECT_NE(fixture_.terminal.error.find("a tag is not allowed"), std::string::npos)
      << "a short name with a tag";
}

TEST_F(ListTags, PrintsOtherFormats) {
  struct Row {
    std::vector<std::string> arguments;
    const char* expected;
  };
  const Row rows[] = {
      {{"r.example/a", "-o", "text"}, "latest\n1.10\n1.9\n2.0\nedge\n"},
      {{"r.example/a", "-otable"}, "TAG\nlatest\n1.10\n1.9\n2.0\nedge\n"},
      {{"r.example/a", "--output=ndjson", "--limit", "1"},
       "{\"repository\":\"r.example/a\",\"tag\":\"latest\"}\n"},
      {{"r.example/a", "-o", "text", "--sort", "natural", "--reverse"},
       "latest\nedge\n2.0\n1.10\n1.9\n"},
      {{"r.example/a", "-o", "text", "--sort", "semver", "--limit", "2"}, "1.9\n1.10\n"},
      {{"r.example/a", "-o", "text", "--match", "1.*", "--match", "e*"}, "1.10\n1.9\nedge\n"},
      {{"-o", "text", "--match", "1.*", "r.example/a", "--exclude", "*9"}, "1.10\n"},
      {{"r.example/a", "-o", "text", "--semver", "^1", "--regex", "9$"}, "1.9\n"},
      {{"r.example/empty", "-o", "text"}, ""},
      {{"r.example/empty", "-o", "table"}, "TAG\n"},
      {{"r.example/a", "r.example/empty", "-o", "table", "--limit", "1"},
       "REPOSITORY       TAG\nr.example/a      latest\n"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.expected);
    EXPECT_EQ(Run(row.arguments), kExitOk) << error();
    EXPECT_EQ(out(), row.expected);
  }
}

TEST_F(ListTags, AsksForNoMorePagesThanTheLimitNeeds) {
  EXPECT_EQ(Run({"r.example/a", "-o", "text", "--limit", "2"}), kExitOk);
  EXPECT_EQ(out(), "latest\n1.10\n");
  EXPECT_EQ(fixture_.service.seen().size(), 1U);
  EXPECT_EQ(Run({"r.example/a", "-o", "text", "--limit", "2", "--match", "1*"}), kExitOk)
      << error();
  EXPECT_EQ(out(), "1.10\n1.9\n");
  EXPECT_EQ(fixture_.service.seen().size(), 2U);
  EXPECT_EQ(Run({"r.example/a", "--limit", "1", "--match", "1*"}), kExitOk) << error();
  EXPECT_EQ(
      out(),
      "{\n    \"Repository\": \"r.example/a\",\n    \"Tags\": [\n        \"1.10\"\n    ]\n}\n");
  EXPECT_EQ(fixture_.service.seen().size(), 3U);
}

TEST_F(ListTags, ShowsInvalidTagsApart) {
  EXPECT_EQ(Run({"r.example/odd"}), kExitOk);
  EXPECT_TRUE(out().contains("    \"InvalidTags\": [\n        \"-bad\"\n    ]\n}\n")) << out();
  EXPECT_TRUE(error().starts_with("portolan: warning: ")) << error();
  EXPECT_EQ(Run({"r.example/odd", "-o", "ndjson"}), kExitOk);
  EXPECT_TRUE(out().ends_with("{\"repository\":\"r.example/odd\",\"invalid_tag\":\"-bad\"}\n"))
      << out();
  EXPECT_EQ(Run({"r.example/odd", "-o", "text"}), kExitOk);
  EXPECT_EQ(out(), "ok\n");
}

TEST_F(ListTags, AFailureAfterPrintedPagesIsPartial) {
  EXPECT_EQ(Run({"r.example/half", "-o", "text"}), kExitPartial);
  EXPECT_EQ(out(), "1\n2\n");
  EXPECT_TRUE(error().starts_with("portolan: half: 2 tags were printed, the rest failed: "))
      << error();
  EXPECT_EQ(Run({"r.example/half", "-o", "ndjson"}), kExitPartial);
  EXPECT_TRUE(error().starts_with("{\"error\":{\"code\":\"PARTIAL\"")) << error();
  EXPECT_TRUE(error().ends_with("\"exit_status\":7}\n"));
}

TEST_F(ListTags, AListThatCannotBeFollowedToItsEndIsPartial) {
  pages_["/v2/a/tags/list"] = {.body = R"({"name":"a","tags":["1","2"]})",
                               .next = "https://u:p@r.test/p"};
  EXPECT_EQ(Run({"r.test/a"}), kExitPartial);
  EXPECT_NE(fixture_.terminal.out.find("\"2\""), std::string::npos) << "what was read is printed";
  EXPECT_NE(fixture_.terminal.error.find("may be incomplete"), std::string::npos);
  EXPECT_EQ(Run({"r.test/a", "-o", "table"}), kExitPartial);
  EXPECT_NE(fixture_.terminal.out.find("2\n"), std::string::npos);
}

TEST_F(ListTags, JsonAndSortedListsAreAllOrNothing) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"r.example/half"},
        {"r.example/half", "-o", "table"},
        {"r.example/half", "-o", "text", "--sort", "lexical"}}) {
    EXPECT_EQ(Run(arguments), kExitServer) << error();
    EXPECT_EQ(out(), "");
  }
}

TEST_F(ListTags, PrintsSeveralInTheOrderGiven) {
  EXPECT_EQ(Run({"r.example/a", "r.example/empty", "r.example/odd", "-o", "text"}), kExitOk);
  EXPECT_EQ(out(), "latest\n1.10\n1.9\n2.0\nedge\nok\n");
}

TEST_F(ListTags, PrintsWhatItCanWhenSomeFail) {
  EXPECT_EQ(Run({"r.example/nope", "r.example/a", "-o", "text"}), kExitPartial);
  EXPECT_EQ(out(), "latest\n1.10\n1.9\n2.0\nedge\n");
  EXPECT_TRUE(error().contains("r.example/nope")) << error();
  EXPECT_TRUE(error().ends_with("portolan: 1 of 2 lists failed\n")) << error();
  EXPECT_EQ(Run({"r.example/nope", "r.example/none"}), kExitNotFound);
  EXPECT_EQ(out(), "");
  EXPECT_TRUE(error().ends_with("portolan: all 2 lists failed\n")) << error();
  // One exit status, of the command.
  EXPECT_EQ(Run({"r.example/a", "r.example/none", "-o", "json"}), kExitPartial);
  EXPECT_EQ(error().find("\"exit_status\""), error().rfind("\"exit_status\"")) << error();
  EXPECT_TRUE(error().ends_with("\"exit_status\":7}\n")) << error();
}

TEST_F(ListTags, AMissingRepositoryIsNotFound) {
  EXPECT_EQ(Run({"r.example/nope", "-o", "json"}), kExitNotFound);
  EXPECT_TRUE(error().contains("\"code\":\"NAME_UNKNOWN\"")) << error();
  EXPECT_TRUE(error().contains("\"http_status\":404")) << error();
  EXPECT_TRUE(error().contains("\"errors\":[{")) << error();
}

TEST_F(ListTags, RefusesTagsAndDigests) {
  EXPECT_EQ(Run({"ubuntu:22.04"}), kExitUsage);
  EXPECT_EQ(
      error(),
      "portolan: ubuntu:22.04: a tag is not allowed here: all tags of a repository are listed\n"
      "  hint: portolan list-tags docker.io/library/ubuntu\n");
  EXPECT_EQ(Run({"quay.io/a/b@sha256:" + std::string(64, 'a')}), kExitUsage);
  EXPECT_TRUE(error().contains("a digest is not allowed here")) << error();
  EXPECT_EQ(Run({"UPPER/case"}), kExitUsage);
  EXPECT_TRUE(fixture_.service.seen().empty());
}

TEST_F(ListTags, AnImageMayHaveACommandsName) {
  pages_["/v2/library/login/tags/list"] = {200, R"({"name":"x","tags":["1"]})", ""};
  EXPECT_EQ(Run({"login", "-o", "text"}), kExitOk) << error();
  EXPECT_EQ(out(), "1\n");
}

TEST_F(ListTags, TriesTheNextMeaningOfAShortName) {
  fixture_.files.files["/etc/containers/registries.conf"] = {
      .content =
          "unqualified-search-registries = [\"one.example\", \"two.example\"]\nshort-name-mode = "
          "\"permissive\"\n"};
  EXPECT_EQ(Run({"a", "-o", "ndjson", "--limit", "1"}), kExitOk) << error();
  EXPECT_EQ(out(), "{\"repository\":\"one.example/a\",\"tag\":\"latest\"}\n");
  empty_host_ = "one.example";
  EXPECT_EQ(Run({"a", "-o", "ndjson", "--limit", "1"}), kExitOk) << error();
  EXPECT_EQ(out(), "{\"repository\":\"two.example/a\",\"tag\":\"latest\"}\n");
  EXPECT_EQ(Run({"nope", "-o", "text"}), kExitNotFound);
  EXPECT_EQ(fixture_.service.seen().back().url.origin.host, "two.example");
}

TEST_F(ListTags, StopsWhenNobodyListens) {
  fixture_.terminal.broken_pipe = true;
  EXPECT_EQ(Run({"r.example/a", "-o", "text"}), kExitFailure);
  EXPECT_EQ(error(), "");
  EXPECT_EQ(fixture_.service.seen().size(), 1U);
}

TEST_F(ListTags, ShowsProgressOnATerminalOnly) {
  std::vector<std::string> shown;
  on_request_ = [&] {
    fixture_.clock.Advance(std::chrono::seconds(1));
    shown.push_back(fixture_.terminal.progress);
  };
  const std::vector<std::string> expected = {"", "a: 3 tags, 1 page, 3/s"};
  fixture_.terminal.terminal = true;
  EXPECT_EQ(Run({"r.example/a"}), kExitOk);
  EXPECT_EQ(shown, expected);
  EXPECT_EQ(fixture_.terminal.progress, "");
  shown.clear();
  EXPECT_EQ(Run({"--debug", "r.example/a"}), kExitOk);
  EXPECT_EQ(shown, (std::vector<std::string>{"", ""}));
}

TEST_F(ListTags, DebugTellsTheStory) {
  EXPECT_EQ(Run({"--debug", "r.example/a"}), kExitOk);
  EXPECT_TRUE(error().contains(" ms] ")) << error();
  EXPECT_TRUE(error().contains("/v2/a/tags/list")) << error();
}

TEST_F(ListTags, ReadsTheFilesThatFlagsName) {
  EXPECT_EQ(Run({"r.example/a", "--registries-conf", "/nope.conf"}), kExitFailure);
  EXPECT_TRUE(error().contains("/nope.conf")) << error();
  EXPECT_TRUE(fixture_.service.seen().empty());
}

}  // namespace
}  // namespace portolan::cli
