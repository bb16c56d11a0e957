#include "portolan/admin/open_storage.h"

#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "portolan/admin/storage_settings.h"

namespace portolan::admin {
namespace {

Status CheckFolder(const settings::ServerSettings& settings, const cli::World& world) {
  if (world.files.IsFolder(settings.root)) return {};
  return Fail(ErrorCode::kNameUnknown, fmt::format("there is no storage folder {}", settings.root),
              "name it with --root, or with the server's --config");
}

}  // namespace

Result<std::unique_ptr<store::Storage>> OpenStorage(const settings::ServerSettings& settings,
                                                    const cli::World& world, Log& log) {
  PORTOLAN_CHECK(CheckFolder(settings, world));
  store::StorageOptions options = StorageOptionsOf(settings);
  options.leased_at_start = false;
  return store::Storage::Open(settings.root, options, world.clock, world.random, log);
}

Result<std::unique_ptr<store::Storage>> OpenStorageForReading(
    const settings::ServerSettings& settings, const cli::World& world, Log& log) {
  PORTOLAN_CHECK(CheckFolder(settings, world));
  return store::Storage::OpenForReading(settings.root, StorageOptionsOf(settings), world.clock,
                                        world.random, log);
}

std::string SizeText(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 5> kUnits{"KiB", "MiB", "GiB", "TiB", "PiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

}  // namespace portolan::admin
