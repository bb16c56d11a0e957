// Quay's own API, v1 (/api/v1 of the registry).
#include <utility>

#include <fmt/format.h>

#include "portolan/client/vendor_tags.h"

namespace portolan::client {
namespace {

constexpr int kMaxPages = 20'000;

class QuayTagSource final : public TagSource {
 public:
  QuayTagSource(VendorApi api, oci::RepositoryName repository, Secret token, const Clock& clock)
      : api_(std::move(api)),
        repository_(std::move(repository)),
        token_(std::move(token)),
        clock_(clock) {}

  std::string_view name() const override { return "quay"; }

  async::Task<Result<TagList>> List(std::function<void(std::size_t tags)> on_tags) override {
    TagCollector collector;
    for (int number = 1; number <= kMaxPages; ++number) {
      const std::string target =
          fmt::format("{}/tag/?limit=100&page={}&onlyActiveTags=true", Repository(), number);
      PORTOLAN_CO_TRY(const VendorApi::Answer answer,
                      co_await api_.Send({.target = target, .token = token_}));
      if (answer.status != 200) {
        co_return VendorError(answer,
                              fmt::format("tags of {} at {}", repository_.text(), api_.name()));
      }
      PORTOLAN_CO_TRY(wire::VendorTagPage page, wire::ParseQuayTags(answer.body, clock_.WallNow()));
      const bool empty = page.tags.empty();
      const std::size_t before = collector.size();
      for (wire::VendorTag& tag : page.tags) {
        if (!collector.Add(std::move(tag))) {
          co_return Fail(ErrorCode::kTooLarge,
                         fmt::format("{} has too many tags", repository_.text()));
        }
      }
      if (on_tags) on_tags(collector.size() - before);
      if (!page.more || empty) co_return collector.Take();
    }
    co_return Fail(ErrorCode::kProtocol, fmt::format("the pages of {} do not end", api_.name()));
  }

  async::Task<Status> Delete(const oci::Tag& tag) override {
    if (token_.empty()) {
      co_return Fail(ErrorCode::kUnauthorized,
                     fmt::format("{} deletes only with an OAuth token", api_.name()),
                     "set QUAY_TOKEN");
    }
    PORTOLAN_CO_TRY(
        const VendorApi::Answer answer,
        co_await api_.Send(
            {.method = "DELETE", .target = Repository() + "/tag/" + tag.text(), .token = token_}));
    if (answer.status >= 200 && answer.status < 300) co_return Status();
    Error error = VendorError(answer, fmt::format("deleting {} of {} at {}", tag.text(),
                                                  repository_.text(), api_.name()));
    if (answer.status == 404) error.code = ErrorCode::kManifestUnknown;
    co_return error;
  }

 private:
  std::string Repository() const { return "/api/v1/repository/" + repository_.text(); }

  VendorApi api_;
  oci::RepositoryName repository_;
  Secret token_;
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<TagSource> NewQuayTagSource(VendorApi api, oci::RepositoryName repository,
                                            Secret token, const Clock& clock) {
  return std::make_unique<QuayTagSource>(std::move(api), std::move(repository), std::move(token),
                                         clock);
}

}  // namespace portolan::client
