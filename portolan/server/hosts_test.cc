#include "portolan/server/hosts.h"

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "portolan/async/loop.h"

namespace portolan::server {
namespace {

// Says who it is, and what it was asked for.
class Named final : public http::Service {
 public:
  explicit Named(std::string name) : name_(std::move(name)) {}
  async::Task<http::Response> Handle(http::Request request) override {
    http::Response response;
    response.status = 200;
    response.principal = name_ + " " + request.url.target;
    co_return response;
  }

 private:
  std::string name_;
};

TEST(HostsTest, EveryRequestReachesItsRegistry) {
  Named hub("hub");
  Named quay("quay");
  Named old("old");
  Named others("others");
  const auto hosts =
      NewHosts({{.names = {"registry-1.docker.io", "auth.docker.io"}, .path = {}, .service = &hub},
                {.names = {}, .path = "mirrors/quay", .service = &quay},
                {.names = {}, .path = "mirrors/quay/old", .service = &old}},
               others);
  struct Row {
    const char* url;
    const char* answer;
  };
  const Row rows[] = {
      {"http://registry-1.docker.io/v2/", "hub /v2/"},
      {"https://registry-1.docker.io:5000/v2/a/tags/list?n=1", "hub /v2/a/tags/list?n=1"},
      {"http://auth.docker.io/token?scope=a", "hub /token?scope=a"},
      {"http://docker.io/v2/", "others /v2/"},
      {"http://localhost/v2/", "others /v2/"},
      {"http://localhost/v2/mirrors/quay/a/tags/list", "quay /v2/mirrors/quay/a/tags/list"},
      {"http://localhost/v2/mirrors/quayside/a/tags/list",
       "others /v2/mirrors/quayside/a/tags/list"},
      {"http://localhost/mirrors/quay/v2/auth?scope=/b", "quay /mirrors/quay/v2/auth?scope=/b"},
      {"http://localhost/v2/mirrors/quay/old/a/tags/list", "old /v2/mirrors/quay/old/a/tags/list"},
      {"http://registry-1.docker.io/v2/mirrors/quay/a/tags/list",
       "hub /v2/mirrors/quay/a/tags/list"},
      {"http://localhost/mirrors/quay", "others /mirrors/quay"},
      {"http://localhost/other?x=/v2/mirrors/quay/", "others /other?x=/v2/mirrors/quay/"},
  };
  for (const Row& row : rows) {
    http::Request request;
    request.url = *Url::Parse(row.url);
    async::Loop loop;
    EXPECT_EQ(loop.Run(hosts->Handle(std::move(request))).principal, row.answer) << row.url;
  }
}

}  // namespace
}  // namespace portolan::server
