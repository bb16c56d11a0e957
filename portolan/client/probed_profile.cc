#include "portolan/client/probed_profile.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"
#include "portolan/dialect/profile_file.h"

namespace portolan::client {
namespace {

constexpr const char* kVariable = "PORTOLAN_PROFILES";

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
  const std::string items = environment.Get(kVariable).value_or("");
  for (std::string_view rest = items; !rest.empty();) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    const std::string_view item = TrimSpace(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (item.empty()) continue;
    const std::size_t equals = item.find('=');
    const auto host = oci::RegistryName::Parse(item.substr(0, equals));
    if (equals == std::string_view::npos || !host) {
      return Fail(ErrorCode::kConfigInvalid,
                  fmt::format("{}: \"{}\" is not understood", kVariable, Printable(item)),
                  "write HOST=FILE, for example registry.corp.example=/etc/portolan/corp.json");
    }
    if (*host == registry) return Load(std::string(item.substr(equals + 1)), files);
  }
  return Found();
}

}  // namespace portolan::client
