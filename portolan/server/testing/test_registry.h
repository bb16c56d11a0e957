// A registry in memory of a test: its storage in a folder that goes with it, its requests without
// sockets.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/async/loop.h"
#include "portolan/async/pool.h"
#include "portolan/auth/access.h"
#include "portolan/auth/authenticator.h"
#include "portolan/base/clock.h"
#include "portolan/base/log.h"
#include "portolan/base/random.h"
#include "portolan/http/client.h"
#include "portolan/oci/hasher.h"
#include "portolan/server/blob_origin.h"
#include "portolan/server/dialect_tokens.h"
#include "portolan/server/registry.h"
#include "portolan/store/storage.h"
#include "portolan/store/testing/temporary_folder.h"

namespace portolan::server {

/// An answer, read to its end.
struct Answered {
  int status = 0;
  http::Headers headers;
  std::string body;
  bool broken = false;  ///< the body ended with an Error

  std::string Header(std::string_view name) const { return std::string(headers.Get(name)); }
  std::vector<std::string> Headers(std::string_view name) const;
};

/// A request as a test writes it.
struct Asked {
  std::string method = "GET";
  std::string target;
  http::Headers headers;
  std::optional<std::string> body;
  bool chunked = false;                    ///< without Content-Length
  std::optional<std::size_t> break_after;  ///< the client goes after so many bytes of the body
};

/// Sends it to the service, and reads the answer to its end.
Answered Ask(async::Loop& loop, http::Service& service, const Asked& asked);

class TestRegistry {
 public:
  explicit TestRegistry(RegistryOptions options = {}, store::StorageOptions storage = {});
  ~TestRegistry();

  /// Starts again with other rules and users ("user:password" by Basic), same storage. The token
  /// service, if there is one, must outlive the registry.
  void SetAuth(std::unique_ptr<auth::Authenticator> authenticator, auth::AccessRules rules,
               http::Service* token_service = nullptr);
  void SetOptions(RegistryOptions options);
  /// Starts again as a registry that stands in for another, with tokens signed with the key of
  /// tests/transcripts/dialects. `realm`: empty for its own. `path`: as RegistryParts has it.
  void SetDialect(const dialect::Served& served, std::string realm = {}, std::string path = {});
  /// Closes the storage and opens it again, as a restart does.
  void Restart();

  Answered Send(Asked asked);
  Answered Get(std::string target, http::Headers headers = {});
  Answered Head(std::string target, http::Headers headers = {});
  Answered Post(std::string target, std::string body = {}, http::Headers headers = {});
  Answered Put(std::string target, std::string body, http::Headers headers = {});
  Answered Patch(std::string target, std::string body, http::Headers headers = {});
  Answered Delete(std::string target, http::Headers headers = {});

  /// Pushes a blob with one POST, which must succeed; gives its digest.
  std::string PushBlob(const std::string& repository, const std::string& content);
  /// Pushes an image manifest with one layer of this text, its blobs before it, under a tag (empty:
  /// by digest). Gives the manifest's digest.
  std::string PushImage(const std::string& repository, const std::string& tag,
                        const std::string& text);
  /// Pushes these bytes as a manifest; expects 201. Gives the digest.
  std::string PushManifest(const std::string& repository, const std::string& reference,
                           const std::string& content, const std::string& media_type);

  store::Storage& storage() { return *storage_; }
  async::Pool& pool() { return pool_; }
  /// Counts where RegistryOptions::blob_origin is set.
  BlobSeals& seals() { return seals_; }
  /// To be served on a socket. Until the next SetAuth, SetOptions or Restart.
  http::Service& service() { return *service_; }
  ManualClock clock;
  MemoryLog log;

 private:
  void Open();

  store::TemporaryFolder folder_;
  RegistryOptions options_;
  store::StorageOptions storage_options_;
  FixedRandom random_;
  async::Loop loop_;
  async::Pool pool_{4};
  std::unique_ptr<store::Storage> storage_;
  std::unique_ptr<auth::Authenticator> authenticator_ = auth::NewOpenAuthenticator();
  auth::CurrentRules rules_{auth::AccessRules::Open()};
  const dialect::Served* served_ = nullptr;
  std::string path_;
  FixedRandom dialect_random_{2};
  BlobSeals seals_{clock, dialect_random_};
  std::unique_ptr<DialectTokens> dialect_tokens_;
  http::Service* token_service_ = nullptr;
  std::unique_ptr<http::Service> service_;
};

/// "sha256:…" of `content`.
std::string Sha256Of(std::string_view content);
std::string Sha512Of(std::string_view content);
/// A JSON image manifest over a config and layers, given as their contents.
std::string ImageManifest(const std::string& config, const std::vector<std::string>& layers,
                          const std::string& more = {});
/// A JSON descriptor.
std::string DescriptorOf(const std::string& media_type, const std::string& content,
                         const std::string& more = {});

}  // namespace portolan::server
