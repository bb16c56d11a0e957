#include "portolan/dialect/hub_format.h"

#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "portolan/dialect/served_words.h"

namespace portolan::dialect::hub {
namespace {

// `2023-06-15T01:02:03.456000Z`.
std::string Date(std::int64_t millis) {
  const auto seconds = static_cast<std::time_t>(millis / 1000);
  return fmt::format("\"{:%Y-%m-%dT%H:%M:%S}.{:03}000Z\"", fmt::gmtime(seconds), millis % 1000);
}

// As Go's encoder has it.
std::string UrlOrNull(const std::optional<std::string>& url) {
  if (!url) return "null";
  std::string out;
  for (const char c : Quoted(*url)) {
    if (c == '&') {
      out += "\\u0026";
    } else {
      out += c;
    }
  }
  return out;
}

std::string TextOrNull(std::string_view text) {
  return text.empty() ? std::string("null") : Quoted(text);
}

std::string ImageObject(const ImageFacts& image, std::int64_t pushed) {
  return fmt::format(
      R"({{"architecture":{},"features":"","variant":{},"digest":{},"os":{},"os_features":"","os_version":null,"size":{},"status":"active","last_pulled":null,"last_pushed":{}}})",
      Quoted(image.platform.architecture), TextOrNull(image.platform.variant),
      Quoted(image.digest.text()), Quoted(image.platform.os), image.size, Date(pushed));
}

std::string MediaTypes(const RepositoryFacts& repository) {
  return repository.media_type.empty() ? "[]" : "[" + Quoted(repository.media_type) + "]";
}
std::string_view ContentTypes(const RepositoryFacts& repository) {
  return repository.media_type.empty() ? "[]" : "[\"image\"]";
}
std::string_view Bool(bool value) { return value ? "true" : "false"; }

}  // namespace

std::string TagObject(const TagFacts& tag, std::int64_t repository_id) {
  std::string images;
  for (const ImageFacts& image : tag.manifest.images) {
    if (!images.empty()) images += ',';
    images += ImageObject(image, tag.pushed);
  }
  const std::int64_t user = NumberFor(tag.by);
  return fmt::format(
      R"({{"creator":{0},"id":{1},"images":[{2}],"last_updated":{3},"last_updater":{0},"last_updater_username":{4},"name":{5},"repository":{6},"full_size":{7},"v2":true,"tag_status":"active","tag_last_pulled":null,"tag_last_pushed":{8},"media_type":{9},"content_type":"image","digest":{10}}})",
      user, tag.id, images, Date(tag.set), Quoted(tag.by), Quoted(tag.name), repository_id,
      tag.manifest.size, Date(tag.pushed), Quoted(tag.media_type), Quoted(tag.digest.text()));
}

std::string RepositoryObject(const RepositoryFacts& repository) {
  return fmt::format(
      R"({{"user":{0},"name":{1},"namespace":{0},"repository_type":"image","status":1,"status_description":"active","description":"","is_private":{2},"is_automated":false,"star_count":0,"pull_count":0,"last_updated":{3},"last_modified":{3},"date_registered":{4},"collaborator_count":0,"affiliation":null,"hub_user":{0},"has_starred":false,"full_description":null,"permissions":{{"read":{5},"write":{6},"admin":{7}}},"media_types":{8},"content_types":{9},"categories":[],"immutable_tags_settings":{{"enabled":false,"rules":[".*"]}},"storage_size":{10},"source":null}})",
      Quoted(repository.ns), Quoted(repository.name), Bool(!repository.is_public),
      Date(repository.last), Date(repository.first), Bool(repository.rights.read),
      Bool(repository.rights.write), Bool(repository.rights.admin), MediaTypes(repository),
      ContentTypes(repository), repository.bytes);
}

std::string RepositoryItem(const RepositoryFacts& repository) {
  return fmt::format(
      R"({{"name":{},"namespace":{},"repository_type":"image","status":1,"status_description":"active","description":"","is_private":{},"star_count":0,"pull_count":0,"last_updated":{},"last_modified":{},"date_registered":{},"affiliation":"","media_types":{},"content_types":{},"categories":[],"storage_size":{}}})",
      Quoted(repository.name), Quoted(repository.ns), Bool(!repository.is_public),
      Date(repository.last), Date(repository.last), Date(repository.first), MediaTypes(repository),
      ContentTypes(repository), repository.bytes);
}

std::string PageText(const Page& page) {
  std::string out = fmt::format(R"({{"count":{},"next":{},"previous":{},"results":[)", page.count,
                                UrlOrNull(page.next), UrlOrNull(page.previous));
  for (std::size_t i = 0; i < page.results.size(); ++i) {
    if (i > 0) out += ',';
    out += page.results[i];
  }
  return out + "]}";
}

std::string Namespaces(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ',';
    out += Quoted(name);
  }
  return "{\"namespaces\":[" + out + "]}";
}

std::string UserObject(std::string_view name) {
  return fmt::format(
      R"({{"id":"{:032x}","username":{},"full_name":"","location":"","company":"","profile_url":"","type":"User"}})",
      NumberFor(name), Quoted(name));
}

Words Message(int status, std::string_view message) {
  return {.status = status,
          .body = fmt::format(R"({{"message":{},"errinfo":{{}}}})", Quoted(message))};
}
Words Detail(int status, std::string_view detail) {
  return {.status = status, .body = fmt::format(R"({{"detail":{}}})", Quoted(detail))};
}
Words InvalidOrdering() {
  return {.status = 400,
          .body = R"({"fields":{"ordering":["invalid value"]},"text":"Invalid ordering value"})"};
}

}  // namespace portolan::dialect::hub
