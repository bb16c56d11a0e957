// What derivatives of CNCF distribution have in common. For served_….cc.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "portolan/dialect/served.h"

namespace portolan::dialect {

/// Errors with `detail`, as distribution words them.
Words DistributionError(const Wrong& wrong);
/// `"pull","push"`.
std::string QuotedActions(const wire::Scope& scope);
/// `token`, `access_token`, `expires_in` and `issued_at` with nanoseconds.
std::string FullTokenReply(const TokenFacts& facts, std::string_view token);
/// Without n there is no page: all tags. A negative n, or what is no number, is refused.
std::optional<PageSize> AllUnlessAsked(std::optional<std::string_view> n);
/// 100 unless asked for, 1,000 at most.
std::optional<PageSize> PagesOf100(std::optional<std::string_view> n);
/// 1,000 at most, also where none is asked for.
std::optional<PageSize> PagesOf1000(std::optional<std::string_view> n);
/// 404 for OCI types that are not named in Accept.
std::optional<Words> RefuseOciType(std::string_view media_type,
                                   std::span<const std::string_view> accept);

/// A registry that is one of them, with tokens of its own at `/token`.
Served DistributionLike(std::string_view name);

}  // namespace portolan::dialect
