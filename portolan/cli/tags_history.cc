// portolan tags history: what happened to tags.
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/cli/command.h"
#include "portolan/cli/session.h"
#include "portolan/cli/tag_history.h"
#include "portolan/oci/reference.h"

namespace portolan::cli {
namespace {

constexpr std::string_view kManual =
#include "portolan/cli/manual/tags_history.md.inc"
    ;

// `sha256:1a2b3c4d5e6f`: enough to tell digests apart at a glance; json has them whole.
std::string Short(const std::string& digest) {
  if (digest.empty()) return "–";
  const std::size_t colon = digest.find(':');
  if (colon == std::string::npos) return Printable(digest, 20);
  return Printable(digest.substr(0, colon + 13), 40);
}

std::string What(const TagEvent& event) {
  if (event.after.empty()) return "deleted";
  return event.before.empty() ? "created" : "moved";
}

class TagsHistoryCommand final : public Command {
 public:
  std::string_view name() const override { return "tags history"; }
  std::string_view manual() const override { return kManual; }
  void Declare(CLI::App& app) override;
  Status Run(const World& world, const GlobalFlags& global) override;
  bool json_errors() const override { return output_ == "json" || output_ == "ndjson"; }

 private:
  Status Print(Terminal& terminal, const TagEvent& event, const std::string& raw);

  RegistryFlags registry_flags_;
  std::string reference_;
  std::optional<std::size_t> limit_;
  std::string output_ = "table";
  std::size_t printed_ = 0;
};

void TagsHistoryCommand::Declare(CLI::App& app) {
  app.add_option("REF", reference_, "repository, or one tag of it")->required();
  app.add_option("--limit", limit_, "newest events only, so many at most")->type_name("N");
  app.add_option("-o,--output", output_, "how to print")
      ->check(CLI::IsMember({"table", "json", "ndjson"}))
      ->type_name("table|json|ndjson");
  DeclareRegistryFlags(app, registry_flags_);
}

Status TagsHistoryCommand::Print(Terminal& terminal, const TagEvent& event,
                                 const std::string& raw) {
  const bool first = printed_++ == 0;
  if (output_ == "ndjson") return terminal.Write(raw + "\n");
  if (output_ == "json") return terminal.Write((first ? "[\n  " : ",\n  ") + raw);
  if (first) {
    PORTOLAN_CHECK(
        terminal.Write(fmt::format("{:<24}  {:<8}  {:<20}  {:<20}  {:<4}  {:<12}  {}\n", "TIME",
                                   "WHAT", "BEFORE", "AFTER", "KEPT", "BY", "TAG")));
  }
  return terminal.Write(
      fmt::format("{:<24}  {:<8}  {:<20}  {:<20}  {:<4}  {:<12}  {}\n", Printable(event.at, 30),
                  What(event), Short(event.before), Short(event.after),
                  event.before.empty() ? "–"
                  : event.restorable   ? "yes"
                                       : "no",
                  event.by.empty() ? "–" : Printable(event.by, 60), Printable(event.tag)));
}

Status TagsHistoryCommand::Run(const World& world, const GlobalFlags& global) {
  PORTOLAN_TRY(const auto session, Session::Open(world, global, registry_flags_));
  PORTOLAN_TRY(const auto references, session->registries().Resolve(reference_));
  const oci::Reference& reference = references.front();
  const client::Target target{.registry = reference.registry, .repository = reference.repository};
  Status status = session->Run(
      ListTagEvents(session->registries(), target, reference.tag ? reference.tag->text() : "",
                    limit_.value_or(std::numeric_limits<std::size_t>::max()), session->limits(),
                    [&](const TagEvent& event, const std::string& raw) {
                      return Print(world.terminal, event, raw);
                    }));
  if (output_ == "json" && (status || printed_ > 0)) {
    PORTOLAN_CHECK(world.terminal.Write(printed_ > 0 ? "\n]\n" : "[]\n"));
  }
  Status flushed = world.terminal.Flush();
  return status ? flushed : status;
}

}  // namespace

std::unique_ptr<Command> NewTagsHistoryCommand() { return std::make_unique<TagsHistoryCommand>(); }

}  // namespace portolan::cli
