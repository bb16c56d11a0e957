// What several registries word alike. For served_….cc.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "portolan/base/error.h"
#include "portolan/dialect/served.h"

namespace portolan::dialect {

/// The first of `all` with this name, or with this part before the @; null if there is none.
template <typename Registry>
const Registry* FindNamed(std::span<const Registry* const> all, std::string_view name) {
  for (const Registry* one : all) {
    if (one->name == name || one->name.substr(0, one->name.find('@')) == name) return one;
  }
  return nullptr;
}

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// What many registries do not offer.
inline constexpr Missing kNoBlobDeletion{.resource = wire::Resource::kBlob,
                                         .method = wire::Method::kDelete};
inline constexpr Missing kNoReferrers{.resource = wire::Resource::kReferrers,
                                      .method = wire::Method::kGet,
                                      .code = ErrorCode::kNameUnknown};
// What only our registry has.
inline constexpr Missing kNoDiscovery{.resource = wire::Resource::kDiscover,
                                      .method = wire::Method::kGet,
                                      .code = ErrorCode::kNameUnknown};
inline constexpr Missing kNoHistory{.resource = wire::Resource::kTagHistory,
                                    .method = wire::Method::kGet,
                                    .code = ErrorCode::kNameUnknown};
inline constexpr Missing kNoRestoring{.resource = wire::Resource::kTagRestore,
                                      .method = wire::Method::kPost,
                                      .code = ErrorCode::kNameUnknown};

/// `text` as JSON has it, with quotes.
std::string Quoted(std::string_view text);
/// The message that CNCF distribution has for the code; empty for those that it does not know.
std::string_view StandardMessage(ErrorCode code);
/// The code on the wire; that of kInternal for those that never travel.
std::string_view WireCode(ErrorCode code);
/// A decimal number with an optional sign; nothing else. What is too large becomes the largest.
std::optional<std::int64_t> NumberOf(std::string_view text);
/// An error of the specification's form, without a detail.
Words WithoutDetail(int status, std::string_view code, std::string_view message);
/// How CNCF distribution and its derivatives refuse OCI types to clients that do not name them:
/// `word` is how they spell Accept. Nothing where the type is taken.
std::optional<Words> OciTypeRefused(std::string_view media_type,
                                    std::span<const std::string_view> accept,
                                    std::string_view word);
/// `?last=…&n=…`.
std::string LastThenN(const NextPage& page);
/// `?n=…&last=…`.
std::string NThenLast(const NextPage& page);

}  // namespace portolan::dialect
