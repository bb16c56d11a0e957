// A client's work on a storage, which remembers what it was told.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "portolan/base/result.h"
#include "portolan/store/testing/storage_fixture.h"

namespace portolan::store {

/// Pushes blobs small and large, in one request, by session and by mount, manifests and tags,
/// overwrites, deletes, and has collected what nothing needs. After any step that failed, or a loss
/// of power in its midst, Check tells whether everything that was acknowledged is still there.
class PushScenario {
 public:
  explicit PushScenario(StorageFixture& fixture) : fixture_(fixture) {}

  /// All of it; ends with the first Error.
  Status Run();
  /// Compares the storage with what was acknowledged: lines of complaint, empty if it is sound.
  std::vector<std::string> Check();

 private:
  using Place = std::pair<std::string, std::string>;  // repository and content or tag
  using Choice = std::set<std::optional<std::string>>;
  struct Upload {
    std::string id;
    std::string content;
    std::set<std::uint64_t> offsets;  // that it may stand at
    bool ending = false;              // whether it is still there is uncertain
  };

  Status PushBlob(const std::string& repository, const std::string& content);
  Status PushManifest(const std::string& repository, const std::string& content,
                      const std::string& tag);
  Status Mount(const std::string& from, const std::string& to, const std::string& content);
  Status StartUpload(const std::string& repository, const std::string& content);
  Status AddToUpload(const std::string& repository, std::size_t size);
  Status FinishUpload(const std::string& repository);
  Status DeleteManifest(const std::string& repository, const std::string& content,
                        const std::string& tag);
  Status RemoveBlob(const std::string& repository, const std::string& content);
  Status Collect();

  void CheckBlobs(std::vector<std::string>& complaints);
  void CheckTags(std::vector<std::string>& complaints);
  void CheckUpload(std::vector<std::string>& complaints);

  Storage& storage() { return fixture_.storage(); }
  Actor actor() const { return fixture_.Someone(); }

  StorageFixture& fixture_;
  std::set<Place> blobs_;         // that must be there
  std::map<Place, Choice> tags_;  // manifests that each may name; nullopt: not there
  std::optional<Upload> upload_;
};

}  // namespace portolan::store
