#include "portolan/client/link_follower.h"

#include <fmt/format.h>

#include "portolan/wire/link.h"

namespace portolan::client {

LinkFollower::LinkFollower(Url first, Log& log) : first_(std::move(first)), log_(log) {
  seen_.insert(first_.target);
}

std::optional<std::string> LinkFollower::Next(const Url& page, const http::Headers& headers) {
  const std::optional<std::string> link = wire::NextTarget(headers.GetAll("Link"));
  if (!link) return std::nullopt;
  if (log_.debugging()) log_.Debug(fmt::format("next page: {}", Printable(*link, 1024)));
  const Result<Url> url = page.Resolve(*link);
  if (!url) {
    cut_off_ = true;
    log_.Warn(
        fmt::format("{}: the Link to the next page is no URL ({}): the list may be incomplete",
                    first_.origin.HostPort(), Printable(*link)));
    return std::nullopt;
  }
  if (url->origin != page.origin) {
    log_.Warn(fmt::format("{}: the Link to the next page points to {}: asked {} instead",
                          first_.origin.HostPort(), url->origin.ToString(),
                          first_.origin.ToString()));
  }
  if (!seen_.insert(url->target).second) {
    looped_ = true;
    log_.Warn(fmt::format(
        "{}: the Link to the next page leads back to a page already read: stopped there",
        first_.origin.HostPort()));
    return std::nullopt;
  }
  return url->target;
}

std::optional<std::string> LinkFollower::Repaired(const std::string& target) {
  const std::size_t query = target.find('?');
  if (query == std::string::npos) return std::nullopt;
  std::string repaired = std::string(first_.Path()) + target.substr(query);
  if (!seen_.insert(repaired).second) return std::nullopt;
  log_.Warn(fmt::format("{}: the Link to the next page has a wrong path: asked {} instead",
                        first_.origin.HostPort(), Printable(repaired)));
  return repaired;
}

}  // namespace portolan::client
