// What Registries is made of; for its own files alone.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "portolan/client/connector.h"
#include "portolan/client/link_follower.h"
#include "portolan/client/lister.h"
#include "portolan/client/registries.h"

namespace portolan::client {

struct Registries::State {
  State(const Surroundings& given, Options options)
      : world(given), connector(given, std::move(options)) {}

  async::Task<Result<repo::ListSummary>> ListAt(const config::Endpoint& endpoint,
                                                const Listing& listing,
                                                const repo::ListOptions& options,
                                                const repo::PageSink& sink);
  /// Tries the endpoints in turn until one gives its first page.
  async::Task<Result<repo::ListSummary>> ListTarget(
      Target target, std::function<Listing(const config::Endpoint&)> listing_at,
      repo::ListOptions options, repo::PageSink sink);

  Surroundings world;
  Connector connector;
  // Of raw listings, by origin and path.
  std::map<std::string, std::unique_ptr<LinkFollower>> followers;
};

}  // namespace portolan::client
