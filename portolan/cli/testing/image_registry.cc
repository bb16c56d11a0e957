#include "portolan/cli/testing/image_registry.h"

#include <fmt/format.h>

#include "portolan/http/testing/fake_service.h"
#include "portolan/oci/hasher.h"
#include "portolan/oci/manifest.h"

namespace portolan::cli {
namespace {

std::string DigestText(std::string_view text) {
  return oci::DigestOf(oci::HashAlgorithm::kSha256, text).text();
}

http::Response Unknown(std::string_view code) {
  return http::TextResponse(404, fmt::format(R"({{"errors":[{{"code":"{}"}}]}})", code));
}

}  // namespace

std::string ImageRegistry::AddBlob(std::string text) {
  std::string digest = DigestText(text);
  blobs[digest] = std::move(text);
  return digest;
}

std::string ImageRegistry::Push(std::string_view tag, std::string_view created,
                                std::size_t layer_size, std::string_view architecture) {
  const std::string config =
      fmt::format(R"({{"architecture":"{}","os":"linux","created":"{}"}})", architecture, created);
  const std::string layer(layer_size, 'x');
  return PushManifest(
      tag,
      fmt::format(
          R"({{"schemaVersion":2,"config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{}","size":{}}},)"
          R"("layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{}","size":{}}}]}})",
          AddBlob(config), config.size(), AddBlob(layer), layer.size()),
      oci::kImageManifestType);
}

std::string ImageRegistry::PushManifest(std::string_view tag, std::string_view text,
                                        std::string_view media_type) {
  std::string digest = DigestText(text);
  manifests[digest] = {.text = std::string(text), .media_type = std::string(media_type)};
  if (!tag.empty()) tags[std::string(tag)] = digest;
  return digest;
}

std::string ImageRegistry::PushIndex(std::string_view tag, const std::vector<std::string>& images) {
  std::string entries;
  for (const std::string& image : images) {
    const std::string digest = image.substr(0, image.find(' '));
    const std::string architecture = image.substr(image.find(' ') + 1);
    if (!entries.empty()) entries += ',';
    entries += fmt::format(
        R"({{"mediaType":"{}","digest":"{}","size":{},"platform":{{"os":"{}","architecture":"{}"}}}})",
        oci::kImageManifestType, digest, manifests[digest].text.size(),
        architecture == "unknown" ? "unknown" : "linux", architecture);
  }
  return PushManifest(tag, fmt::format(R"({{"schemaVersion":2,"manifests":[{}]}})", entries),
                      oci::kImageIndexType);
}

http::Response ImageRegistry::List() const {
  std::string names;
  const auto add = [&](const std::string& tag) {
    if (!names.empty()) names += ',';
    names += '"' + tag + '"';
  };
  for (const auto& [tag, digest] : tags) add(tag);
  for (const std::string& tag : extra_tags) add(tag);
  return http::TextResponse(200, fmt::format(R"({{"name":"a/b","tags":[{}]}})", names));
}

http::Response ImageRegistry::Delete(const std::string& name) {
  if (!name.contains(':')) {
    if (delete_by_tag_status != 202) {
      return http::TextResponse(delete_by_tag_status, R"({"errors":[{"code":"UNSUPPORTED"}]})");
    }
    const std::string digest = tags[name];
    tags.erase(name);
    if (deletes_siblings)
      std::erase_if(tags, [&](const auto& tag) { return tag.second == digest; });
    return http::TextResponse(202, "");
  }
  if (manifests.erase(name) == 0) return Unknown("MANIFEST_UNKNOWN");
  std::erase_if(tags, [&](const auto& tag) { return tag.second == name; });
  return http::TextResponse(202, "");
}

http::Response ImageRegistry::ManifestAnswer(const http::Request& request,
                                             const std::string& name) {
  if (request.method == "PUT") {
    // The fake service has read the body; the tests push back what was there.
    for (const auto& [digest, manifest] : manifests) {
      if (request.content_length == manifest.text.size() &&
          request.headers.Get("Content-Type") == manifest.media_type) {
        tags[name] = digest;
      }
    }
    return http::TextResponse(201, "");
  }
  const auto tag = tags.find(name);
  const std::string digest = tag == tags.end() ? name : tag->second;
  const bool known = manifests.contains(digest);
  if (request.method == "DELETE") {
    return tag == tags.end() && !known ? Unknown("MANIFEST_UNKNOWN") : Delete(name);
  }
  if (!known) return Unknown("MANIFEST_UNKNOWN");
  if (request.method == "GET" && failing_manifests != 0) {
    return http::TextResponse(failing_manifests, "");
  }
  const Manifest& manifest = manifests[digest];
  return http::TextResponse(
      200, request.method == "HEAD" ? "" : manifest.text,
      {{"Content-Type", manifest.media_type}, {"Docker-Content-Digest", digest}});
}

http::Response ImageRegistry::operator()(const http::Request& request) {
  constexpr std::string_view kBase = "/v2/a/b/";
  const std::string path(request.url.Path());
  if (!path.starts_with(kBase)) return Unknown("NAME_UNKNOWN");
  const std::string rest = path.substr(kBase.size());
  if (rest == "tags/list") return List();
  if (rest.starts_with("manifests/")) return ManifestAnswer(request, rest.substr(10));
  const auto blob = blobs.find(rest.substr(rest.find('/') + 1));
  return blob == blobs.end() ? Unknown("BLOB_UNKNOWN") : http::TextResponse(200, blob->second);
}

}  // namespace portolan::cli
