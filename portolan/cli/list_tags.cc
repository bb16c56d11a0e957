// portolan list-tags: the tags of repositories.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"
#include "portolan/cli/command.h"
#include "portolan/cli/listing.h"
#include "portolan/cli/session.h"
#include "portolan/cli/target.h"

namespace portolan::cli {
namespace {

constexpr std::string_view kManual =
#include "portolan/cli/manual/list_tags.md.inc"
    ;

async::Task<Result<repo::ListSummary>> ListFirst(client::Registries& registries,
                                                 std::vector<oci::Reference> references,
                                                 const repo::ListOptions& options,
                                                 repo::PageSink sink) {
  bool delivered = false;
  const repo::PageSink watching = [&](const repo::ListPage& page) {
    delivered = true;
    return sink(page);
  };
  for (std::size_t i = 0;; ++i) {
    const std::unique_ptr<repo::Repository> repository = registries.Open(references[i]);
    Result<repo::ListSummary> summary = co_await repository->ListTags(options, watching);
    const bool last = delivered || i + 1 == references.size();
    if (summary || last || !MayBeElsewhere(summary.error().code)) co_return summary;
  }
}

// What is no repository, but looks like something that a user may have meant.
Status CheckWord(std::string_view text) {
  constexpr std::array<std::string_view, 8> kTransports = {
      "oci:", "oci-archive:", "docker-archive:", "docker-daemon:", "dir:", "containers-storage:",
      "sif:", "tarball:"};
  for (const std::string_view transport : kTransports) {
    // `dir:5000/x` is a registry with a port; a path or nothing after the colon is a transport's.
    if (!text.starts_with(transport)) continue;
    const std::string_view rest = text.substr(transport.size());
    if (!rest.empty() && IsAsciiDigit(rest.front())) continue;
    return Fail(ErrorCode::kUsage,
                fmt::format("list-tags reads registries only: the transport {} is not supported",
                            transport),
                "name a repository: [docker://]REGISTRY/NAME");
  }
  const std::size_t colon = text.rfind(':');
  const bool port = colon != std::string_view::npos && colon + 1 < text.size() &&
                    std::ranges::all_of(text.substr(colon + 1), IsAsciiDigit);
  const bool host = text.substr(0, colon).contains('.') || text.starts_with("localhost:");
  if (text.contains('/') || !port || !host) return {};
  return Fail(ErrorCode::kUsage,
              fmt::format("{} is a registry: name a repository of it", Printable(text)),
              fmt::format("portolan list-repos {}", Printable(text)));
}

class ListTagsCommand final : public Command {
 public:
  std::string_view name() const override { return "list-tags"; }
  std::string_view manual() const override { return kManual; }
  bool json_errors() const override { return list_flags_.error_format() == ErrorFormat::kJson; }

  void Declare(CLI::App& app) override {
    app.add_option("REF", texts_, "repositories")->required();
    DeclareListFlags(app, list_flags_);
    DeclareRegistryFlags(app, registry_flags_);
  }

  Status Run(const World& world, const GlobalFlags& global) override {
    PORTOLAN_TRY(ListPlan plan, ListPlan::Make(list_flags_, kTagNames));
    plan.show_progress = !global.debug;
    PORTOLAN_TRY(const std::unique_ptr<Session> session,
                 Session::Open(world, global, registry_flags_));
    std::vector<ListJob> jobs;
    for (const std::string& text : texts_) {
      PORTOLAN_TRY(ListJob job, MakeJob(session->registries(), text));
      jobs.push_back(std::move(job));
    }
    return RunListings(world, *session, plan, std::move(jobs));
  }

 private:
  static Result<ListJob> MakeJob(client::Registries& registries, const std::string& text) {
    PORTOLAN_CHECK(CheckWord(text));
    PORTOLAN_TRY(std::vector<oci::Reference> references, registries.Resolve(text));
    const oci::Reference& first = references.front();
    if (first.tag || first.digest) {
      return Fail(ErrorCode::kUsage,
                  fmt::format("{}: a {} is not allowed here: all tags of a repository are listed",
                              Printable(text), first.digest ? "digest" : "tag"),
                  fmt::format("portolan list-tags {}", first.Name()));
    }
    std::string subject = first.repository.text();
    subject.erase(0, subject.rfind('/') + 1);
    return ListJob{.subject = std::move(subject),
                   .fetch = [&registries, references = std::move(references)](
                                const repo::ListOptions& options, repo::PageSink sink) {
                     return ListFirst(registries, references, options, std::move(sink));
                   }};
  }

  std::vector<std::string> texts_;
  ListFlags list_flags_;
  RegistryFlags registry_flags_;
};

}  // namespace

std::unique_ptr<Command> NewListTagsCommand() { return std::make_unique<ListTagsCommand>(); }

}  // namespace portolan::cli
