// Tags by the specification: tags/list, and DELETE of a manifest by tag.
#include <utility>

#include <fmt/format.h>

#include "portolan/client/tag_source.h"

namespace portolan::client {
namespace {

class V2TagSource final : public TagSource {
 public:
  explicit V2TagSource(repo::Repository& repository) : repository_(repository) {}

  std::string_view name() const override { return "v2"; }

  async::Task<Result<TagList>> List(std::function<void(std::size_t tags)> on_tags) override {
    TagList list;
    repo::ListOptions options;
    options.on_names = std::move(on_tags);
    Result<repo::ListSummary> summary =
        co_await repository_.ListTags(options, [&](const repo::ListPage& page) -> Status {
          if (list.rows.size() + page.items.size() > kMaxTags) {
            return Fail(ErrorCode::kTooLarge,
                        fmt::format("{} has more than {} tags", repository_.name(), kMaxTags),
                        "portolan list-tags lists the names of as many as there are");
          }
          for (const std::string_view tag : page.items) {
            list.rows.emplace_back().tag = tag;
          }
          return {};
        });
    if (!summary) co_return std::move(summary).error();
    list.invalid = std::move(summary->invalid);
    list.incomplete = summary->incomplete;
    co_return list;
  }

  async::Task<Status> Delete(const oci::Tag& tag) override {
    co_return co_await repository_.DeleteManifest(tag);
  }

 private:
  repo::Repository& repository_;
};

}  // namespace

std::unique_ptr<TagSource> NewV2TagSource(repo::Repository& repository) {
  return std::make_unique<V2TagSource>(repository);
}

}  // namespace portolan::client
