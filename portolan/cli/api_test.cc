// portolan api as a user meets it; what its body is made of is in api_body_test.cc.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/cli/testing/command_fixture.h"

namespace portolan::cli {
namespace {

using Strings = std::vector<std::string>;

http::Response Tags(const http::Request& request) {
  if (request.url.target == "/v2/library/ubuntu/tags/list?n=2") {
    return http::TextResponse(
        200, R"({"name":"library/ubuntu","tags":["10.04","12.04"]})",
        {{"content-type", "application/json"},
         {"link", R"(</v2/library/ubuntu/tags/list?last=12.04&n=2>; rel="next")"}});
  }
  if (request.url.target == "/v2/library/ubuntu/tags/list?last=12.04&n=2") {
    return http::TextResponse(200, R"({"name":"library/ubuntu","tags":["12.10"]})"
                                   "\n");
  }
  return http::TextResponse(
      404,
      R"({"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry"}]})"
      "\n");
}

TEST(Api, IsTheFoundingDocumentsCurlFlowInOneCommand) {
  CommandFixture fixture(TokenRegistry("t0k", Tags));
  const Status status = fixture.Run(NewApiCommand(), {"ubuntu", "tags/list?n=2", "-i"});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(fixture.terminal.out,
            "HTTP/1.1 200\n"
            "content-type: application/json\n"
            "link: </v2/library/ubuntu/tags/list?last=12.04&n=2>; rel=\"next\"\n"
            "\n"
            R"({"name":"library/ubuntu","tags":["10.04","12.04"]})");
  EXPECT_EQ(fixture.terminal.error, "");
  EXPECT_EQ(
      fixture.Requests(),
      (Strings{
          "GET https://registry-1.docker.io/v2/library/ubuntu/tags/list?n=2",
          "GET https://auth.example/token?scope=repository%3Alibrary%2Fubuntu%3Apull&service=reg",
          "GET https://registry-1.docker.io/v2/library/ubuntu/tags/list?n=2"}));
}

TEST(Api, PrintsEveryPage) {
  CommandFixture fixture(Tags);
  const Status status =
      fixture.Run(NewApiCommand(), {"--paginate", "docker://ubuntu", "tags/list?n=2"});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(fixture.terminal.out, R"({"name":"library/ubuntu","tags":["10.04","12.04"]})"
                                  "\n"
                                  R"({"name":"library/ubuntu","tags":["12.10"]})"
                                  "\n");
}

TEST(Api, PrintsAFailureAsItIsAndGivesItsError) {
  CommandFixture fixture(Tags);
  const Status status = fixture.Run(NewApiCommand(), {"quay.io/a/b", "tags/list?n=2"});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kNameUnknown);
  EXPECT_EQ(status.error().http_status, 404);
  EXPECT_EQ(InfoOf(status.error().code).exit_status, kExitNotFound);
  EXPECT_TRUE(status.error().message.starts_with("GET tags/list of quay.io/a/b: "))
      << status.error().message;
  EXPECT_TRUE(status.error().hint.ends_with("portolan login quay.io")) << status.error().hint;
  EXPECT_EQ(
      fixture.terminal.out,
      R"({"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry"}]})"
      "\n");
}

TEST(Api, HeadersDoNotSteerATerminal) {
  for (const bool on_terminal : {true, false}) {
    CommandFixture fixture([](const http::Request&) {
      return http::TextResponse(200, "",
                                {{"X-Odd", "a\x1b[2Jb"}, {"X-Long", std::string(999, 'x')}});
    });
    fixture.terminal.terminal = on_terminal;
    ASSERT_TRUE(fixture.Run(NewApiCommand(), {"quay.io", "/v2/", "-i"}));
    const std::string_view odd = on_terminal ? "\nX-Odd: a\\x1b[2Jb\n" : "\nX-Odd: a\x1b[2Jb\n";
    EXPECT_TRUE(fixture.terminal.out.contains(odd)) << fixture.terminal.out;
    EXPECT_TRUE(fixture.terminal.out.contains("X-Long: " + std::string(999, 'x') + "\n"));
  }
}

TEST(Api, NamesTheFailedPathOfAUrl) {
  CommandFixture fixture([](const http::Request&) { return http::TextResponse(404, ""); });
  const Status status =
      fixture.Run(NewApiCommand(), {"quay.io/a/b", "https://quay.io/v2/x?_state=s3cret"});
  ASSERT_FALSE(status);
  EXPECT_TRUE(status.error().message.starts_with("GET /v2/x of quay.io/a/b: "))
      << status.error().message;
}

TEST(Api, NamesTheOtherHostThatARedirectLedToButNotItsSignature) {
  CommandFixture fixture([](const http::Request& request) {
    if (request.url.origin.host == "cdn.example") return http::TextResponse(403, "expired");
    return http::TextResponse(307, "", {{"Location", "https://cdn.example/x/y?sig=s3cret"}});
  });
  const Status status = fixture.Run(NewApiCommand(), {"quay.io/a/b", "blobs/sha256:0"});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kDenied);
  EXPECT_TRUE(status.error().message.starts_with(
      "GET blobs/sha256:0 (redirected to https://cdn.example) of quay.io/a/b: "))
      << status.error().message;
  EXPECT_FALSE(status.error().message.contains("s3cret"));
  EXPECT_EQ(fixture.terminal.out, "expired");
}

TEST(Api, AsksRepositoriesAndRegistriesAlone) {
  struct Row {
    const char* name;
    Strings arguments;
    const char* request;
  };
  const Row rows[] = {
      {"host", {"quay.io", "/v2/"}, "GET https://quay.io/v2/"},
      {"web address", {"https://quay.io", "/v2/"}, "GET https://quay.io/v2/"},
      {"URL",
       {"quay.io/a/b", "https://quay.io/v2/a/b/x?_state=1"},
       "GET https://quay.io/v2/a/b/x?_state=1"},
      {"URL and a registry with a port",
       {"registry:5000", "http://registry:5000/v2/x"},
       "GET https://registry:5000/v2/x"},
      {"transport", {"docker://quay.io", "/v2/"}, "GET https://quay.io/v2/"},
      {"host and port",
       {"registry:5000", "/v2/_catalog?n=1"},
       "GET https://registry:5000/v2/_catalog?n=1"},
      {"Docker Hub", {"docker.io", "/v2/"}, "GET https://registry-1.docker.io/v2/"},
      {"repository, but the host's path", {"quay.io/a/b", "/v2/"}, "GET https://quay.io/v2/"},
      {"image with a numeric tag",
       {"redis:7", "tags/list"},
       "GET https://registry-1.docker.io/v2/library/redis/tags/list"},
      {"head", {"quay.io", "/v2/", "--head"}, "HEAD https://quay.io/v2/"},
      {"method",
       {"quay.io/a/b", "manifests/1", "-X", "delete"},
       "DELETE https://quay.io/v2/a/b/manifests/1"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    CommandFixture fixture([](const http::Request&) { return http::TextResponse(200, "{}"); });
    const Status status = fixture.Run(NewApiCommand(), row.arguments);
    EXPECT_TRUE(status) << status.error().message;
    EXPECT_EQ(fixture.Requests(), Strings{row.request});
  }
}

TEST(Api, ShowsTheHeadOfAHeadRequest) {
  for (const Strings& head : {Strings{"--head"}, Strings{"-X", "head"}}) {
    SCOPED_TRACE(head.front());
    CommandFixture fixture([](const http::Request&) {
      return http::TextResponse(200, "", {{"Docker-Content-Digest", "sha256:0"}});
    });
    Strings arguments = head;
    arguments.insert(arguments.end(), {"quay.io/a/b", "manifests/1"});
    ASSERT_TRUE(fixture.Run(NewApiCommand(), arguments));
    EXPECT_EQ(fixture.terminal.out, "HTTP/1.1 200\nDocker-Content-Digest: sha256:0\n\n");
    EXPECT_EQ(fixture.Requests(), Strings{"HEAD https://quay.io/v2/a/b/manifests/1"});
  }
}

TEST(Api, SendsHeadersAndABody) {
  CommandFixture fixture([](const http::Request&) { return http::TextResponse(201, ""); });
  fixture.terminal.input = "{}";
  const Status status =
      fixture.Run(NewApiCommand(), {"-X", "PUT", "-H", "Content-Type: application/json", "-H",
                                    "X-A:b ", "quay.io/a/b", "manifests/1", "-d", "@-"});
  ASSERT_TRUE(status) << status.error().message;
  ASSERT_EQ(fixture.service.seen().size(), 1U);
  const auto& seen = fixture.service.seen()[0];
  EXPECT_EQ(seen.method, "PUT");
  EXPECT_EQ(seen.body, "{}");
  EXPECT_EQ(seen.headers.GetAll("Content-Type"), std::vector<std::string_view>{"application/json"});
  EXPECT_EQ(seen.headers.Get("X-A"), "b");
}

TEST(Api, PostsDataByDefaultAndSendsItAgainAfterAChallenge) {
  CommandFixture fixture(
      TokenRegistry("t0k", [](const http::Request&) { return http::TextResponse(202, ""); }));
  ASSERT_TRUE(fixture.Run(NewApiCommand(), {"quay.io/a/b", "blobs/uploads/", "-d", "text"}));
  ASSERT_EQ(fixture.service.seen().size(), 3U);
  for (const int i : {0, 2}) {
    SCOPED_TRACE(i);
    const auto& seen = fixture.service.seen()[i];
    EXPECT_EQ(seen.method, "POST");
    EXPECT_EQ(seen.body, "text");
    EXPECT_EQ(seen.headers.Get("Content-Type"), "application/octet-stream");
  }
  EXPECT_EQ(fixture.service.seen()[1].url.target,
            "/token?scope=repository%3Aa%2Fb%3Apull%2Cpush&service=reg");
}

TEST(Api, RefusesWrongUseBeforeAnythingIsSent) {
  struct Row {
    const char* name;
    Strings arguments;
    const char* message;
  };
  const Row rows[] = {
      {"authorization",
       {"quay.io", "/v2/", "-H", "authorization: Bearer s3cret"},
       "header authorization cannot be given"},
      {"framing",
       {"quay.io", "/v2/", "-H", "Content-Length: 5"},
       "header Content-Length cannot be given: it follows from the request"},
      {"no colon", {"quay.io", "/v2/", "-H", "Accept"}, "Accept is not a header"},
      {"bad name", {"quay.io", "/v2/", "-H", "A b: c"}, "A b: c is not a header"},
      {"line end in a value",
       {"quay.io", "/v2/", "-H", "A: b\r\nC: d"},
       "the value of header A has a control character"},
      {"bad method", {"quay.io", "/v2/", "-X", "GET /"}, "GET / is not a method"},
      {"head and data",
       {"quay.io", "/v2/", "--head", "-d", "x"},
       "--head excludes --data and every other --method"},
      {"head and method",
       {"quay.io", "/v2/", "--head", "-X", "GET"},
       "--head excludes --data and every other --method"},
      {"get and data",
       {"quay.io", "/v2/", "-X", "get", "-d", "x"},
       "GET has no body: --data excludes it"},
      {"paginate and method",
       {"quay.io", "/v2/", "--paginate", "-X", "DELETE"},
       "--paginate needs GET, not DELETE"},
      {"empty path", {"quay.io", ""}, "the path is empty"},
      {"web address of another host",
       {"quay.io", "https://other.example/v2/"},
       "https://other.example is not on quay.io, to which the credentials belong"},
      {"space",
       {"quay.io", "/v2/ x"},
       "the path /v2/ x has characters that must be percent-encoded"},
      {"fragment",
       {"quay.io", "/v2/#x"},
       "the path /v2/#x has characters that must be percent-encoded"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    CommandFixture fixture([](const http::Request&) { return http::TextResponse(200, ""); });
    const Status status = fixture.Run(NewApiCommand(), row.arguments);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::kUsage);
    EXPECT_EQ(status.error().message, row.message);
    EXPECT_FALSE(status.error().hint.contains("s3cret"));
    EXPECT_EQ(fixture.Requests(), Strings{});
  }
}

TEST(Api, RefusesAReferenceThatIsNone) {
  CommandFixture fixture([](const http::Request&) { return http::TextResponse(200, ""); });
  const Status status = fixture.Run(NewApiCommand(), {"quay.io/A", "tags/list"});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kReferenceInvalid);
}

TEST(Api, KeepsBinaryDataOffATerminal) {
  CommandFixture fixture(
      [](const http::Request&) { return http::TextResponse(200, std::string("\x1f\x8b\0\0", 4)); });
  fixture.terminal.terminal = true;
  const Status refused = fixture.Run(NewApiCommand(), {"quay.io/a", "blobs/x"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUsage);
  EXPECT_EQ(fixture.terminal.out, "");

  fixture.terminal.terminal = false;
  EXPECT_TRUE(fixture.Run(NewApiCommand(), {"quay.io/a", "blobs/x"}));
  EXPECT_EQ(fixture.terminal.out, std::string("\x1f\x8b\0\0", 4));
}

TEST(Api, EndsWithStandardOutput) {
  CommandFixture fixture(Tags);
  fixture.terminal.broken_pipe = true;
  const Status status = fixture.Run(NewApiCommand(), {"ubuntu", "tags/list?n=2", "--paginate"});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kIo);
  EXPECT_EQ(fixture.service.seen().size(), 1U);
}

// Pieces go out as they come; nothing waits for the end.
TEST(Api, StreamsABody) {
  class Pieces final : public http::BodyReader {
   public:
    explicit Pieces(MemoryTerminal& terminal) : terminal_(terminal) {}
    async::Task<Result<std::string_view>> Next() override {
      if (count_ == 3) co_return Fail(ErrorCode::kConnectFailed, "the connection was closed");
      EXPECT_EQ(terminal_.out.size(), count_ * 5U);
      ++count_;
      co_return std::string_view("piece");
    }

   private:
    MemoryTerminal& terminal_;
    std::size_t count_ = 0;
  };
  CommandFixture* self = nullptr;
  CommandFixture fixture([&self](const http::Request&) {
    http::Response response = http::TextResponse(200, "");
    response.body = std::make_unique<Pieces>(self->terminal);
    return response;
  });
  self = &fixture;
  const Status status = fixture.Run(NewApiCommand(), {"quay.io/a", "blobs/x"});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kConnectFailed);
  EXPECT_EQ(fixture.terminal.out, "piecepiecepiece");
}

}  // namespace
}  // namespace portolan::cli
