// Google Artifact Registry and Container Registry, as far as their clients tell. Facts:
// docs/dialects.md.
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "portolan/dialect/served_distribution.h"
#include "portolan/dialect/served_words.h"

namespace portolan::dialect {
namespace {

// Numbers are texts here.
std::string Members(std::span<const std::string> children,
                    std::span<const ListedManifest> manifests) {
  const auto list = [](std::span<const std::string> texts) {
    std::string out;
    for (const std::string& text : texts) {
      if (!out.empty()) out += ',';
      out += Quoted(text);
    }
    return out;
  };
  std::string out = fmt::format(R"("child":[{}],"manifest":{{)", list(children));
  bool first = true;
  for (const ListedManifest& manifest : manifests) {
    if (!std::exchange(first, false)) out += ',';
    out += fmt::format(
        R"("{}":{{"imageSizeBytes":"{}","layerId":"","mediaType":{},"tag":[{}],"timeCreatedMs":"{}","timeUploadedMs":"{}"}})",
        manifest.digest.text(), manifest.size, Quoted(manifest.media_type), list(manifest.tags),
        manifest.created, manifest.pushed);
  }
  return out + "},";
}

}  // namespace

const Served& ServedGar() {
  static const Served served = [] {
    Served gar = DistributionLike("gar");
    gar.tokens.path = "/v2/token";
    gar.tokens.service = "gcr.io";
    gar.tokens.issuer = "gcr.io";
    gar.tokens.lifetime = std::chrono::hours(1);
    gar.tags.size = PagesOf1000;
    gar.tags.full_page_has_next = false;
    gar.list_members = Members;
    return gar;
  }();
  return served;
}

}  // namespace portolan::dialect
