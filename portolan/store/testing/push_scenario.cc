#include "portolan/store/testing/push_scenario.h"

#include <fmt/format.h>

#include "portolan/store/collector.h"
#include "portolan/store/fsck.h"

namespace portolan::store {

Status PushScenario::Run() {
  const std::string config = "config";
  const std::string layer = RandomContent(3000, 1);
  const std::string resumed = RandomContent(5000, 2);
  const std::string unneeded = RandomContent(2000, 3);
  const std::string deleted = RandomContent(1500, 4);
  PORTOLAN_CHECK(PushBlob("a", config));
  PORTOLAN_CHECK(PushBlob("a", layer));
  PORTOLAN_CHECK(PushManifest("a", ImageManifest(config, {layer}), "latest"));
  PORTOLAN_CHECK(StartUpload("a", resumed));
  PORTOLAN_CHECK(AddToUpload("a", 10));
  PORTOLAN_CHECK(AddToUpload("a", 2000));
  PORTOLAN_CHECK(AddToUpload("a", 1000));
  PORTOLAN_CHECK(FinishUpload("a"));
  PORTOLAN_CHECK(PushManifest("a", ImageManifest(config, {layer, resumed}), "latest"));
  PORTOLAN_CHECK(Mount("a", "b", layer));
  PORTOLAN_CHECK(PushBlob("b", config));
  PORTOLAN_CHECK(PushManifest("b", ImageManifest(config, {layer}), "v1"));
  PORTOLAN_CHECK(PushBlob("b", layer));  // a second object, that is dropped for the first
  PORTOLAN_CHECK(PushBlob("b", unneeded));
  PORTOLAN_CHECK(PushBlob("b", deleted));
  PORTOLAN_CHECK(RemoveBlob("b", deleted));
  PORTOLAN_CHECK(DeleteManifest("b", ImageManifest(config, {layer}), "v1"));
  PORTOLAN_CHECK(Collect());
  PORTOLAN_CHECK(PushBlob("b", unneeded));
  PORTOLAN_CHECK(PushBlob("b", config));
  return PushManifest("b", ImageManifest(config, {unneeded}), "v2");
}

// Each step widens what may be, acts, and narrows it when it was told of success.

Status PushScenario::PushBlob(const std::string& repository, const std::string& content) {
  PORTOLAN_CHECK(store::PushBlob(storage(), repository, content, actor()));
  blobs_.insert({repository, content});
  return {};
}

Status PushScenario::PushManifest(const std::string& repository, const std::string& content,
                                  const std::string& tag) {
  Choice& choice = tags_[{repository, tag}];
  if (choice.empty()) choice.insert(std::nullopt);
  choice.insert(content);
  PORTOLAN_CHECK(store::PushManifest(storage(), repository, content, {TagOf(tag)}, actor()));
  choice = {content};
  return {};
}

Status PushScenario::Mount(const std::string& from, const std::string& to,
                           const std::string& content) {
  PORTOLAN_CHECK(
      storage().MountBlob(RepositoryNamed(from), RepositoryNamed(to), Sha256Of(content), actor()));
  blobs_.insert({to, content});
  return {};
}

Status PushScenario::StartUpload(const std::string& repository, const std::string& content) {
  PORTOLAN_TRY(
      const UploadState state,
      storage().StartUpload(RepositoryNamed(repository), oci::HashAlgorithm::kSha256, actor()));
  upload_ = Upload{.id = state.id, .content = content, .offsets = {0}, .ending = false};
  return {};
}

Status PushScenario::AddToUpload(const std::string& repository, std::size_t size) {
  const std::uint64_t from = *upload_->offsets.begin();
  upload_->offsets.insert(from + size);
  PORTOLAN_TRY(const auto writer,
               storage().ContinueUpload(RepositoryNamed(repository), upload_->id, actor()));
  PORTOLAN_CHECK(Feed(*writer, std::string_view(upload_->content).substr(from, size)));
  PORTOLAN_CHECK(writer->Acknowledge());
  upload_->offsets = {from + size};
  return {};
}

Status PushScenario::FinishUpload(const std::string& repository) {
  const std::uint64_t from = *upload_->offsets.begin();
  upload_->ending = true;
  PORTOLAN_TRY(const auto writer,
               storage().ContinueUpload(RepositoryNamed(repository), upload_->id, actor()));
  PORTOLAN_CHECK(Feed(*writer, std::string_view(upload_->content).substr(from)));
  PORTOLAN_CHECK(writer->Finish(Sha256Of(upload_->content), actor()));
  blobs_.insert({repository, upload_->content});
  upload_.reset();
  return {};
}

Status PushScenario::DeleteManifest(const std::string& repository, const std::string& content,
                                    const std::string& tag) {
  Choice& choice = tags_[{repository, tag}];
  choice.insert(std::nullopt);
  PORTOLAN_CHECK(
      storage().metadata().DeleteManifest(RepositoryNamed(repository), Sha256Of(content), actor()));
  choice = {std::nullopt};
  return {};
}

Status PushScenario::RemoveBlob(const std::string& repository, const std::string& content) {
  blobs_.erase({repository, content});
  return storage().metadata().RemoveBlob(RepositoryNamed(repository), Sha256Of(content));
}

// So much later that nothing is promised any more but what manifests need.
Status PushScenario::Collect() {
  blobs_.clear();
  if (upload_.has_value()) upload_->ending = true;
  fixture_.clock.Advance(fixture_.options.tag_history + std::chrono::hours(1));
  Collector collector(storage(), fixture_.clock, fixture_.log);
  PORTOLAN_TRY(const CollectionReport report, collector.Run(false, {}));
  if (report.links > 0 && report.blobs > 0) return {};
  return Fail(ErrorCode::kInternal, "the collector has removed nothing");
}

std::vector<std::string> PushScenario::Check() {
  std::vector<std::string> complaints;
  CheckBlobs(complaints);
  CheckTags(complaints);
  const auto report = Fsck(storage(), {}, [&](const Finding& finding) {
    const bool harmless = finding.kind == Finding::Kind::kOrphanObject ||
                          finding.kind == Finding::Kind::kOrphanStaging;
    if (!harmless) complaints.push_back("fsck: " + finding.what);
  });
  if (!report) complaints.push_back("fsck: " + report.error().message);
  CheckUpload(complaints);
  return complaints;
}

void PushScenario::CheckBlobs(std::vector<std::string>& complaints) {
  for (const auto& [repository, content] : blobs_) {
    const auto pulled = PullBlob(storage(), repository, Sha256Of(content));
    if (pulled && *pulled == content) continue;
    complaints.push_back(fmt::format("blob of {} bytes in {}: {}", content.size(), repository,
                                     pulled ? "other content" : pulled.error().message));
  }
}

void PushScenario::CheckTags(std::vector<std::string>& complaints) {
  for (const auto& [place, choice] : tags_) {
    const auto& [repository, tag] = place;
    const auto manifest =
        storage().GetManifest(RepositoryNamed(repository), TagOf(tag), kPoolPatience);
    const auto content = manifest ? std::optional(*manifest->content) : std::nullopt;
    if (!choice.contains(content)) {
      complaints.push_back(fmt::format("tag {} of {}: {}", tag, repository,
                                       manifest ? *content : manifest.error().message));
      continue;
    }
    if (!content.has_value()) continue;
    const auto parsed = oci::Manifest::Parse(*content, "");
    std::vector<oci::Descriptor> needed = parsed->layers;
    needed.push_back(*parsed->config);
    for (const oci::Descriptor& one : needed) {
      const auto pulled = PullBlob(storage(), repository, one.digest);
      if (pulled && Sha256Of(*pulled) == one.digest) continue;
      complaints.push_back(
          fmt::format("tag {} of {} needs {}", tag, repository, one.digest.text()));
    }
  }
}

// What was acknowledged of an upload is there, and it can be brought to its end.
void PushScenario::CheckUpload(std::vector<std::string>& complaints) {
  if (!upload_.has_value() || upload_->ending) return;
  const auto writer = storage().ContinueUpload(RepositoryNamed("a"), upload_->id, actor());
  if (!writer) {
    complaints.push_back("upload: " + writer.error().message);
    return;
  }
  const std::uint64_t offset = (*writer)->offset();
  if (!upload_->offsets.contains(offset)) {
    complaints.push_back(fmt::format("upload stands at {}", offset));
  }
  Status finished = Feed(**writer, std::string_view(upload_->content).substr(offset));
  if (finished) finished = (*writer)->Finish(Sha256Of(upload_->content), actor());
  if (!finished) complaints.push_back("upload: " + finished.error().message);
  upload_.reset();
}

}  // namespace portolan::store
