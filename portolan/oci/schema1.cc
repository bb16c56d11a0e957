#include "portolan/oci/schema1.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "portolan/oci/hasher.h"

namespace portolan::oci {
namespace {

namespace json = boost::json;

// The layer of a step that changes no file: 1,024 zero bytes, packed.
constexpr std::string_view kEmptyLayer =
    "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4";
constexpr std::size_t kMaxSteps = 10'000;

struct Step {
  std::string layer;
  json::object made;  // created, created_by, author …
  bool empty = false;
};

Error Invalid(std::string_view what) {
  return Fail(ErrorCode::kManifestInvalid,
              fmt::format("the image cannot be given as schema 1: {}", what));
}

// The image's steps, oldest first. Without a history every layer is one.
Result<std::vector<Step>> StepsOf(const Manifest& image, const json::object& config) {
  std::vector<Step> steps;
  const json::value* const history = config.if_contains("history");
  if (history == nullptr || !history->is_array() || history->get_array().empty()) {
    for (const Descriptor& layer : image.layers) steps.push_back({.layer = layer.digest.text()});
    return steps;
  }
  if (history->get_array().size() > kMaxSteps) return Invalid("its history is too long");
  std::size_t layers = 0;
  for (const json::value& entry : history->get_array()) {
    if (!entry.is_object()) return Invalid("its history has what is no object");
    Step step{.made = entry.get_object()};
    const json::value* const empty = step.made.if_contains("empty_layer");
    step.empty = empty != nullptr && empty->is_bool() && empty->get_bool();
    if (!step.empty && layers == image.layers.size())
      return Invalid("it has fewer layers than steps");
    step.layer = step.empty ? std::string(kEmptyLayer) : image.layers[layers++].digest.text();
    steps.push_back(std::move(step));
  }
  if (layers != image.layers.size()) return Invalid("it has more layers than steps");
  return steps;
}

// 64 hexadecimal digits, by all that is below.
std::string IdOf(std::string_view layer, std::string_view parent, std::size_t number) {
  const Digest digest =
      DigestOf(HashAlgorithm::kSha256, fmt::format("{} {} {}", parent, layer, number));
  return std::string(digest.encoded());
}

json::object Compatibility(const Step& step) {
  json::object out;
  for (const std::string_view name : {"created", "author", "comment"}) {
    if (const json::value* const value = step.made.if_contains(name)) out[name] = *value;
  }
  if (const json::value* const by = step.made.if_contains("created_by")) {
    out["container_config"] = json::object{{"Cmd", json::array{*by}}};
  }
  return out;
}

// What the image itself is: the configuration, but for what schema 1 has elsewhere.
json::object Newest(json::object config) {
  config.erase("rootfs");
  config.erase("history");
  return config;
}

std::string Quoted(std::string_view text) { return json::serialize(json::string(text)); }

}  // namespace

Result<std::string> Schema1Payload(const RepositoryName& name, const Tag& tag,
                                   const Manifest& image, std::string_view config) {
  if (image.layers.empty()) return Fail(ErrorCode::kUnsupported, "the image has no layers");
  boost::system::error_code error;
  const json::value parsed = json::parse(config, error);
  if (error || !parsed.is_object()) return Invalid("its configuration is no JSON object");
  PORTOLAN_TRY(const std::vector<Step> steps, StepsOf(image, parsed.get_object()));

  std::vector<std::string> histories;
  std::string parent;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const bool newest = i + 1 == steps.size();
    json::object entry = newest ? Newest(parsed.get_object()) : Compatibility(steps[i]);
    const std::string id = IdOf(steps[i].layer, parent, i);
    entry["id"] = id;
    if (!parent.empty()) entry["parent"] = parent;
    if (steps[i].empty) entry["throwaway"] = true;
    histories.push_back(json::serialize(entry));
    parent = id;
  }

  const json::value* const found = parsed.get_object().if_contains("architecture");
  const std::string architecture =
      found != nullptr && found->is_string() ? std::string(found->get_string()) : "amd64";
  std::string out = fmt::format(
      "{{\n   \"schemaVersion\": 1,\n   \"name\": {},\n   \"tag\": {},\n   \"architecture\": {},\n"
      "   \"fsLayers\": [",
      Quoted(name.text()), Quoted(tag.text()), Quoted(architecture));
  for (std::size_t i = steps.size(); i-- > 0;) {
    out += fmt::format("\n      {{\n         \"blobSum\": {}\n      }}{}", Quoted(steps[i].layer),
                       i > 0 ? "," : "");
  }
  out += "\n   ],\n   \"history\": [";
  for (std::size_t i = histories.size(); i-- > 0;) {
    out += fmt::format("\n      {{\n         \"v1Compatibility\": {}\n      }}{}",
                       Quoted(histories[i]), i > 0 ? "," : "");
  }
  return out + "\n   ]\n}";
}

}  // namespace portolan::oci
