#include "portolan/client/http_repository.h"

#include <utility>

#include <fmt/format.h>

namespace portolan::client {

Status HttpRepository::FindWays() {
  if (!ways_.empty()) return {};
  PORTOLAN_TRY(std::vector<config::Endpoint> endpoints,
               world_.registries_conf.Resolve(target_.registry, target_.repository));
  for (config::Endpoint& endpoint : endpoints) {
    ways_.push_back({.endpoint = std::move(endpoint), .session = nullptr});
  }
  return {};
}

async::Task<Result<Place>> HttpRepository::PlaceAt(std::size_t index) {
  Way& way = ways_[index];
  if (!way.session) {
    PORTOLAN_CO_TRY(std::shared_ptr<Session> session, co_await connector_.Connect(way.endpoint));
    way.session = std::move(session);
  }
  co_return Result<Place>(std::in_place, *way.session, *way.endpoint.repository, name_,
                          world_.limits);
}

async::Task<Result<Place>> HttpRepository::Registry() {
  PORTOLAN_CO_CHECK(FindWays());
  co_return co_await PlaceAt(ways_.size() - 1);
}

// What the first endpoint that has it answers.
template <typename T, typename Call>
async::Task<Result<T>> HttpRepository::Ask(Call call) {
  PORTOLAN_CO_CHECK(FindWays());
  for (std::size_t i = 0;; ++i) {
    Result<Place> place = co_await PlaceAt(i);
    Result<T> answer = place ? co_await call(*place) : Result<T>(place.error());
    if (answer || i + 1 == ways_.size() || answer.error().code == ErrorCode::kCancelled) {
      co_return answer;
    }
    if (world_.log.debugging()) {
      world_.log.Debug(fmt::format("mirror {}: {}: asking {} instead",
                                   ways_[i].endpoint.registry.text(), answer.error().message,
                                   ways_[i + 1].endpoint.registry.text()));
    }
  }
}

async::Task<Result<repo::ManifestInfo>> HttpRepository::FindManifest(
    const repo::ManifestName& manifest) {
  co_return co_await Ask<repo::ManifestInfo>(
      [&](const Place& place) { return client::FindManifest(place, manifest); });
}

async::Task<Result<repo::ManifestContent>> HttpRepository::ReadManifest(
    const repo::ManifestName& manifest) {
  co_return co_await Ask<repo::ManifestContent>(
      [&](const Place& place) { return client::ReadManifest(place, manifest); });
}

async::Task<Result<std::string>> HttpRepository::ReadBlob(const oci::Digest& digest,
                                                          std::size_t max_size) {
  co_return co_await Ask<std::string>(
      [&](const Place& place) { return client::ReadBlob(place, digest, max_size); });
}

async::Task<Status> HttpRepository::DeleteManifest(const repo::ManifestName& manifest) {
  PORTOLAN_CO_TRY(const Place place, co_await Registry());
  co_return co_await client::DeleteManifest(place, manifest);
}

async::Task<Status> HttpRepository::PutManifest(const oci::Tag& tag,
                                                const repo::ManifestContent& content) {
  PORTOLAN_CO_TRY(const Place place, co_await Registry());
  co_return co_await client::PutManifest(place, tag, content);
}

}  // namespace portolan::client
