// Property: whatever a vendor answers, what is understood of it holds: digests and sizes can be
// printed and read again, and history stays out.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "portolan/base/date.h"
#include "portolan/wire/vendor_tags.h"

namespace {

using namespace portolan;

void Check(const std::optional<Clock::WallTime>& time) {
  if (time && !ParseDate(FormatDate(*time))) std::abort();
}

void Check(const Result<wire::VendorTagPage>& page) {
  if (!page) return;
  for (const wire::VendorTag& tag : page->tags) {
    if (tag.digest && !oci::Digest::IsValid(tag.digest->text())) std::abort();
    if (tag.images.size() > 1000) std::abort();
    Check(tag.pushed);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  Check(wire::ParseHubTags(body));
  Check(wire::ParseQuayTags(body, Clock::WallTime()));
  if (const auto versions = wire::ParsePackageVersions(body)) {
    for (const wire::PackageVersion& version : *versions) Check(version.created);
  }
  (void)wire::ParseHubLogin(body);
  return 0;
}
