#include <gtest/gtest.h>

#include "portolan/async/loop.h"
#include "portolan/http/client.h"
#include "portolan/http/testing/fake_service.h"

namespace portolan::http {
namespace {

Request NewRequest(std::string method, std::string target) {
  Request request;
  request.method = std::move(method);
  request.url = Url{Origin{"https", "registry.example", 443}, std::move(target)};
  return request;
}

TEST(MemoryClient, ReachesAServiceMadeOfAFunction) {
  async::Loop loop;
  FakeService service([](const Request& request) {
    return TextResponse(request.url.target == "/v2/" ? 200 : 404, "body", {{"X", "y"}});
  });
  const auto client = NewClient(service);
  Request request = NewRequest("PUT", "/v2/");
  request.headers.Add("A", "b");
  request.body = [] { return NewTextBody("sent"); };
  auto response = loop.Run(client->Send(std::move(request)));
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->headers.Get("x"), "y");
  EXPECT_EQ(loop.Run(ReadAll(*response->body, 10)).value(), "body");
  ASSERT_EQ(service.seen().size(), 1U);
  EXPECT_EQ(service.seen()[0].method, "PUT");
  EXPECT_EQ(service.seen()[0].url.origin.host, "registry.example");
  EXPECT_EQ(service.seen()[0].headers.Get("a"), "b");
  EXPECT_EQ(service.seen()[0].body, "sent");
}

TEST(MemoryClient, ReachesAServiceMadeOfACoroutine) {
  async::Loop loop;
  FakeService service(FakeService::Handler([](Request request) -> async::Task<Response> {
    co_return TextResponse(404, request.method);
  }));
  const auto client = NewClient(service);
  auto response = loop.Run(client->Send(NewRequest("DELETE", "/")));
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(loop.Run(ReadAll(*response->body, 10)).value(), "DELETE");
}

}  // namespace
}  // namespace portolan::http
