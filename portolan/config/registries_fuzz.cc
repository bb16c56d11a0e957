// registries.conf as a stranger might write it: no text harms, and what is accepted gives valid
// answers.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "portolan/config/registries.h"

namespace portolan::config {
namespace {

constexpr const char* kPath = "/registries.conf";

void Require(bool condition) {
  if (!condition) std::abort();
}

void CheckText(const std::string& text) {
  MemoryFiles files;
  files.files[kPath].content = text;
  if (text.size() > Limits{}.config_file) return;
  const Environment environment{.variables = {}, .home = "/", .uid = 0};
  NullLog log;
  const auto conf = RegistriesConf::Load(files, environment, kPath, Limits{}, log);
  if (!conf) {
    Require(conf.error().code == ErrorCode::kConfigInvalid);
    Require(conf.error().message.starts_with(kPath));
    return;
  }
  const auto references = conf->ExpandShortName("a:1");
  if (references) {
    Require(!references->empty());
    for (const oci::Reference& reference : *references) {
      const auto again = oci::Reference::Parse(reference.ToString());
      Require(reference.tag && again.has_value() && *again == reference);
    }
  } else {
    Require(references.error().code == ErrorCode::kReferenceInvalid);
  }
  const auto registry = *oci::RegistryName::Parse("a.b.c");
  const auto repository = *oci::RepositoryName::Parse("d/e");
  const auto endpoints = conf->Resolve(registry, repository);
  if (endpoints) {
    Require(!endpoints->empty() && !endpoints->back().mirror);
    for (const Endpoint& endpoint : *endpoints) Require(endpoint.repository.has_value());
  }
  const auto whole = conf->Resolve(registry, std::nullopt);
  if (whole) {
    for (const Endpoint& endpoint : *whole) Require(!endpoint.repository.has_value());
  }
}

}  // namespace
}  // namespace portolan::config

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  portolan::config::CheckText(std::string(data, data + size));
  return 0;
}
