#include "portolan/dialect/quay_format.h"

#include <algorithm>
#include <array>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "portolan/dialect/served_words.h"

namespace portolan::dialect::quay {
namespace {

constexpr int kDaysOfStats = 92;
constexpr std::int64_t kDay = 86'400;

// RFC 2822; the time zone is that of a date which says nothing of where it was written.
std::string Date(std::int64_t millis) {
  const auto seconds = static_cast<std::time_t>(millis / 1000);
  return fmt::format("\"{:%a, %d %b %Y %H:%M:%S} -0000\"", fmt::gmtime(seconds));
}

std::string_view Bool(bool value) { return value ? "true" : "false"; }

std::string SizeOf(const TagEntry& tag) { return tag.size ? std::to_string(*tag.size) : "null"; }

std::string EntryObject(const TagEntry& tag) {
  std::string out = fmt::format(R"({{"name": {}, "reversion": false, "start_ts": {})",
                                Quoted(tag.name), tag.start / 1000);
  if (tag.end) out += fmt::format(R"(, "end_ts": {})", *tag.end / 1000);
  out += fmt::format(
      R"(, "manifest_digest": {}, "is_manifest_list": {}, "size": {}, "last_modified": {})",
      Quoted(tag.digest.text()), Bool(tag.is_list), SizeOf(tag), Date(tag.start));
  if (tag.end) out += R"(, "expiration": )" + Date(*tag.end);
  return out + "}";
}

std::string TagsByName(std::span<const TagEntry> tags) {
  std::string out;
  for (const TagEntry& tag : tags) {
    if (!out.empty()) out += ", ";
    out +=
        fmt::format(R"({}: {{"name": {}, "size": {}, "last_modified": {}, "manifest_digest": {}}})",
                    Quoted(tag.name), Quoted(tag.name), SizeOf(tag), Date(tag.start),
                    Quoted(tag.digest.text()));
  }
  return "{" + out + "}";
}

// Nobody has counted pulls.
std::string Stats(std::int64_t until) {
  std::string out;
  for (int day = 1; day < kDaysOfStats; ++day) {
    if (!out.empty()) out += ", ";
    const auto date = static_cast<std::time_t>((until / 1000) - (day * kDay));
    out += fmt::format(R"({{"date": "{:%Y-%m-%d}", "count": 0}})", fmt::gmtime(date));
  }
  return "[" + out + "]";
}

}  // namespace

std::string TagPage(std::span<const TagEntry> tags, std::int64_t page, bool has_additional) {
  std::string out;
  for (const TagEntry& tag : tags) {
    if (!out.empty()) out += ", ";
    out += EntryObject(tag);
  }
  return fmt::format("{{\"tags\": [{}], \"page\": {}, \"has_additional\": {}}}\n", out, page,
                     Bool(has_additional));
}

std::string RepositoryItem(const RepositoryFacts& repository, const Shown& shown) {
  std::string out = fmt::format(
      R"({{"namespace": {}, "name": {}, "description": null, "is_public": {}, "kind": "image", "state": "NORMAL")",
      Quoted(repository.ns), Quoted(repository.name), Bool(repository.is_public));
  if (shown.last_modified) out += fmt::format(R"(, "last_modified": {})", repository.last / 1000);
  if (shown.popularity) out += R"(, "popularity": 0.0)";
  if (shown.starred) out += R"(, "is_starred": false)";
  return out + "}";
}

std::string RepositoryPage(std::span<const std::string> items, std::string_view next) {
  std::string out;
  for (const std::string& item : items) {
    if (!out.empty()) out += ", ";
    out += item;
  }
  out = "{\"repositories\": [" + out + "]";
  if (!next.empty()) out += ", \"next_page\": " + Quoted(next);
  return out + "}\n";
}

std::string RepositoryObject(const RepositoryFacts& repository, const Detail& detail) {
  std::string out = fmt::format(
      R"({{"namespace": {}, "name": {}, "kind": "image", "description": null, "is_public": {}, "is_organization": {}, "is_starred": false, "status_token": "", "trust_enabled": false, "tag_expiration_s": {}, "is_free_account": false, "state": "NORMAL")",
      Quoted(repository.ns), Quoted(repository.name), Bool(repository.is_public),
      Bool(detail.is_organization), detail.tag_expiration);
  if (detail.tags) out += ", \"tags\": " + TagsByName(*detail.tags);
  out += fmt::format(R"(, "can_write": {}, "can_admin": {})", Bool(repository.rights.write),
                     Bool(repository.rights.admin));
  if (detail.stats_until) out += ", \"stats\": " + Stats(*detail.stats_until);
  return out + "}\n";
}

Words Problem(int status, std::string_view type, std::string_view detail) {
  return {
      .status = status,
      .body = fmt::format(
          "{{\"detail\": {0}, \"error_message\": {0}, \"error_type\": \"{1}\", \"title\": \"{1}\", "
          "\"type\": \"https://quay.io/api/v1/error/{1}\", \"status\": {2}}}\n",
          Quoted(detail), type, status)};
}

Words BadParameter(std::string_view name, std::string_view help) {
  return {.status = 400,
          .body = fmt::format("{{\"message\": {{\"{}\": {}}}}}\n", name, Quoted(help))};
}

Words NoCsrfToken() {
  return {.status = 403, .body = "{\"error\": \"CSRF token was invalid or missing.\"}\n"};
}

bool IsTrue(std::string_view text) {
  constexpr std::array<std::string_view, 6> kFalse{"false", "False", "FALSE", "0", "", "null"};
  return std::ranges::find(kFalse, text) == kFalse.end();
}

}  // namespace portolan::dialect::quay
