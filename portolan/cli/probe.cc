// portolan probe: how a registry behaves, and which known one it is like.
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "portolan/base/date.h"
#include "portolan/base/log.h"
#include "portolan/base/random_text.h"
#include "portolan/cli/command.h"
#include "portolan/cli/duration.h"
#include "portolan/cli/probe_report.h"
#include "portolan/cli/session.h"
#include "portolan/cli/target.h"
#include "portolan/dialect/profile_file.h"
#include "portolan/probe/investigation.h"
#include "portolan/probe/recorder.h"

namespace portolan::cli {
namespace {

constexpr std::string_view kManual =
#include "portolan/cli/manual/probe.md.inc"
    ;

// Findings as a profile: those that were found out.
dialect::ProfileFile ProfileOf(const ProbeReport& report, const Clock& clock) {
  const probe::Investigation& found = report.investigation;
  dialect::ProfileFile profile{.registry = report.registry.HostPort(),
                               .like = std::string(found.likenesses.front().habits->name),
                               .probed = FormatDate(clock.WallNow()),
                               .answers = {}};
  for (const probe::Finding& finding : found.findings) {
    if (finding.value && !finding.value->empty()) {
      profile.answers.emplace(finding.question, Printable(*finding.value, 512));
    }
  }
  return profile;
}

constexpr int kMaxRequests = 60;
constexpr int kMaxWithPushes = 100;

class ProbeCommand final : public Command {
 public:
  std::string_view name() const override { return "probe"; }
  std::string_view manual() const override { return kManual; }
  bool json_errors() const override { return output_ == "json"; }
  void Declare(CLI::App& app) override;
  Status Run(const World& world, const GlobalFlags& global) override;

 private:
  Result<probe::Bounds> Bounds() const;

  RegistryFlags registry_flags_;
  std::string target_;
  std::string output_ = "text";
  std::string delay_ = "100ms";
  std::string deadline_ = "3m";
  std::optional<std::string> write_profile_;
  bool push_ = false;
  std::optional<int> max_requests_;
  bool evidence_ = false;
};

void ProbeCommand::Declare(CLI::App& app) {
  app.add_option("HOST[/REPO]", target_, "registry, with a repository that has many tags")
      ->required();
  app.add_option("-o,--output", output_, "text or json")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "json"}));
  app.add_flag("--evidence", evidence_, "print the exchanges, too (text)");
  app.add_flag("--push", push_, "also push and delete, in REPO, which must be meant for that");
  app.add_option("--write-profile", write_profile_, "keep what was found, for clients and servers")
      ->type_name("FILE");
  app.add_option("--delay", delay_, "wait between two requests")->type_name("DURATION");
  app.add_option("--deadline", deadline_, "ask nothing more after this time")
      ->type_name("DURATION");
  app.add_option("--max-requests", max_requests_, "ask so often at most")
      ->type_name("N")
      ->check(CLI::Range(1, 1000));
  DeclareRegistryFlags(app, registry_flags_);
}

Result<probe::Bounds> ProbeCommand::Bounds() const {
  using std::chrono::milliseconds;
  PORTOLAN_TRY(const auto delay, ParseDuration(delay_));
  PORTOLAN_TRY(const auto deadline, ParseDuration(deadline_));
  return probe::Bounds{.requests = max_requests_.value_or(push_ ? kMaxWithPushes : kMaxRequests),
                       .delay = std::chrono::ceil<milliseconds>(delay),
                       .deadline = std::chrono::ceil<milliseconds>(deadline)};
}

Status ProbeCommand::Run(const World& world, const GlobalFlags& global) {
  PORTOLAN_TRY(const probe::Bounds bounds, Bounds());
  probe::Recorder* recorder = nullptr;
  World recorded = world;
  recorded.new_http_client = [&](async::Loop& loop, const Limits& limits) {
    auto made =
        std::make_unique<probe::Recorder>(world.new_http_client(loop, limits), world.clock, bounds);
    recorder = made.get();
    return made;
  };
  // A token that was kept would show nothing of how tokens are given.
  RegistryFlags flags = registry_flags_;
  flags.no_token_cache = true;
  PORTOLAN_TRY(const auto session, Session::Open(recorded, global, flags));
  PORTOLAN_TRY(auto targets,
               ResolveTargets(session->registries(), target_, RegistryRule::kDottedOrPorted));
  std::string mark;
  if (push_) {
    if (!targets.front().repository) {
      return Fail(ErrorCode::kUsage, "--push needs HOST/REPO: a repository to push to",
                  "take one that nobody needs; what was pushed is deleted again, where that is "
                  "possible");
    }
    mark = "portolan-probe-" + RandomHex(world.random, 8);
  }
  PORTOLAN_TRY(const probe::Investigation found,
               session->Run(probe::Investigate(session->registries(), *recorder, session->limits(),
                                               std::move(targets.front()), std::move(mark))));
  const ProbeReport report{
      .investigation = found, .exchanges = recorder->exchanges(), .registry = recorder->origin()};
  if (write_profile_) {
    const std::string profile = dialect::WriteProfileFile(ProfileOf(report, world.clock));
    PORTOLAN_CHECK(world.files.Replace(*write_profile_, profile, 0644));
  }
  PORTOLAN_CHECK(
      world.terminal.Write(output_ == "json" ? ProbeJson(report) : ProbeText(report, evidence_)));
  return world.terminal.Flush();
}

}  // namespace

std::unique_ptr<Command> NewProbeCommand() { return std::make_unique<ProbeCommand>(); }

}  // namespace portolan::cli
