// portolan tags restore: sets a tag back to what it was.
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/cli/command.h"
#include "portolan/cli/session.h"
#include "portolan/cli/tag_history.h"
#include "portolan/oci/digest.h"
#include "portolan/oci/reference.h"

namespace portolan::cli {
namespace {

constexpr std::string_view kManual =
#include "portolan/cli/manual/tags_restore.md.inc"
    ;

class TagsRestoreCommand final : public Command {
 public:
  std::string_view name() const override { return "tags restore"; }
  std::string_view manual() const override { return kManual; }
  void Declare(CLI::App& app) override;
  Status Run(const World& world, const GlobalFlags& global) override;

 private:
  RegistryFlags registry_flags_;
  std::string reference_;
  std::string digest_;
};

void TagsRestoreCommand::Declare(CLI::App& app) {
  app.add_option("REF", reference_, "the tag: REPOSITORY:TAG")->required();
  app.add_option("--to", digest_, "the digest to set it to (what it was before the last change)")
      ->type_name("DIGEST");
  DeclareRegistryFlags(app, registry_flags_);
}

Status TagsRestoreCommand::Run(const World& world, const GlobalFlags& global) {
  if (!digest_.empty()) PORTOLAN_CHECK(oci::Digest::Parse(digest_));
  PORTOLAN_TRY(const auto session, Session::Open(world, global, registry_flags_));
  PORTOLAN_TRY(const auto references, session->registries().Resolve(reference_));
  const oci::Reference& reference = references.front();
  if (!reference.tag) {
    return Fail(ErrorCode::kUsage, fmt::format("{} names no tag", Printable(reference_)),
                "name the tag to restore: portolan tags restore REPOSITORY:TAG");
  }
  const client::Target target{.registry = reference.registry, .repository = reference.repository};
  PORTOLAN_TRY(const std::string digest,
               session->Run(RestoreTag(session->registries(), target, reference.tag->text(),
                                       digest_, session->limits())));
  PORTOLAN_CHECK(world.terminal.Write(fmt::format("{}:{} is {} again\n", reference.Name(),
                                                  reference.tag->text(), Printable(digest))));
  return world.terminal.Flush();
}

}  // namespace

std::unique_ptr<Command> NewTagsRestoreCommand() { return std::make_unique<TagsRestoreCommand>(); }

}  // namespace portolan::cli
