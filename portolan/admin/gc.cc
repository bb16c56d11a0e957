// portolan gc: removes what nothing needs, or says what that would be.
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "portolan/admin/commands.h"
#include "portolan/admin/open_storage.h"
#include "portolan/admin/storage_settings.h"
#include "portolan/cli/terminal_log.h"
#include "portolan/store/collector.h"

namespace portolan::admin {
namespace {

constexpr std::string_view kManual =
#include "portolan/admin/manual/gc.md.inc"
    ;

std::string_view NameOf(store::Removal::Kind kind) {
  using Kind = store::Removal::Kind;
  switch (kind) {
    case Kind::kManifest:
      return "manifest";
    case Kind::kLink:
      return "link";
    case Kind::kBlob:
      return "blob";
    case Kind::kUpload:
      return "upload";
    case Kind::kStagingFile:
      return "staging file";
  }
  return "";
}

std::string Line(const store::Removal& removal) {
  std::string line(NameOf(removal.kind));
  if (!removal.repository.empty()) line += " " + removal.repository;
  line += " " + removal.what;
  if (removal.bytes > 0) line += fmt::format(" ({})", SizeText(removal.bytes));
  if (!removal.why.empty()) line += ": " + removal.why;
  return line + "\n";
}

class GcCommand final : public cli::Command {
 public:
  std::string_view name() const override { return "gc"; }
  std::string_view manual() const override { return kManual; }
  void Declare(CLI::App& app) override {
    DeclareStorageFlags(app, flags_);
    app.add_flag("-n,--dry-run", dry_run_, "change nothing; say what would be removed, and why");
    app.add_flag("-v,--verbose", verbose_, "say what is removed, and why");
  }

  Status Run(const cli::World& world, const cli::GlobalFlags& global) override {
    PORTOLAN_TRY(const settings::ServerSettings settings, SettingsOf(flags_, world));
    cli::TerminalLog log(world.terminal, world.clock, global.debug);
    PORTOLAN_TRY(const auto storage, dry_run_ ? OpenStorageForReading(settings, world, log)
                                              : OpenStorage(settings, world, log));
    store::Collector collector(*storage, world.clock, log);
    Status written;
    const auto tell = [&](const store::Removal& removal) {
      if (written) written = world.terminal.Write(Line(removal));
    };
    PORTOLAN_TRY(const store::CollectionReport report,
                 collector.Run(dry_run_, dry_run_ || verbose_ ? Teller(tell) : Teller(),
                               [&] { return !written.has_value(); }));
    PORTOLAN_CHECK(written);
    PORTOLAN_CHECK(world.terminal.Write(
        fmt::format("{} {} blobs ({}), {} links, {} manifests, {} uploads, {} staging files\n",
                    dry_run_ ? "would remove" : "removed", report.blobs, SizeText(report.bytes),
                    report.links, report.manifests, report.uploads, report.staging_files)));
    return world.terminal.Flush();
  }

 private:
  using Teller = std::function<void(const store::Removal&)>;

  StorageFlags flags_;
  bool dry_run_ = false;
  bool verbose_ = false;
};

}  // namespace

std::unique_ptr<cli::Command> NewGcCommand() { return std::make_unique<GcCommand>(); }

}  // namespace portolan::admin
