// From a command line to the tags of one repository: what tags, which-tags and untag share.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "portolan/async/task.h"
#include "portolan/base/result.h"
#include "portolan/cli/command.h"
#include "portolan/cli/error_text.h"
#include "portolan/cli/session.h"
#include "portolan/client/repository_cache.h"
#include "portolan/client/tag_source.h"
#include "portolan/client/tag_survey.h"
#include "portolan/oci/reference.h"
#include "portolan/repo/repository.h"

namespace portolan::cli {

struct TagLookupFlags {
  RegistryFlags registry;
  int parallel = 16;                   ///< -j, --parallel
  std::optional<std::string> max_age;  ///< --max-age
  bool no_cache = false;               ///< --no-cache
  std::string source = "auto";         ///< --source
  bool complete = false;               ///< ask also for what the registry counts; not declared here
};

void DeclareTagLookupFlags(CLI::App& app, TagLookupFlags& flags);
/// Declares `--source` alone.
void DeclareTagSource(CLI::App& app, std::string& source);

/// One repository, its tags, and everything to learn more of them. Must not be moved.
class TagLookup {
 public:
  /// `world` must outlive it. kUsage, and all of Session::Open.
  static Result<std::unique_ptr<TagLookup>> Open(const World& world, const GlobalFlags& global,
                                                 TagLookupFlags flags);
  TagLookup(const TagLookup&) = delete;
  TagLookup& operator=(const TagLookup&) = delete;
  /// Keeps what was learnt.
  ~TagLookup();

  Session& session() { return *session_; }
  const World& world() const { return world_; }

  /// Lists the tags of the first repository of `references` that is there. Everything below needs
  /// it to have succeeded.
  async::Task<Status> List(std::vector<oci::Reference> references);

  client::TagList& list() { return list_; }
  repo::Repository& repository() { return *repository_; }
  client::RepositoryCache& cache() { return *cache_; }
  client::TagSource& source() { return *source_; }

  /// TagSurvey's, with a line of progress.
  async::Task<void> Resolve(std::vector<client::TagInfo>& rows, bool read_ahead);
  async::Task<void> Describe(std::vector<client::TagInfo>& rows,
                             const client::PlatformWish& platform);
  async::Task<std::vector<client::TagMatch>> Match(std::vector<client::TagInfo>& rows,
                                                   const oci::Digest& digest, bool thorough);

  /// What a tag or digest of the repository points to: from `rows`, or by asking.
  async::Task<Result<oci::Digest>> DigestOf(const std::vector<client::TagInfo>& rows,
                                            const repo::ManifestName& name);

 private:
  TagLookup(const World& world, TagLookupFlags flags) : world_(world), flags_(std::move(flags)) {}
  async::Task<Status> ListAt(const oci::Reference& reference);
  /// Runs `work` with a survey that tells its progress.
  async::Task<void> Survey(client::SurveyOptions options, std::size_t total,
                           std::function<async::Task<void>(client::TagSurvey&)> work);

  const World& world_;
  TagLookupFlags flags_;
  bool show_progress_ = false;
  std::chrono::nanoseconds max_age_{0};
  client::TagSourceChoice choice_ = client::TagSourceChoice::kAuto;
  std::unique_ptr<Session> session_;
  std::unique_ptr<repo::Repository> repository_;
  std::unique_ptr<client::RepositoryCache> cache_;
  std::unique_ptr<client::TagSource> source_;
  client::TagList list_;
};

/// Tells of every row that could not be read whole. kPartial, or, if no row could, the first
/// failure's code.
Status TellFailures(Terminal& terminal, const std::vector<client::TagInfo>& rows,
                    ErrorFormat format);

}  // namespace portolan::cli
