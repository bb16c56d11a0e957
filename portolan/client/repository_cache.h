// What was learnt of a repository's tags and content, kept between processes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "portolan/base/clock.h"
#include "portolan/base/environment.h"
#include "portolan/base/files.h"
#include "portolan/base/log.h"
#include "portolan/oci/digest.h"

namespace portolan::client {

/// Two files of mode 0600 per repository in `${XDG_CACHE_HOME:-~/.cache}/portolan`: `content/…`
/// holds manifests and image configurations by digest, `tags/…` says which digest each tag had, and
/// when it was seen. A cache: what cannot be read or understood is as good as absent, and a failure
/// to write is told only to the debug log. Files are replaced whole, so that processes that share
/// them lose at most each other's additions; content whose digest is not that of its bytes is never
/// given. For one thread.
class RepositoryCache {
 public:
  static constexpr std::size_t kMaxFile = 64U << 20U;        ///< bytes of one file
  static constexpr std::size_t kMaxEntry = 1U << 20U;        ///< content larger is not kept
  static constexpr std::uint64_t kMaxTotal = 512ULL << 20U;  ///< bytes of all `content` files

  struct Content {
    std::string media_type;
    std::string text;
  };
  struct SeenTag {
    oci::Digest digest;
    std::string media_type;
    Clock::WallTime seen;
  };

  /// `name` is `quay.io/a/b`. The references must outlive the cache. With `enabled` false nothing
  /// is read or written, and what is kept is kept for this process alone.
  RepositoryCache(Files& files, const Environment& environment, const Clock& clock, Log& log,
                  std::string_view name, bool enabled);
  RepositoryCache(const RepositoryCache&) = delete;
  RepositoryCache& operator=(const RepositoryCache&) = delete;

  /// The content, verified; null if it is not there. Valid until the next Keep or Store.
  const Content* Find(const oci::Digest& digest);
  /// Keeps content that has been verified.
  void Keep(const oci::Digest& digest, std::string_view media_type, std::string_view text);

  /// What the tag pointed to when it was last seen.
  const SeenTag* FindTag(std::string_view tag) const;
  /// It was seen now.
  void KeepTag(std::string_view tag, const oci::Digest& digest, std::string_view media_type);
  void ForgetTag(std::string_view tag);

  /// Writes what has changed. Content that was not used for long goes where there is no room.
  void Store();

 private:
  struct Entry {
    std::string digest;
    Content content;
    bool verified = false;
  };
  using Entries = std::list<Entry>;

  void DropLast();
  void LoadContent();
  void LoadTags();
  void StoreContent();
  void StoreTags();
  void MakeRoom(std::uint64_t size);

  Files& files_;
  const Clock& clock_;
  Log& log_;
  bool enabled_;
  std::string name_;
  std::string folder_;
  std::string file_;  // below `content` and `tags`

  Entries entries_;  // the last used first
  std::map<std::string, Entries::iterator, std::less<>> index_;
  std::size_t content_size_ = 0;  // bytes
  bool content_changed_ = false;
  std::map<std::string, SeenTag, std::less<>> tags_;
  bool tags_changed_ = false;
};

}  // namespace portolan::client
