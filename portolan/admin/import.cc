// portolan import: takes over the storage of a docker-registry.
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "portolan/admin/commands.h"
#include "portolan/admin/open_storage.h"
#include "portolan/admin/storage_settings.h"
#include "portolan/base/log.h"
#include "portolan/cli/terminal_log.h"
#include "portolan/store/import_distribution.h"

namespace portolan::admin {
namespace {

constexpr std::string_view kManual =
#include "portolan/admin/manual/import.md.inc"
    ;

class ImportCommand final : public cli::Command {
 public:
  std::string_view name() const override { return "import"; }
  std::string_view manual() const override { return kManual; }
  void Declare(CLI::App& app) override {
    app.add_option("SOURCE", source_, "storage folder of the docker-registry")
        ->required()
        ->type_name("FOLDER");
    DeclareStorageFlags(app, flags_);
    app.add_flag("--no-verify", no_verify_, "trust the blobs without hashing them");
    app.add_flag("--unreferenced", options_.unreferenced,
                 "take blobs that no manifest refers to, too");
  }

  Status Run(const cli::World& world, const cli::GlobalFlags& global) override {
    PORTOLAN_TRY(const settings::ServerSettings settings, SettingsOf(flags_, world));
    cli::TerminalLog log(world.terminal, world.clock, global.debug);
    PORTOLAN_TRY(const auto storage, store::Storage::Open(settings.root, StorageOptionsOf(settings),
                                                          world.clock, world.random, log));
    options_.verify = !no_verify_;
    cli::Terminal& terminal = world.terminal;
    const Result<store::ImportReport> report = store::ImportDistribution(
        *storage, source_, options_, world.clock,
        {.on_problem =
             [&](const store::ImportProblem& problem) {
               terminal.WriteError(fmt::format("portolan: not taken: {}: {}",
                                               Printable(problem.what, 1024),
                                               Printable(problem.why, 1024)));
             },
         .on_progress =
             [&](const std::string& repository, const store::ImportReport& so_far) {
               terminal.ShowProgress(fmt::format("{}: {} manifests, {} blobs, {}",
                                                 Printable(repository), so_far.manifests,
                                                 so_far.blobs, SizeText(so_far.bytes)));
             },
         .stop = {}});
    terminal.ShowProgress({});
    PORTOLAN_CHECK(report);
    PORTOLAN_CHECK(terminal.Write(fmt::format(
        "{} repositories: {} manifests, {} tags, {} blobs ({}) taken; {} manifests were "
        "there already\n",
        report->repositories, report->manifests, report->tags, report->blobs,
        SizeText(report->bytes), report->known)));
    PORTOLAN_CHECK(terminal.Flush());
    if (report->problems == 0) return {};
    return Fail(
        ErrorCode::kPartial,
        fmt::format("{} things could not be taken; the lines above say which", report->problems),
        "running it again takes what has been mended meanwhile");
  }

 private:
  StorageFlags flags_;
  store::ImportOptions options_;
  std::string source_;
  bool no_verify_ = false;
};

}  // namespace

std::unique_ptr<cli::Command> NewImportCommand() { return std::make_unique<ImportCommand>(); }

}  // namespace portolan::admin
