// portolan fsck: checks a storage folder against itself.
#include "portolan/store/fsck.h"

#include <string>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "portolan/admin/commands.h"
#include "portolan/admin/open_storage.h"
#include "portolan/admin/storage_settings.h"
#include "portolan/cli/terminal_log.h"

namespace portolan::admin {
namespace {

constexpr std::string_view kManual =
#include "portolan/admin/manual/fsck.md.inc"
    ;

std::string_view NameOf(store::Finding::Kind kind) {
  using Kind = store::Finding::Kind;
  switch (kind) {
    case Kind::kDatabase:
      return "database damaged";
    case Kind::kMissingObject:
      return "content lost";
    case Kind::kWrongContent:
      return "content damaged";
    case Kind::kOrphanObject:
    case Kind::kOrphanStaging:
      return "left over";
    case Kind::kDangling:
      return "refers to nothing";
  }
  return "";
}

class FsckCommand final : public cli::Command {
 public:
  std::string_view name() const override { return "fsck"; }
  std::string_view manual() const override { return kManual; }
  void Declare(CLI::App& app) override {
    DeclareStorageFlags(app, flags_);
    app.add_flag("--repair", options_.repair, "mend what can be mended");
    app.add_flag("--quick", quick_, "compare sizes only, and read no content");
  }

  Status Run(const cli::World& world, const cli::GlobalFlags& global) override {
    PORTOLAN_TRY(const settings::ServerSettings settings, SettingsOf(flags_, world));
    cli::TerminalLog log(world.terminal, world.clock, global.debug);
    options_.rehash = !quick_;
    PORTOLAN_TRY(const auto storage, options_.repair ? OpenStorage(settings, world, log)
                                                     : OpenStorageForReading(settings, world, log));
    Status written;
    PORTOLAN_TRY(const store::FsckReport report,
                 store::Fsck(*storage, options_, [&](const store::Finding& finding) {
                   if (!written) return;
                   written = world.terminal.Write(fmt::format("{}: {}{}\n", NameOf(finding.kind),
                                                              finding.what,
                                                              finding.repaired ? " (mended)" : ""));
                 }));
    PORTOLAN_CHECK(written);
    PORTOLAN_CHECK(world.terminal.Write(
        fmt::format("{} blobs and {} manifests, {} read: {} damaged, {} left over\n", report.blobs,
                    report.manifests, SizeText(report.bytes), report.damaged, report.harmless)));
    PORTOLAN_CHECK(world.terminal.Flush());
    if (report.damaged == 0) return {};
    return Fail(ErrorCode::kPartial,
                fmt::format("{} things in {} are damaged", report.damaged, settings.root),
                options_.repair
                    ? "push what was lost again: clients see it as unknown now"
                    : "--repair sets damaged content aside, so that it can be pushed again");
  }

 private:
  StorageFlags flags_;
  store::FsckOptions options_;
  bool quick_ = false;
};

}  // namespace

std::unique_ptr<cli::Command> NewFsckCommand() { return std::make_unique<FsckCommand>(); }

}  // namespace portolan::admin
