#include "portolan/server/list_members.h"

#include <cstddef>
#include <string_view>
#include <vector>

#include "portolan/server/repository_facts.h"

namespace portolan::server {
namespace {

constexpr std::size_t kMost = 1000;

// Next components of the names below, each once.
Result<std::vector<std::string>> ChildrenOf(FactReader& facts,
                                            const oci::RepositoryName& repository) {
  PORTOLAN_TRY(const std::vector<oci::RepositoryName> below,
               facts.Repositories(repository.text(), {}, kMost));
  std::vector<std::string> children;
  for (const oci::RepositoryName& name : below) {
    std::string_view rest = std::string_view(name.text()).substr(repository.text().size() + 1);
    rest = rest.substr(0, rest.find('/'));
    if (children.empty() || children.back() != rest) children.emplace_back(rest);
  }
  return children;
}

}  // namespace

Result<std::string> ListMembers(Backend& backend, const Call& call) {
  FactReader facts(backend.storage(), *call.rules, call.identity);
  PORTOLAN_TRY(const std::vector<store::VersionRow> versions,
               backend.storage().metadata().ListVersions(call.repository(),
                                                         {.limit = kMost, .tags = kMost}));
  std::vector<dialect::ListedManifest> manifests;
  manifests.reserve(versions.size());
  for (const store::VersionRow& version : versions) {
    const oci::Digest& digest = version.manifest.digest;
    manifests.push_back(
        {.digest = digest,
         .media_type = version.manifest.media_type,
         .size = facts.Manifest(call.repository(), digest, FactReader::Depth::kSize).size,
         .tags = version.tags,
         .created = version.created,
         .pushed = version.pushed});
  }
  PORTOLAN_TRY(const std::vector<std::string> children, ChildrenOf(facts, call.repository()));
  return backend.parts.served->list_members(children, manifests);
}

}  // namespace portolan::server
