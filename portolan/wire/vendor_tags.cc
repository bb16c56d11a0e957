#include "portolan/wire/vendor_tags.h"

#include <chrono>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "portolan/base/date.h"

namespace portolan::wire {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxDepth = 32;
constexpr std::size_t kMaxImages = 1000;  // of one tag

Error NotUnderstood(std::string_view what) {
  return Fail(ErrorCode::kProtocol, fmt::format("the answer is not {}", what));
}

std::optional<json::value> Parse(std::string_view body) {
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::value value = json::parse(body, error, {}, options);
  if (error) return std::nullopt;
  return value;
}

const json::value* Member(const json::object& object, std::string_view name) {
  return object.if_contains({name.data(), name.size()});
}

std::string Text(const json::object& object, std::string_view name) {
  const json::value* const value = Member(object, name);
  const json::string* const text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string() : std::string(text->data(), text->size());
}

std::optional<std::int64_t> Number(const json::object& object, std::string_view name) {
  const json::value* const value = Member(object, name);
  const std::int64_t* const number = value == nullptr ? nullptr : value->if_int64();
  if (number == nullptr) return std::nullopt;
  return *number;
}

std::optional<std::uint64_t> Size(const json::object& object, std::string_view name) {
  const std::optional<std::int64_t> number = Number(object, name);
  if (!number || *number < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

std::optional<oci::Digest> DigestIn(const json::object& object, std::string_view name) {
  Result<oci::Digest> digest = oci::Digest::Parse(Text(object, name));
  if (!digest) return std::nullopt;
  return *std::move(digest);
}

std::optional<Clock::WallTime> UnixTime(const json::object& object, std::string_view name) {
  constexpr std::int64_t kLast = 9'000'000'000;  // the year 2255: within the clock's range
  const std::optional<std::int64_t> seconds = Number(object, name);
  if (!seconds || *seconds < 0 || *seconds > kLast) return std::nullopt;
  return Clock::WallTime(std::chrono::seconds(*seconds));
}

// The list of this name, or null.
const json::array* List(const json::value& value, std::string_view name) {
  const json::object* const object = value.if_object();
  const json::value* const list = object == nullptr ? nullptr : Member(*object, name);
  return list == nullptr ? nullptr : list->if_array();
}

VendorTag HubTag(const json::object& object) {
  VendorTag tag;
  tag.name = Text(object, "name");
  tag.digest = DigestIn(object, "digest");
  tag.media_type = Text(object, "media_type");
  tag.size = Size(object, "full_size");
  tag.pushed = ParseDate(Text(object, "tag_last_pushed"));
  if (!tag.pushed) tag.pushed = ParseDate(Text(object, "last_updated"));
  const json::value* const images = Member(object, "images");
  if (images == nullptr || !images->is_array()) return tag;
  for (const json::value& value : images->get_array()) {
    const json::object* const image = value.if_object();
    if (image == nullptr || tag.images.size() == kMaxImages) continue;
    tag.images.push_back({.platform = {.os = Text(*image, "os"),
                                       .architecture = Text(*image, "architecture"),
                                       .variant = Text(*image, "variant")},
                          .digest = DigestIn(*image, "digest"),
                          .size = Size(*image, "size")});
  }
  return tag;
}

}  // namespace

Result<VendorTagPage> ParseHubTags(std::string_view body) {
  const std::optional<json::value> value = Parse(body);
  const json::array* const results = value ? List(*value, "results") : nullptr;
  if (results == nullptr) return NotUnderstood("a page of Docker Hub's tags");
  VendorTagPage page;
  page.next = Text(value->get_object(), "next");
  for (const json::value& each : *results) {
    if (const json::object* const object = each.if_object()) page.tags.push_back(HubTag(*object));
  }
  return page;
}

Result<VendorTagPage> ParseQuayTags(std::string_view body, Clock::WallTime now) {
  const std::optional<json::value> value = Parse(body);
  const json::array* const tags = value ? List(*value, "tags") : nullptr;
  if (tags == nullptr) return NotUnderstood("a page of Quay's tags");
  VendorTagPage page;
  const json::value* const more = Member(value->get_object(), "has_additional");
  page.more = more != nullptr && more->is_bool() && more->get_bool();
  for (const json::value& each : *tags) {
    const json::object* const object = each.if_object();
    if (object == nullptr) continue;
    const std::optional<std::int64_t> end = Number(*object, "end_ts");
    const auto today = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    if (end && *end <= today) continue;
    VendorTag& tag = page.tags.emplace_back();
    tag.name = Text(*object, "name");
    tag.digest = DigestIn(*object, "manifest_digest");
    tag.size = Size(*object, "size");
    tag.pushed = UnixTime(*object, "start_ts");
  }
  return page;
}

Result<std::vector<PackageVersion>> ParsePackageVersions(std::string_view body) {
  const std::optional<json::value> value = Parse(body);
  const json::array* const list = value ? value->if_array() : nullptr;
  if (list == nullptr) return NotUnderstood("a page of GitHub's package versions");
  std::vector<PackageVersion> versions;
  for (const json::value& each : *list) {
    const json::object* const object = each.if_object();
    if (object == nullptr) continue;
    PackageVersion& version = versions.emplace_back();
    version.id = Number(*object, "id").value_or(0);
    version.digest = DigestIn(*object, "name");
    version.created = ParseDate(Text(*object, "created_at"));
    const json::value* const metadata = Member(*object, "metadata");
    const json::object* const outer = metadata == nullptr ? nullptr : metadata->if_object();
    const json::value* const container = outer == nullptr ? nullptr : Member(*outer, "container");
    const json::array* const tags = container == nullptr ? nullptr : List(*container, "tags");
    if (tags == nullptr) continue;
    for (const json::value& tag : *tags) {
      if (const json::string* const text = tag.if_string()) {
        version.tags.emplace_back(text->data(), text->size());
      }
    }
  }
  return versions;
}

std::string HubLoginBody(std::string_view user, std::string_view password) {
  return json::serialize(
      json::object{{"identifier", json::string_view(user.data(), user.size())},
                   {"secret", json::string_view(password.data(), password.size())}});
}

std::string ParseHubLogin(std::string_view body) {
  const std::optional<json::value> value = Parse(body);
  const json::object* const object = value ? value->if_object() : nullptr;
  if (object == nullptr) return {};
  std::string token = Text(*object, "access_token");
  return token.empty() ? Text(*object, "token") : token;
}

}  // namespace portolan::wire
