// A repository over HTTP: which endpoint answers, and as whom.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "portolan/client/connector.h"
#include "portolan/client/content.h"
#include "portolan/client/options.h"
#include "portolan/repo/repository.h"

namespace portolan::client {

/// Listings are given to `lister`; content is asked of the mirrors in turn and then of the registry
/// itself, and what changes something of the registry alone. For one loop.
class HttpRepository final : public repo::Repository {
 public:
  using Lister = std::function<async::Task<Result<repo::ListSummary>>(const repo::ListOptions&,
                                                                      repo::PageSink)>;
  /// `world` and `connector` must outlive it.
  HttpRepository(const Surroundings& world, Connector& connector, Target target, Lister lister)
      : world_(world),
        connector_(connector),
        target_(std::move(target)),
        name_(target_.Name()),
        lister_(std::move(lister)) {}

  const std::string& name() const override { return name_; }
  async::Task<Result<repo::ListSummary>> ListTags(const repo::ListOptions& options,
                                                  repo::PageSink sink) override {
    return lister_(options, std::move(sink));
  }
  async::Task<Result<repo::ManifestInfo>> FindManifest(const repo::ManifestName& manifest) override;
  async::Task<Result<repo::ManifestContent>> ReadManifest(
      const repo::ManifestName& manifest) override;
  async::Task<Result<std::string>> ReadBlob(const oci::Digest& digest,
                                            std::size_t max_size) override;
  async::Task<Status> DeleteManifest(const repo::ManifestName& manifest) override;
  async::Task<Status> PutManifest(const oci::Tag& tag,
                                  const repo::ManifestContent& content) override;

 private:
  // An endpoint, and the session with it once it was needed.
  struct Way {
    config::Endpoint endpoint;
    std::shared_ptr<Session> session;
  };

  Status FindWays();
  async::Task<Result<Place>> PlaceAt(std::size_t index);
  async::Task<Result<Place>> Registry();
  template <typename T, typename Call>
  async::Task<Result<T>> Ask(Call call);

  const Surroundings& world_;
  Connector& connector_;
  Target target_;
  std::string name_;
  Lister lister_;
  std::vector<Way> ways_;
};

}  // namespace portolan::client
