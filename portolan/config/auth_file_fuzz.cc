// auth.json as a stranger might write it. What is found in it must still be found after a login to
// another registry and a logout from it have rewritten the file.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "portolan/config/credentials.h"

namespace portolan::config {
namespace {

// Helpers that hold nothing and take nothing.
class NoHelpers final : public HelperRunner {
 public:
  Result<Output> Run(const std::string&, const std::string&, const std::string&) override {
    return Output{.exit_status = 1, .standard_output = "credentials not found in native keychain"};
  }
};

constexpr const char* kPath = "/auth.json";

void Require(bool condition) {
  if (!condition) std::abort();
}

void CheckText(const std::string& text) {
  // Room for what rewriting adds to it.
  if (text.size() > Limits{}.config_file / 8) return;
  MemoryFiles files;
  files.files[kPath].content = text;
  const Environment environment{.variables = {}, .home = "/", .uid = 0};
  NoHelpers helpers;
  CredentialStore store(files, environment, helpers, {.authfile = kPath, .helpers = {}}, Limits{});
  const auto hub = *oci::RegistryName::Parse("docker.io");
  const auto other = *oci::RegistryName::Parse("fuzz.invalid");
  const auto repository = *oci::RepositoryName::Parse("a/b");
  const auto before = store.Find(hub, repository, /*explain=*/true);
  if (!before) {
    Require(before.error().code == ErrorCode::kConfigInvalid);
    return;
  }
  Require(!before->steps.empty());
  Credentials credentials;
  credentials.username = "u";
  credentials.password = Secret("p");
  const auto saved = store.Save(other, std::nullopt, credentials);
  if (!saved) return;  // a helper is to hold it
  Require(store.Find(other, std::nullopt)->credentials == credentials);
  Require(store.Erase(other, std::nullopt).has_value());
  const auto after = store.Find(hub, repository, /*explain=*/true);
  Require(after && after->credentials == before->credentials && after->steps == before->steps);
  Require(store.EraseAll().has_value());
  Require(store.Find(hub, repository)->credentials.empty());
}

}  // namespace
}  // namespace portolan::config

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  portolan::config::CheckText(std::string(data, data + size));
  return 0;
}
