#include "portolan/wire/route.h"

#include <algorithm>
#include <cstddef>

#include "portolan/base/url.h"

namespace portolan::wire {
namespace {

std::string WithN(std::string path, std::optional<int> n) {
  if (n) path += "?n=" + std::to_string(*n);
  return path;
}

// Whether a query parameter is one that WithLast states anew.
bool IsPageParameter(std::string_view parameter) {
  const std::string_view name = parameter.substr(0, parameter.find('='));
  return name == "n" || name == "last";
}

}  // namespace

std::string BasePath() { return "/v2/"; }

std::string TagListPath(const oci::RepositoryName& repository, std::optional<int> n) {
  return WithN(RepositoryPath(repository, "tags/list"), n);
}

std::string CatalogPath(std::optional<int> n) { return WithN(BasePath() + "_catalog", n); }

std::string RepositoryPath(const oci::RepositoryName& repository, std::string_view rest) {
  std::string path = BasePath();
  path += repository.text();
  path += '/';
  path += rest;
  return path;
}

std::string ManifestPath(const oci::RepositoryName& repository, std::string_view tag_or_digest) {
  return RepositoryPath(repository, "manifests/" + std::string(tag_or_digest));
}

std::string BlobPath(const oci::RepositoryName& repository, const oci::Digest& digest) {
  return RepositoryPath(repository, "blobs/" + digest.text());
}

std::string WithLast(std::string_view path, int n, std::string_view last) {
  const std::size_t question = path.find('?');
  std::string out(path.substr(0, question));
  out += '?';
  std::string_view query = question == std::string_view::npos ? "" : path.substr(question + 1);
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view parameter = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (parameter.empty() || IsPageParameter(parameter)) continue;
    out += parameter;
    out += '&';
  }
  return out + "n=" + std::to_string(n) + "&last=" + PercentEncode(last);
}

}  // namespace portolan::wire
