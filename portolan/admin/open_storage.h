// A storage folder, opened by a command that is not the server.
#pragma once

#include <memory>
#include <string>

#include "portolan/base/result.h"
#include "portolan/cli/command.h"
#include "portolan/settings/settings.h"
#include "portolan/store/storage.h"

namespace portolan::admin {

/// For changing it: nobody else may have it open. What clients heard of before counts no more:
/// there is no server that they could have heard it from. Errors of Storage::Open; kNameUnknown
/// where there is no folder (a check must not make one).
Result<std::unique_ptr<store::Storage>> OpenStorage(const settings::ServerSettings& settings,
                                                    const cli::World& world, Log& log);
/// For looking only, also while a server runs.
Result<std::unique_ptr<store::Storage>> OpenStorageForReading(
    const settings::ServerSettings& settings, const cli::World& world, Log& log);

/// `1.5 MiB`.
std::string SizeText(std::uint64_t bytes);

}  // namespace portolan::admin
