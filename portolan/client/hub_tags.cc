// Docker Hub's own API, v2 (hub.docker.com).
#include <set>
#include <utility>

#include <fmt/format.h>

#include "portolan/client/vendor_tags.h"

namespace portolan::client {
namespace {

constexpr int kMaxPages = 20'000;

class HubTagSource final : public TagSource {
 public:
  HubTagSource(VendorApi api, oci::RepositoryName repository, config::Credentials credentials,
               Log& log)
      : api_(std::move(api)),
        repository_(std::move(repository)),
        credentials_(std::move(credentials)),
        log_(log) {}

  std::string_view name() const override { return "docker-hub"; }
  bool manifests_are_counted() const override { return true; }

  async::Task<Result<TagList>> List(std::function<void(std::size_t tags)> on_tags) override;
  async::Task<Status> Delete(const oci::Tag& tag) override;

 private:
  // A call as a stranger, and where that is refused as whoever we are; a token that has ended is
  // renewed once.
  async::Task<Result<VendorApi::Answer>> Send(std::string method, std::string target);
  async::Task<Status> LogIn();
  std::string TagsTarget() const {
    const NameParts parts = PartsOf(repository_);
    return fmt::format("/v2/repositories/{}/{}/tags", parts.space, parts.name);
  }

  VendorApi api_;
  oci::RepositoryName repository_;
  config::Credentials credentials_;
  Log& log_;
  Secret token_;
};

async::Task<Status> HubTagSource::LogIn() {
  VendorApi::Call call{.method = "POST", .target = "/v2/auth/token"};
  call.json = wire::HubLoginBody(credentials_.username, credentials_.password.Reveal());
  PORTOLAN_CO_TRY(const VendorApi::Answer answer, co_await api_.Send(std::move(call)));
  if (answer.status >= 400) {
    co_return VendorError(
        answer, fmt::format("login to {} as {}", api_.name(), Printable(credentials_.username)));
  }
  token_ = Secret(wire::ParseHubLogin(answer.body));
  if (!token_.empty()) co_return Status();
  co_return Fail(ErrorCode::kProtocol, fmt::format("{} gave no token", api_.name()));
}

async::Task<Result<VendorApi::Answer>> HubTagSource::Send(std::string method, std::string target) {
  // Its other kinds of credentials are for the registry alone.
  const bool may_log_in = !credentials_.username.empty() && !credentials_.password.empty();
  for (bool again = false;; again = true) {
    Result<VendorApi::Answer> answer =
        co_await api_.Send({.method = method, .target = target, .token = token_});
    if (!answer || again || !may_log_in) co_return answer;
    // What is public needs no login; what is private is not found without one, and strangers see a
    // thousand tags.
    const int status = answer->status;
    const bool refused = status == 401 || (token_.empty() && (status == 403 || status == 404));
    if (!refused) co_return answer;
    PORTOLAN_CO_CHECK(co_await LogIn());
  }
}

async::Task<Result<TagList>> HubTagSource::List(std::function<void(std::size_t tags)> on_tags) {
  TagCollector collector;
  std::set<std::string> asked;
  std::string target = TagsTarget() + "?page_size=100";
  for (int page_number = 1;; ++page_number) {
    if (page_number > kMaxPages || !asked.insert(target).second) {
      co_return Fail(ErrorCode::kProtocol, fmt::format("the pages of {} do not end", api_.name()));
    }
    PORTOLAN_CO_TRY(const VendorApi::Answer answer, co_await Send("GET", target));
    if (answer.status == 403 && page_number > 1) {
      // Anonymous clients get the first thousand.
      log_.Warn(fmt::format("{} tells of no more than {} tags without a login", api_.name(),
                            collector.size()));
      TagList list = collector.Take();
      list.incomplete = true;
      co_return list;
    }
    if (answer.status != 200) {
      co_return VendorError(answer,
                            fmt::format("tags of {} at {}", repository_.text(), api_.name()));
    }
    PORTOLAN_CO_TRY(wire::VendorTagPage page, wire::ParseHubTags(answer.body));
    const std::size_t before = collector.size();
    for (wire::VendorTag& tag : page.tags) {
      if (!collector.Add(std::move(tag))) {
        co_return Fail(ErrorCode::kTooLarge,
                       fmt::format("{} has too many tags", repository_.text()));
      }
    }
    if (on_tags) on_tags(collector.size() - before);
    if (page.next.empty()) co_return collector.Take();
    PORTOLAN_CO_TRY(target, api_.TargetOf(page.next));
  }
}

async::Task<Status> HubTagSource::Delete(const oci::Tag& tag) {
  PORTOLAN_CO_TRY(const VendorApi::Answer answer,
                  co_await Send("DELETE", TagsTarget() + "/" + tag.text() + "/"));
  if (answer.status >= 200 && answer.status < 300) co_return Status();
  Error error = VendorError(
      answer, fmt::format("deleting {} of {} at {}", tag.text(), repository_.text(), api_.name()));
  if (answer.status == 404) error.code = ErrorCode::kManifestUnknown;
  co_return error;
}

}  // namespace

std::unique_ptr<TagSource> NewHubTagSource(VendorApi api, oci::RepositoryName repository,
                                           config::Credentials credentials, Log& log) {
  return std::make_unique<HubTagSource>(std::move(api), std::move(repository),
                                        std::move(credentials), log);
}

}  // namespace portolan::client
