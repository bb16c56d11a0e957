#include "portolan/config/helper.h"

#include <string_view>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"
#include "portolan/config/json_text.h"

namespace portolan::config {
namespace {

namespace json = boost::json;

constexpr std::string_view kNotFound = "credentials not found in native keychain";
// As a user name: the secret is an identity token.
constexpr std::string_view kTokenUser = "<token>";

// The names under which a helper may know the registry; docker's first.
std::vector<std::string> ServersOf(const oci::RegistryName& registry) {
  if (registry.text() == "docker.io") return {"https://index.docker.io/v1/", "docker.io"};
  return {registry.text()};
}

}  // namespace

Result<std::optional<std::string>> CredentialHelper::Call(const std::string& action,
                                                          const std::string& input) {
  Result<HelperRunner::Output> run = runner_.Run(name_, action, input);
  if (!run && run.error().code == ErrorCode::kNameUnknown) {
    return Fail(ErrorCode::kConfigInvalid, run.error().message,
                "install the helper, or take its name out of credsStore, credHelpers or "
                "credential-helpers");
  }
  if (!run) return std::move(run).error();
  HelperRunner::Output output = *std::move(run);
  if (output.exit_status == 0) return std::move(output.standard_output);
  // Helpers print their errors to standard output. What looks like an answer instead may hold the
  // secret.
  std::string said = Printable(TrimSpace(output.standard_output));
  if (said.contains(kNotFound)) return std::nullopt;
  if (said.starts_with('{') || said.contains("Secret")) said.clear();
  return Fail(ErrorCode::kIo, fmt::format("{} {} failed with exit status {}{}{}", Program(), action,
                                          output.exit_status, said.empty() ? "" : ": ", said));
}

Result<std::optional<Credentials>> CredentialHelper::GetOne(const std::string& server) {
  PORTOLAN_TRY(const auto answer, Call("get", server));
  if (!answer) return std::nullopt;
  const auto object = ParseJsonObject(*answer, Program());
  const json::value* user = object ? object->if_contains("Username") : nullptr;
  const json::value* secret = object ? object->if_contains("Secret") : nullptr;
  if (user == nullptr || !user->is_string() || secret == nullptr || !secret->is_string()) {
    return Fail(
        ErrorCode::kProtocol,
        fmt::format("{} get: the answer is not an object with Username and Secret", Program()));
  }
  Credentials credentials;
  Secret text(std::string(secret->get_string()));
  if (user->get_string() == kTokenUser) {
    credentials.identity_token = std::move(text);
  } else {
    credentials.username = user->get_string();
    credentials.password = std::move(text);
  }
  if (credentials.empty()) return std::nullopt;
  return credentials;
}

Result<std::optional<Credentials>> CredentialHelper::Get(const oci::RegistryName& registry) {
  for (const std::string& server : ServersOf(registry)) {
    PORTOLAN_TRY(auto credentials, GetOne(server));
    if (credentials) return credentials;
  }
  return std::nullopt;
}

Status CredentialHelper::Store(const oci::RegistryName& registry, const Credentials& credentials) {
  if (!credentials.registry_token.empty()) {
    return Fail(ErrorCode::kUnsupported, fmt::format("{} cannot hold a registry token", Program()));
  }
  const bool token = !credentials.identity_token.empty();
  json::object request;
  request["ServerURL"] = ServersOf(registry).front();
  request["Username"] = token ? std::string(kTokenUser) : credentials.username;
  request["Secret"] = token ? credentials.identity_token.Reveal() : credentials.password.Reveal();
  PORTOLAN_TRY(const auto answer, Call("store", json::serialize(request)));
  if (!answer) return Fail(ErrorCode::kIo, fmt::format("{} store: {}", Program(), kNotFound));
  return {};
}

Result<bool> CredentialHelper::Erase(const oci::RegistryName& registry) {
  bool erased = false;
  for (const std::string& server : ServersOf(registry)) {
    // Helpers disagree on erasing what is not there, so ask first.
    PORTOLAN_TRY(const auto held, GetOne(server));
    if (!held) continue;
    PORTOLAN_CHECK(Call("erase", server));
    erased = true;
  }
  return erased;
}

}  // namespace portolan::config
