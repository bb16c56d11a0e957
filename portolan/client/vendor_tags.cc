#include "portolan/client/vendor_tags.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/url.h"

namespace portolan::client {
namespace {

constexpr std::size_t kMaxInvalid = 1000;

class EitherTagSource final : public TagSource {
 public:
  EitherTagSource(std::unique_ptr<TagSource> vendor, std::unique_ptr<TagSource> v2, bool counted,
                  Log& log)
      : vendor_(std::move(vendor)),
        v2_(std::move(v2)),
        counted_(counted),
        log_(log),
        answered_(vendor_.get()) {}

  std::string_view name() const override { return answered_->name(); }
  bool manifests_are_counted() const override { return counted_; }
  bool deletes_manifests() const override { return vendor_->deletes_manifests(); }

  async::Task<Result<TagList>> List(std::function<void(std::size_t tags)> on_tags) override {
    Result<TagList> told = co_await vendor_->List(on_tags);
    if (told && !told->incomplete) co_return told;
    if (!told && told.error().code == ErrorCode::kCancelled) co_return told;
    if (!told) {
      log_.Warn(
          fmt::format("{}; listing by the registry's own API, which does not tell when tags "
                      "were pushed",
                      told.error().message));
      answered_ = v2_.get();
      co_return co_await v2_->List(std::move(on_tags));
    }
    PORTOLAN_CO_TRY(const TagList all, co_await v2_->List({}));
    std::unordered_set<std::string_view> known;
    for (const TagInfo& row : told->rows) known.insert(row.tag);
    TagList whole = *told;
    for (const TagInfo& row : all.rows) {
      if (!known.contains(row.tag)) whole.rows.push_back(row);
    }
    whole.invalid = all.invalid;
    whole.incomplete = all.incomplete;
    co_return whole;
  }

  async::Task<Status> Delete(const oci::Tag& tag) override {
    Status deleted = co_await v2_->Delete(tag);
    if (deleted) co_return deleted;
    const ErrorCode code = deleted.error().code;
    // Docker Hub gives no token for deleting instead of saying that it does not delete.
    if (code != ErrorCode::kUnsupported && code != ErrorCode::kUnauthorized &&
        code != ErrorCode::kDenied) {
      co_return deleted;
    }
    co_return co_await vendor_->Delete(tag);
  }

 private:
  std::unique_ptr<TagSource> vendor_;
  std::unique_ptr<TagSource> v2_;
  bool counted_;
  Log& log_;
  TagSource* answered_;
};

}  // namespace

std::unique_ptr<TagSource> NewEitherTagSource(std::unique_ptr<TagSource> vendor,
                                              std::unique_ptr<TagSource> v2, bool counted,
                                              Log& log) {
  return std::make_unique<EitherTagSource>(std::move(vendor), std::move(v2), counted, log);
}

bool TagCollector::Add(wire::VendorTag tag) {
  if (!oci::Tag::IsValid(tag.name)) {
    const bool listed = tag.name.empty() || oci::Digest::IsValid(tag.name);
    if (!listed && list_.invalid.size() < kMaxInvalid) list_.invalid.push_back(std::move(tag.name));
    return true;
  }
  if (list_.rows.size() == kMaxTags) return false;
  if (!seen_.insert(tag.name).second) return true;
  TagInfo& row = list_.rows.emplace_back();
  row.tag = std::move(tag.name);
  row.digest = std::move(tag.digest);
  row.media_type = std::move(tag.media_type);
  row.size = tag.size;
  row.pushed = tag.pushed;
  for (wire::VendorTag::Image& image : tag.images) {
    row.images.push_back({.platform = std::move(image.platform),
                          .digest = std::move(image.digest),
                          .size = image.size});
  }
  return true;
}

NameParts PartsOf(const oci::RepositoryName& repository) {
  const std::string& text = repository.text();
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return {};
  return {.space = text.substr(0, slash), .name = PercentEncode(text.substr(slash + 1))};
}

}  // namespace portolan::client
