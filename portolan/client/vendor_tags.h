// Tags as vendors' own APIs tell them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>

#include "portolan/base/clock.h"
#include "portolan/base/log.h"
#include "portolan/base/secret.h"
#include "portolan/client/tag_source.h"
#include "portolan/client/vendor_api.h"
#include "portolan/config/credentials.h"
#include "portolan/oci/reference.h"
#include "portolan/wire/vendor_tags.h"

namespace portolan::client {

/// Docker Hub: digests, sizes and platforms of every tag, and when it was pushed; a hundred tags a
/// page. With user and password it logs in where a stranger is refused. An anonymous listing ends
/// after a thousand tags, and is then incomplete. `log` must outlive the source.
std::unique_ptr<TagSource> NewHubTagSource(VendorApi api, oci::RepositoryName repository,
                                           config::Credentials credentials, Log& log);

/// GitHub Packages: digests, and when they were first pushed. Needs a token always: kUnauthorized
/// without one. Deletes a version, which is a manifest with all its tags: kUnsupported where it has
/// more than the one.
std::unique_ptr<TagSource> NewGitHubTagSource(VendorApi api, oci::RepositoryName repository,
                                              Secret token);

/// Quay: digests, and when tags were pushed; sizes of those that are no index. `token` is an OAuth
/// token, or empty. `clock` must outlive the source.
std::unique_ptr<TagSource> NewQuayTagSource(VendorApi api, oci::RepositoryName repository,
                                            Secret token, const Clock& clock);

/// `vendor`, and where that cannot answer, `v2`, with a warning; tags that an incomplete answer of
/// the vendor's left out are added. Deletes by `v2`, and where that is refused by `vendor`.
/// `counted` is TagSource::manifests_are_counted. `log` must outlive the source.
std::unique_ptr<TagSource> NewEitherTagSource(std::unique_ptr<TagSource> vendor,
                                              std::unique_ptr<TagSource> v2, bool counted,
                                              Log& log);

/// Gathers a listing: names that are tags, each once.
class TagCollector {
 public:
  /// False if there are more than any registry has.
  bool Add(wire::VendorTag tag);
  TagList Take() { return std::move(list_); }
  std::size_t size() const { return list_.rows.size(); }

 private:
  TagList list_;
  std::unordered_set<std::string> seen_;
};

/// A vendor's paths take one part of a repository's name each: `a`, `b` of `a/b`; the second is
/// percent-encoded where it has slashes of its own. Both empty if there is no slash.
struct NameParts {
  std::string space;
  std::string name;
};
NameParts PartsOf(const oci::RepositoryName& repository);

}  // namespace portolan::client
