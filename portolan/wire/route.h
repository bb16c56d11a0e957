// Paths of the V2 API, built in this one file. Spec: "Endpoints".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "portolan/oci/reference.h"

namespace portolan::wire {

/// `/v2/`.
std::string BasePath();
/// `/v2/<name>/tags/list`, with `?n=…` if given.
std::string TagListPath(const oci::RepositoryName& repository, std::optional<int> n);
/// `/v2/_catalog`, with `?n=…` if given.
std::string CatalogPath(std::optional<int> n);
/// `/v2/<name>/<rest>`, `rest` as the user wrote it.
std::string RepositoryPath(const oci::RepositoryName& repository, std::string_view rest);
/// `/v2/<name>/manifests/<tag or digest>`.
std::string ManifestPath(const oci::RepositoryName& repository, std::string_view tag_or_digest);
/// `/v2/<name>/blobs/<digest>`.
std::string BlobPath(const oci::RepositoryName& repository, const oci::Digest& digest);
/// `path` with `n` and `last` for a probe after a page without Link; `last` is percent-encoded. An
/// `n` or `last` that the path already has is replaced.
std::string WithLast(std::string_view path, int n, std::string_view last);

}  // namespace portolan::wire
