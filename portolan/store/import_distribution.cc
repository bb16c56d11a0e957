#include "portolan/store/import_distribution.h"

#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "portolan/oci/hasher.h"
#include "portolan/oci/manifest.h"
#include "portolan/store/distribution_tree.h"

namespace portolan::store {
namespace {

constexpr std::size_t kMaxManifest = 16U << 20U;  // bytes; distribution takes 4 MiB
constexpr std::size_t kReadPiece = 256U << 10U;

// What the text is. Distribution keeps no Content-Type, and OCI's texts need not say it themselves.
Result<oci::Manifest> ParseStored(std::string_view content) {
  Result<oci::Manifest> manifest = oci::Manifest::Parse(content, "");
  for (const std::string_view type : {oci::kImageManifestType, oci::kImageIndexType}) {
    if (manifest) break;
    if (auto guessed = oci::Manifest::Parse(content, type); guessed) return guessed;
  }
  return manifest;
}

// Whether the old registry's content is to blame, and not our own storage.
bool IsProblem(const Error& error) {
  return error.code != ErrorCode::kIo && error.code != ErrorCode::kInsufficientStorage &&
         error.code != ErrorCode::kInternal;
}

Error Damaged(std::uint64_t size) {
  return Fail(ErrorCode::kDigestInvalid,
              fmt::format("its {} bytes have another digest: it is damaged", size));
}

Result<oci::HashAlgorithm> AlgorithmOf(const oci::Digest& digest) {
  const auto algorithm = oci::HashAlgorithmOf(digest.algorithm());
  if (algorithm.has_value()) return *algorithm;
  return Fail(ErrorCode::kUnsupported,
              fmt::format("it cannot be verified with {}", digest.algorithm()));
}

bool IsIndexType(std::string_view media_type) {
  return media_type == oci::kImageIndexType || media_type == oci::kDockerManifestListType;
}

// A manifest, and where its text lies.
struct Revision {
  oci::Digest digest;
  oci::Digest stored_as;
};

// An index that lists what is not here yet.
struct Waiting {
  Revision revision;
  std::string why;
};

class Import {
 public:
  Import(Storage& storage, const DistributionTree& tree, const ImportOptions& options,
         const Clock& clock, const ImportCallbacks& callbacks)
      : storage_(storage),
        metadata_(storage.metadata()),
        tree_(tree),
        options_(options),
        clock_(clock),
        callbacks_(callbacks) {}

  Result<ImportReport> Run() {
    PORTOLAN_CHECK(tree_.ForEachRepository([&](const std::string& name) -> Status {
      if (Stopped()) return {};
      const auto repository = oci::RepositoryName::Parse(name);
      if (repository) return TakeRepository(*repository);
      Problem(name, repository.error().message);
      return {};
    }));
    return report_;
  }

 private:
  // The tags of each manifest that are still to be set.
  using Tags = std::map<oci::Digest, std::vector<oci::Tag>>;

  bool Stopped() const { return callbacks_.stop && callbacks_.stop(); }
  Actor actor() const { return {.principal = options_.principal, .now = clock_.WallNow()}; }

  void Problem(std::string what, std::string why) {
    ++report_.problems;
    if (callbacks_.on_problem) {
      callbacks_.on_problem({.what = std::move(what), .why = std::move(why)});
    }
  }

  Status TakeRepository(const oci::RepositoryName& repository) {
    ++report_.repositories;
    PORTOLAN_TRY(const auto revisions, tree_.Revisions(repository.text()));
    PORTOLAN_TRY(Tags tags, ReadTags(repository));
    std::vector<Waiting> waiting;
    for (const DistributionTree::Link& link : revisions) {
      if (Stopped()) return {};
      const auto digest = oci::Digest::Parse(link.name);
      if (!link.digest || !digest) {
        Problem(link.path, digest ? link.digest.error().message : digest.error().message);
      }
      if (!digest) continue;
      // The link is broken; but the folder's name says what it held, and the text will prove it.
      const Revision revision{.digest = *digest, .stored_as = link.digest.value_or(*digest)};
      PORTOLAN_CHECK(TakeManifest(repository, revision, tags, &waiting));
    }
    PORTOLAN_CHECK(TakeWaiting(repository, tags, std::move(waiting)));
    TellTagsLeft(repository, tags);
    return TakeLayers(repository);
  }

  void TellTagsLeft(const oci::RepositoryName& repository, const Tags& tags) {
    if (Stopped()) return;  // their manifests may just not have had their turn
    for (const auto& [digest, names] : tags) {
      for (const oci::Tag& tag : names) {
        Problem(fmt::format("{}:{}", repository.text(), tag.text()),
                fmt::format("it names {}, which could not be taken", digest.text()));
      }
    }
  }

  Result<Tags> ReadTags(const oci::RepositoryName& repository) {
    PORTOLAN_TRY(const auto links, tree_.Tags(repository.text()));
    Tags tags;
    for (const DistributionTree::Link& link : links) {
      const auto tag = oci::Tag::Parse(link.name);
      if (!tag || !link.digest) {
        Problem(link.path, tag ? link.digest.error().message : tag.error().message);
        continue;
      }
      PORTOLAN_TRY(const bool wanted, IsWanted(repository, *tag, *link.digest));
      if (wanted) tags[*link.digest].push_back(*tag);
    }
    return tags;
  }

  Result<bool> IsWanted(const oci::RepositoryName& repository, const oci::Tag& tag,
                        const oci::Digest& digest) {
    const auto row = metadata_.FindManifest(repository, tag);
    if (!row) {
      if (IsProblem(row.error())) return true;
      return row.error();
    }
    if (row->digest != digest) {
      Problem(fmt::format("{}:{}", repository.text(), tag.text()),
              fmt::format("it names {} here already, and stays so; there it names {}",
                          row->digest.text(), digest.text()));
    }
    return false;
  }

  // Stores the manifest and its tags, which are taken out of `tags`. An index that lists what is
  // not here yet goes to `waiting`; without that it is stored as it is.
  Status TakeManifest(const oci::RepositoryName& repository, const Revision& revision, Tags& tags,
                      std::vector<Waiting>* waiting) {
    const oci::Digest& digest = revision.digest;
    const auto known = metadata_.FindManifest(repository, digest);
    if (!known && !IsProblem(known.error())) return known.error();
    const auto wanted = tags.find(digest);
    // An index may have been stored without some of the layers that it lists (TakeWaiting).
    const bool may_lack = known && IsIndexType(known->media_type);
    if (known && wanted == tags.end() && !may_lack) {
      ++report_.known;
      return {};
    }
    const std::string what = fmt::format("{}@{}", repository.text(), digest.text());
    const auto text = known ? ReadOwn(repository, digest) : ReadManifest(revision);
    if (!text) {
      Problem(what, text.error().message);
      return {};
    }
    if (!known || may_lack) PORTOLAN_CHECK(TakeBlobsOf(repository, text->manifest, what));
    if (known && wanted == tags.end()) {
      ++report_.known;
      return {};
    }
    const std::vector<oci::Tag> names =
        wanted == tags.end() ? std::vector<oci::Tag>() : wanted->second;
    const auto stored = metadata_.PutManifest({.repository = repository,
                                               .digest = digest,
                                               .manifest = text->manifest,
                                               .content = text->content,
                                               .tags = names,
                                               .allow_missing = waiting == nullptr},
                                              actor());
    if (!stored && stored.error().code == ErrorCode::kManifestBlobUnknown) {
      if (waiting != nullptr && text->manifest.kind == oci::Manifest::Kind::kIndex) {
        waiting->push_back({.revision = revision, .why = stored.error().message});
      } else {
        Problem(what, stored.error().message);
      }
      return {};
    }
    PORTOLAN_CHECK(stored);
    if (!names.empty()) tags.erase(wanted);
    report_.tags += names.size();
    ++(known ? report_.known : report_.manifests);
    if (callbacks_.on_progress) callbacks_.on_progress(repository.text(), report_);
    return {};
  }

  // Round by round, as deep as indexes lie in each other. What then still waits lists manifests
  // that the old registry has not got either; there the others of the list could be pulled, and so
  // they can here.
  Status TakeWaiting(const oci::RepositoryName& repository, Tags& tags,
                     std::vector<Waiting> waiting) {
    for (bool progress = true; progress && !waiting.empty();) {
      std::vector<Waiting> still;
      for (const Waiting& one : waiting) {
        if (Stopped()) return {};
        PORTOLAN_CHECK(TakeManifest(repository, one.revision, tags, &still));
      }
      progress = still.size() < waiting.size();
      waiting = std::move(still);
    }
    for (const Waiting& one : waiting) {
      Problem(fmt::format("{}@{}", repository.text(), one.revision.digest.text()),
              one.why + "; it is taken without");
      PORTOLAN_CHECK(TakeManifest(repository, one.revision, tags, nullptr));
    }
    return {};
  }

  struct Text {
    std::string content;
    oci::Manifest manifest;
  };

  Result<Text> ReadOwn(const oci::RepositoryName& repository, const oci::Digest& digest) {
    PORTOLAN_TRY(const StoredManifest stored, metadata_.ReadManifest(repository, digest));
    PORTOLAN_TRY(oci::Manifest manifest, oci::Manifest::Parse(*stored.content, stored.media_type));
    return Text{.content = *stored.content, .manifest = std::move(manifest)};
  }

  Result<Text> ReadManifest(const Revision& revision) {
    PORTOLAN_TRY(std::string content, tree_.ReadBlob(revision.stored_as, kMaxManifest));
    PORTOLAN_TRY(const oci::HashAlgorithm algorithm, AlgorithmOf(revision.digest));
    if (oci::DigestOf(algorithm, content) != revision.digest) return Damaged(content.size());
    PORTOLAN_TRY(oci::Manifest manifest, ParseStored(content));
    return Text{.content = std::move(content), .manifest = std::move(manifest)};
  }

  Status TakeBlobsOf(const oci::RepositoryName& repository, const oci::Manifest& manifest,
                     const std::string& what) {
    std::vector<oci::Descriptor> blobs = manifest.layers;
    if (manifest.config.has_value()) blobs.push_back(*manifest.config);
    for (const oci::Descriptor& child : manifest.manifests) {
      // Build caches are indexes of layers. Manifests among the children come by themselves.
      if (tree_.HasLayer(repository.text(), child.digest) &&
          !tree_.HasRevision(repository.text(), child.digest)) {
        blobs.push_back(child);
      }
    }
    for (const oci::Descriptor& blob : blobs) {
      const Status taken = TakeBlob(repository, blob.digest);
      if (taken) continue;
      if (!IsProblem(taken.error())) return taken;
      const bool elsewhere = blob.has_urls || oci::IsNonDistributable(blob.media_type);
      if (!elsewhere)
        Problem(fmt::format("{}: {}", what, blob.digest.text()), taken.error().message);
    }
    return {};
  }

  // The cheapest way first: it is there; another repository has it; its file.
  Status TakeBlob(const oci::RepositoryName& repository, const oci::Digest& digest) {
    const auto row = metadata_.FindBlob(repository, digest);
    if (row || !IsProblem(row.error())) return row ? Status() : row.error();
    PORTOLAN_TRY(const auto others, metadata_.RepositoriesWithBlob(digest, 1));
    if (!others.empty()) {
      PORTOLAN_CHECK(metadata_.MountBlob(others.front(), repository, digest, actor()));
    } else {
      PORTOLAN_CHECK(TakeFile(repository, digest));
    }
    ++report_.blobs;
    return {};
  }

  Status TakeFile(const oci::RepositoryName& repository, const oci::Digest& digest) {
    const oci::Digest stored_as = tree_.StoredAs(repository.text(), digest);
    PORTOLAN_TRY(const std::uint64_t size, CheckFile(stored_as, digest));
    BlobRow blob{.digest = digest, .size = size, .object = {}, .content = {}};
    if (size <= storage_.options().inline_blob_size) {
      PORTOLAN_TRY(std::string content, tree_.ReadBlob(stored_as, size));
      blob.content = std::make_shared<const std::string>(std::move(content));
    } else {
      PORTOLAN_TRY(blob.object, storage_.blobs().Adopt(tree_.PathOf(stored_as), digest));
    }
    PORTOLAN_CHECK(metadata_.AddBlob(repository, blob, "", actor()));
    report_.bytes += size;
    return {};
  }

  // The size of the file, which is verified if that is wanted. What cannot be read is a problem,
  // not our disk's failure.
  Result<std::uint64_t> CheckFile(const oci::Digest& stored_as, const oci::Digest& digest) {
    Result<std::uint64_t> size = Verify(stored_as, digest);
    if (!size && size.error().code == ErrorCode::kIo) {
      size.error().code = ErrorCode::kBlobUnknown;
    }
    return size;
  }

  Result<std::uint64_t> Verify(const oci::Digest& stored_as, const oci::Digest& digest) {
    PORTOLAN_TRY(const auto file, tree_.OpenBlob(stored_as));
    PORTOLAN_TRY(const oci::HashAlgorithm algorithm, AlgorithmOf(digest));
    if (!options_.verify) return file->Size();
    oci::Hasher hasher(algorithm);
    buffer_.resize(kReadPiece);
    for (;;) {
      PORTOLAN_TRY(const std::size_t size, file->ReadAt(hasher.size(), buffer_));
      if (size == 0) break;
      hasher.Update(std::string_view(buffer_).substr(0, size));
    }
    if (hasher.Finish() != digest) return Damaged(hasher.size());
    return hasher.size();
  }

  // Broken links are told in any case: manifests that needed them may have been taken all the same.
  Status TakeLayers(const oci::RepositoryName& repository) {
    PORTOLAN_TRY(const auto links, tree_.Layers(repository.text()));
    for (const DistributionTree::Link& link : links) {
      if (Stopped()) return {};
      if (!link.digest) {
        Problem(link.path, link.digest.error().message);
        continue;
      }
      if (!options_.unreferenced) continue;
      const Status taken = TakeBlob(repository, *link.digest);
      if (!taken && !IsProblem(taken.error())) return taken;
      if (!taken) Problem(link.path, taken.error().message);
    }
    return {};
  }

  Storage& storage_;
  MetadataStore& metadata_;
  const DistributionTree& tree_;
  const ImportOptions& options_;
  const Clock& clock_;
  const ImportCallbacks& callbacks_;
  ImportReport report_;
  std::string buffer_;
};

}  // namespace

Result<ImportReport> ImportDistribution(Storage& storage, const std::string& root,
                                        const ImportOptions& options, const Clock& clock,
                                        const ImportCallbacks& callbacks) {
  PORTOLAN_TRY(const DistributionTree tree, DistributionTree::Open(root));
  return Import(storage, tree, options, clock, callbacks).Run();
}

}  // namespace portolan::store
