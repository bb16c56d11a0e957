#include "portolan/client/testing/raw_exchange.h"

#include <utility>

namespace portolan::client {
namespace {

constexpr std::size_t kMaxBody = 16U << 20U;

}  // namespace

RawRequest NewRaw(std::string method, std::string path, std::optional<std::string> body) {
  RawRequest request;
  request.method = std::move(method);
  request.path = std::move(path);
  if (body) {
    request.content_length = body->size();
    request.body = [text = *std::move(body)] { return http::NewTextBody(text); };
  }
  return request;
}

Result<Registries::RawResponse> SendRaw(ClientFixture& world, std::string_view reference,
                                        const RawRequest& request) {
  PORTOLAN_TRY(const oci::Reference parsed, oci::Reference::Parse(reference));
  return world.loop.Run(world.registries().Send(
      {.registry = parsed.registry, .repository = parsed.repository}, request));
}

Result<std::string> ReadBody(ClientFixture& world, Registries::RawResponse& response) {
  return world.loop.Run(http::ReadAll(*response.response.body, kMaxBody));
}

}  // namespace portolan::client
