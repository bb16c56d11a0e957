#include "portolan/client/probed_profile.h"

#include "portolan/client/host_items.h"
#include "portolan/dialect/profile_file.h"

namespace portolan::client {
namespace {

using Found = std::shared_ptr<const dialect::Profile>;

Result<Found> Load(const std::string& file, Files& files) {
  PORTOLAN_TRY(const std::string text, files.Read(file, dialect::kMaxProfileFile));
  const Result<dialect::ProfileFile> profile = dialect::ReadProfileFile(text);
  if (!profile) return Wrap(profile.error(), file);
  return Found(std::make_shared<const dialect::Profile>(dialect::ClientProfile(*profile)));
}

}  // namespace

Result<Found> FindProfile(const oci::RegistryName& registry, const std::optional<std::string>& file,
                          const Environment& environment, Files& files) {
  if (file) return Load(*file, files);
  HostItems items(environment, "PORTOLAN_PROFILES",
                  "write HOST=FILE, for example registry.corp.example=/etc/portolan/corp.json");
  for (;;) {
    PORTOLAN_TRY(const std::optional<HostItem> item, items.Next());
    if (!item) return Found();
    if (item->host == registry) return Load(std::string(item->value), files);
  }
}

}  // namespace portolan::client
