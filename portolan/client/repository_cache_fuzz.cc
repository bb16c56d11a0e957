// Property: whatever the files of the cache hold, what is given is what its digest says, and what
// is written is read again. The input is one file of either kind.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "portolan/client/repository_cache.h"
#include "portolan/oci/hasher.h"

namespace {

using namespace portolan;

constexpr const char* kFolder = "/c/portolan/";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  const oci::Digest digest = oci::DigestOf(oci::HashAlgorithm::kSha256, "known");
  MemoryFiles files;
  const Environment environment{
      .variables = {{"XDG_CACHE_HOME", "/c"}}, .home = "/home/u", .uid = 1000};
  const ManualClock clock;
  NullLog log;
  for (const char* kind : {"content", "tags"}) {
    files.files[std::string(kFolder) + kind + "/r.test/a"] = {.content = input, .mode = 0600};
  }
  files.files[std::string(kFolder) + "use"] = {.content = input, .mode = 0600};
  client::RepositoryCache cache(files, environment, clock, log, "r.test/a", true);
  const auto* const found = cache.Find(digest);
  if (found != nullptr && found->text != "known") std::abort();
  cache.Keep(digest, "a/b", "known");
  cache.KeepTag("t", digest, "a/b");
  cache.Store();
  client::RepositoryCache again(files, environment, clock, log, "r.test/a", true);
  const auto* const kept = again.Find(digest);
  if (kept == nullptr || kept->text != "known") std::abort();
  const auto* const tag = again.FindTag("t");
  if (tag == nullptr || tag->digest != digest || tag->media_type != "a/b") std::abort();
  return 0;
}
