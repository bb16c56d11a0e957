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
      : hosted_(std::move(hosted)), others_(others) {}

  async::Task<http::Response> Handle(http::Request request) override {
    for (const Hosted& hosted : hosted_) {
      if (IsFor(hosted, request)) co_return co_await hosted.service->Handle(std::move(request));
    }
    co_return co_await others_.Handle(std::move(request));
  }

 private:
  static bool IsFor(const Hosted& hosted, http::Request& request) {
    if (hosted.path.empty()) {
      return std::ranges::find(hosted.names, request.url.origin.host) != hosted.names.end();
    }
    const std::string_view path = request.url.Path();
    if (IsBelow(path, kApi, hosted.path)) return true;
    if (!IsBelow(path, "/", hosted.path)) return false;
    request.url.target.erase(0, 1 + hosted.path.size());
    return true;
  }

  const std::vector<Hosted> hosted_;
  http::Service& others_;
};

}  // namespace

std::unique_ptr<http::Service> NewHosts(std::vector<Hosted> hosted, http::Service& others) {
  return std::make_unique<Hosts>(std::move(hosted), others);
}

}  // namespace portolan::server
