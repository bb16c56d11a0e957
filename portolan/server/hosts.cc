#include "portolan/server/hosts.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace portolan::server {
namespace {

constexpr std::string_view kApi = "/v2/";

// Whether `path` is below `/prefix/`, from `start` on.
bool IsBelow(std::string_view path, std::string_view start, std::string_view prefix) {
  if (!path.starts_with(start)) return false;
  path.remove_prefix(start.size());
  return path.starts_with(prefix) && path.substr(prefix.size()).starts_with('/');
}

class Hosts final : public http::Service {
 public:
  Hosts(std::vector<Hosted> hosted, http::Service& others)
      : hosted_(std::move(hosted)), others_(others) {
    // Those with names first, then the longest path: `mirrors/hub` before `mirrors`.
    std::ranges::sort(hosted_, [](const Hosted& a, const Hosted& b) {
      if (a.path.empty() != b.path.empty()) return a.path.empty();
      return a.path.size() > b.path.size();
    });
  }

  async::Task<http::Response> Handle(http::Request request) override {
    const auto it = std::ranges::find_if(
        hosted_, [&](const Hosted& hosted) { return IsFor(hosted, request.url); });
    http::Service& service = it != hosted_.end() ? *it->service : others_;
    co_return co_await service.Handle(std::move(request));
  }

 private:
  static bool IsFor(const Hosted& hosted, const Url& url) {
    if (hosted.path.empty()) {
      return std::ranges::find(hosted.names, url.origin.host) != hosted.names.end();
    }
    return IsBelow(url.Path(), kApi, hosted.path) || IsBelow(url.Path(), "/", hosted.path);
  }

  std::vector<Hosted> hosted_;
  http::Service& others_;
};

}  // namespace

std::unique_ptr<http::Service> NewHosts(std::vector<Hosted> hosted, http::Service& others) {
  return std::make_unique<Hosts>(std::move(hosted), others);
}

}  // namespace portolan::server
