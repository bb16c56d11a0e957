// `METHOD PATH?QUERY`. What was understood, written in the one form that the table has, is
// understood the same way; an error has one of the few codes that the header names.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "portolan/wire/endpoint.h"

namespace {

using portolan::ErrorCode;
using portolan::Result;
using portolan::wire::Endpoint;
using portolan::wire::Resource;

void Check(bool holds) {
  if (!holds) std::abort();
}

std::string PathOf(const Endpoint& endpoint) {
  if (endpoint.resource == Resource::kDiscover && !endpoint.repository) {
    return "/v2/_oci/ext/discover";
  }
  std::string path(portolan::wire::Endpoints()[std::to_underlying(endpoint.resource)].path);
  const auto replace = [&](std::string_view name, const std::string& value) {
    if (const std::size_t at = path.find(name); at != std::string::npos) {
      path.replace(at, name.size(), value);
    }
  };
  if (endpoint.repository) replace("<name>", endpoint.repository->text());
  if (endpoint.tag) replace("<reference>", endpoint.tag->text());
  if (endpoint.digest) replace("<reference>", endpoint.digest->text());
  if (endpoint.digest) replace("<digest>", endpoint.digest->text());
  replace("<id>", endpoint.upload_id);
  return path;
}

void CheckPath(std::string_view method, std::string_view path) {
  const Result<Endpoint> endpoint = portolan::wire::ParseEndpoint(method, path);
  const std::string allowed = portolan::wire::AllowedMethods(path);
  if (!endpoint) {
    constexpr ErrorCode kCodes[] = {ErrorCode::kNameInvalid,       ErrorCode::kTagInvalid,
                                    ErrorCode::kDigestInvalid,     ErrorCode::kUnsupported,
                                    ErrorCode::kBlobUploadUnknown, ErrorCode::kNameUnknown};
    Check(std::ranges::find(kCodes, endpoint.error().code) != std::end(kCodes));
    Check(allowed.empty() || endpoint.error().code != ErrorCode::kNameUnknown);
    return;
  }
  Check(allowed.contains(method));
  const std::string printed = PathOf(*endpoint);
  Check(!printed.contains("..") || endpoint->tag);  // a tag may be `1..2`, but never begins so
  const Result<Endpoint> again = portolan::wire::ParseEndpoint(method, printed);
  Check(again && again->resource == endpoint->resource && again->method == endpoint->method);
  Check(again->repository == endpoint->repository && again->tag == endpoint->tag);
  Check(again->digest == endpoint->digest && again->upload_id == endpoint->upload_id);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t space = std::min(text.find(' '), text.size());
  const std::string_view target = text.substr(std::min(space + 1, text.size()));
  const std::size_t mark = std::min(target.find('?'), target.size());
  CheckPath(text.substr(0, space), target.substr(0, mark));
  const portolan::wire::Query query(target.substr(std::min(mark + 1, target.size())));
  for (const std::string_view name : {"n", "last", "digest", "tag"}) {
    const auto all = query.GetAll(name);
    Check(all.size() <= 64 && query.Get(name).has_value() == !all.empty());
  }
  return 0;
}
