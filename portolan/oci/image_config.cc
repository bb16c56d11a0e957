#include "portolan/oci/image_config.h"

#include <string>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace portolan::oci {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxDepth = 32;

std::string TextOf(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains({name.data(), name.size()});
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

}  // namespace

Result<Platform> PlatformOfConfig(std::string_view content) {
  if (content.size() > kMaxImageConfig) {
    return Fail(ErrorCode::kManifestInvalid, "the image's configuration is too large");
  }
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::error_code ec;
  const json::value value = json::parse({content.data(), content.size()}, ec, {}, options);
  if (ec || !value.is_object()) {
    return Fail(ErrorCode::kManifestInvalid, "the image's configuration is no JSON object");
  }
  const json::object& object = value.get_object();
  return Platform{.os = TextOf(object, "os"),
                  .architecture = TextOf(object, "architecture"),
                  .variant = TextOf(object, "variant")};
}

}  // namespace portolan::oci
