#include "portolan/client/testing/client_fixture.h"

#include <utility>

#include <gtest/gtest.h>

#include "portolan/base/base64.h"

namespace portolan::client {
namespace {

repo::PageSink Collect(Listed& listed) {
  return [&listed](const repo::ListPage& page) {
    EXPECT_EQ(page.number, static_cast<int>(listed.pages.size()) + 1);
    std::vector<std::string>& names = listed.pages.emplace_back();
    for (const std::string_view item : page.items) names.emplace_back(item);
    return Status();
  };
}

}  // namespace

std::vector<std::string> Listed::tags() const {
  std::vector<std::string> all;
  for (const auto& page : pages) all.insert(all.end(), page.begin(), page.end());
  return all;
}

ClientFixture::ClientFixture()
    : memory_client_(http::NewClient(registry)), network_(*memory_client_) {
  files.files[kBootIdFile].content = "1b4e28ba-2fa1-11d2-883f-0016d3cca427\n";
}

ClientFixture::~ClientFixture() = default;

void ClientFixture::Configure(std::string_view text) {
  files.files[kRegistriesConf].content = text;
  auto conf =
      config::RegistriesConf::Load(files, environment, std::string(kRegistriesConf), limits, log);
  ASSERT_TRUE(conf) << conf.error().message;
  registries_conf_ = *std::move(conf);
}

void ClientFixture::LogIn(std::string_view key, std::string_view user, std::string_view password) {
  const std::string pair = std::string(user) + ":" + std::string(password);
  files.files[kAuthConfig] = {.content = "{\"auths\":{\"" + std::string(key) + "\":{\"auth\":\"" +
                                         Base64Encode(pair) + "\"}}}",
                              .mode = 0600};
}

void ClientFixture::UsePassword(std::string user, std::string password) {
  options.credentials.emplace();
  options.credentials->username = std::move(user);
  options.credentials->password = Secret(std::move(password));
}

Registries& ClientFixture::registries() {
  if (!registries_) {
    credentials_.emplace(files, environment, runner, config::CredentialOptions{}, limits);
    const Clock& used_clock = real_time ? SystemClock() : static_cast<const Clock&>(clock);
    registries_ = std::make_unique<Registries>(Surroundings{.http = network_,
                                                            .files = files,
                                                            .environment = environment,
                                                            .clock = used_clock,
                                                            .random = random,
                                                            .log = log,
                                                            .pool = pool_,
                                                            .credentials = *credentials_,
                                                            .registries_conf = registries_conf_,
                                                            .limits = limits},
                                               options);
  }
  return *registries_;
}

async::Task<Listed> ClientFixture::ListTask(std::string reference, repo::ListOptions list_options) {
  Listed listed;
  const auto references = registries().Resolve(reference);
  if (!references) {
    listed.summary = references.error();
    co_return listed;
  }
  const std::unique_ptr<repo::Repository> repository = registries().Open(references->front());
  listed.summary = co_await repository->ListTags(list_options, Collect(listed));
  co_return listed;
}

Listed ClientFixture::List(std::string_view reference, const repo::ListOptions& list_options) {
  return loop.Run(ListTask(std::string(reference), list_options));
}

Listed ClientFixture::ListRepositories(std::string_view registry_name) {
  const auto name = oci::RegistryName::Parse(registry_name);
  Listed listed;
  const repo::ListOptions list_options;
  listed.summary =
      loop.Run(registries().ListRepositories(name.value(), list_options, Collect(listed)));
  return listed;
}

bool ClientFixture::Warned(std::string_view part) {
  for (const std::string& line : log.warnings()) {
    if (line.contains(part)) return true;
  }
  return false;
}

std::string ClientFixture::LogText() {
  std::string text;
  for (const std::string& line : log.lines()) text += line + "\n";
  for (const std::string& line : log.warnings()) text += "warning: " + line + "\n";
  return text;
}

std::vector<std::string> ClientFixture::CacheFiles() const {
  std::vector<std::string> paths;
  for (const auto& [path, file] : files.files) {
    if (path.starts_with("/home/u/.cache/portolan/tokens/")) paths.push_back(path);
  }
  return paths;
}

}  // namespace portolan::client
