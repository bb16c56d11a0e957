// portolan which-tags: the tags that a digest, or another tag's digest, has.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/cli/command.h"
#include "portolan/cli/go_json.h"
#include "portolan/cli/tag_lookup.h"
#include "portolan/cli/tag_order.h"
#include "portolan/cli/tag_writer.h"

namespace portolan::cli {
namespace {

constexpr std::string_view kManual =
#include "portolan/cli/manual/which_tags.md.inc"
    ;

// A tag that was found.
struct Found {
  std::string tag;
  bool contains = false;
  std::string platform;  // may be empty
};

std::string_view Relation(const Found& found) { return found.contains ? "contains" : "same"; }

std::string Members(const Found& found) {
  std::string out = "\"tag\":";
  AppendGoJson(out, found.tag);
  out += fmt::format(",\"match\":\"{}\",\"platform\":", Relation(found));
  if (found.platform.empty()) return out + "null";
  AppendGoJson(out, found.platform);
  return out;
}

class WhichTagsCommand final : public Command {
 public:
  std::string_view name() const override { return "which-tags"; }
  std::string_view manual() const override { return kManual; }
  void Declare(CLI::App& app) override;
  Status Run(const World& world, const GlobalFlags& global) override;
  bool json_errors() const override { return output_ == "json" || output_ == "ndjson"; }

 private:
  std::string Format(const std::string& repository, const std::string& digest,
                     const std::vector<Found>& found) const;

  TagLookupFlags flags_;
  std::string reference_;
  std::string output_ = "table";
};

void WhichTagsCommand::Declare(CLI::App& app) {
  app.add_option("REF", reference_, "image: REPOSITORY@DIGEST or REPOSITORY:TAG")->required();
  app.add_option("-o,--output", output_, "how to print it")
      ->check(CLI::IsMember({"table", "text", "json", "ndjson"}))
      ->type_name("table|text|json|ndjson");
  DeclareTagLookupFlags(app, flags_);
}

std::string WhichTagsCommand::Format(const std::string& repository, const std::string& digest,
                                     const std::vector<Found>& found) const {
  std::string document = "\"repository\":";
  AppendGoJson(document, repository);
  document += ",\"digest\":";
  AppendGoJson(document, digest);
  std::string out;
  if (output_ == "json") {
    out = "{" + document + ",\"tags\":[";
    for (const Found& each : found) {
      out += out.back() == '[' ? "\n  {" : ",\n  {";
      out += Members(each) + "}";
    }
    return out + (found.empty() ? "]}\n" : "\n]}\n");
  }
  std::vector<std::vector<std::string>> lines = {{"TAG", "MATCH", "PLATFORM"}};
  for (const Found& each : found) {
    if (output_ == "ndjson") out += "{" + document + "," + Members(each) + "}\n";
    if (output_ == "text") out += each.tag + "\n";
    lines.push_back({each.tag, std::string(Relation(each)),
                     each.platform.empty() ? "-" : Printable(each.platform, 60)});
  }
  return output_ == "table" ? AlignedTable(lines) : out;
}

Status WhichTagsCommand::Run(const World& world, const GlobalFlags& global) {
  PORTOLAN_TRY(const auto lookup, TagLookup::Open(world, global, flags_));
  Session& session = lookup->session();
  PORTOLAN_TRY(const auto references, session.registries().Resolve(reference_));
  const oci::Reference& first = references.front();
  if (!first.tag && !first.digest) {
    return Fail(ErrorCode::kUsage,
                fmt::format("{} names neither a tag nor a digest", Printable(reference_)),
                fmt::format("for example: portolan which-tags {}:latest", first.Name()));
  }
  std::string digest_text;
  std::vector<Found> found;
  PORTOLAN_CHECK(session.Run([&]() -> async::Task<Status> {
    PORTOLAN_CO_CHECK(co_await lookup->List(references));
    std::vector<client::TagInfo>& rows = lookup->list().rows;
    co_await lookup->Resolve(rows, false);
    repo::ManifestName name = first.digest ? repo::ManifestName(*first.digest) : *first.tag;
    PORTOLAN_CO_TRY(const oci::Digest digest, co_await lookup->DigestOf(rows, name));
    digest_text = digest.text();
    std::vector<client::TagMatch> matches = co_await lookup->Match(rows, digest, false);
    PORTOLAN_CO_TRY(const TagOrder order, TagOrder::Parse("natural", false));
    std::vector<client::TagInfo> kept;
    for (const client::TagMatch& match : matches) {
      client::TagInfo& row = kept.emplace_back(rows[match.row]);
      row.platform = match.platform;
    }
    order.Sort(kept);
    for (const client::TagInfo& row : kept) {
      found.push_back({.tag = row.tag,
                       .contains = row.digest != digest,
                       .platform = row.platform ? client::PlatformText(*row.platform) : ""});
    }
    co_return Status();
  }()));
  const std::string& repository = lookup->repository().name();
  if (!found.empty() || json_errors()) {
    PORTOLAN_CHECK(world.terminal.Write(Format(repository, digest_text, found)));
  }
  PORTOLAN_CHECK(world.terminal.Flush());
  const ErrorFormat errors = json_errors() ? ErrorFormat::kJson : ErrorFormat::kText;
  PORTOLAN_CHECK(TellFailures(world.terminal, lookup->list().rows, errors));
  if (!found.empty()) return {};
  return Fail(ErrorCode::kManifestUnknown,
              fmt::format("no tag of {} points to {}", repository, digest_text));
}

}  // namespace

std::unique_ptr<Command> NewWhichTagsCommand() { return std::make_unique<WhichTagsCommand>(); }

}  // namespace portolan::cli
