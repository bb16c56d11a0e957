// portolan list-repos: the repositories of registries.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/cli/command.h"
#include "portolan/cli/listing.h"
#include "portolan/cli/session.h"
#include "portolan/cli/target.h"

namespace portolan::cli {
namespace {

constexpr std::string_view kManual =
#include "portolan/cli/manual/list_repos.md.inc"
    ;

Result<oci::RegistryName> ParseHost(std::string_view text) {
  PORTOLAN_TRY(client::Target target, ParseHostTarget(text));
  if (!target.repository) return std::move(target.registry);
  return Fail(ErrorCode::kUsage, fmt::format("{} is a repository, not a registry", Printable(text)),
              fmt::format("portolan list-repos {} --match '{}/*'", target.registry.text(),
                          target.repository->text()));
}

class ListReposCommand final : public Command {
 public:
  std::string_view name() const override { return "list-repos"; }
  std::string_view manual() const override { return kManual; }
  bool json_errors() const override { return list_flags_.error_format() == ErrorFormat::kJson; }

  void Declare(CLI::App& app) override {
    app.add_option("HOST", texts_, "registries")->required();
    DeclareListFlags(app, list_flags_);
    DeclareRegistryFlags(app, registry_flags_);
  }

  Status Run(const World& world, const GlobalFlags& global) override {
    PORTOLAN_TRY(ListPlan plan, ListPlan::Make(list_flags_, kRepositoryNames));
    plan.show_progress = !global.debug;
    std::vector<oci::RegistryName> registries;
    for (const std::string& text : texts_) {
      PORTOLAN_TRY(oci::RegistryName registry, ParseHost(text));
      registries.push_back(std::move(registry));
    }
    PORTOLAN_TRY(const std::unique_ptr<Session> session,
                 Session::Open(world, global, registry_flags_));
    std::vector<ListJob> jobs;
    for (const oci::RegistryName& registry : registries) {
      jobs.push_back(
          {.subject = registry.text(),
           .fetch = [&session, registry](const repo::ListOptions& options, repo::PageSink sink) {
             return session->registries().ListRepositories(registry, options, std::move(sink));
           }});
    }
    return RunListings(world, *session, plan, std::move(jobs));
  }

 private:
  std::vector<std::string> texts_;
  ListFlags list_flags_;
  RegistryFlags registry_flags_;
};

}  // namespace

std::unique_ptr<Command> NewListReposCommand() { return std::make_unique<ListReposCommand>(); }

}  // namespace portolan::cli
