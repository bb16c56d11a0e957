#include "portolan/dialect/served.h"

#include <algorithm>
#include <array>

#include "portolan/base/text.h"
#include "portolan/dialect/served_words.h"

namespace portolan::dialect {
namespace {

using From = FieldLine::From;
using When = FieldLine::When;

// What only our own answers have.
constexpr std::array<std::string_view, 3> kOwnFields{
    "X-Content-Type-Options", "Content-Security-Policy", "Docker-Distribution-Api-Version"};

// Spec: nginx ngx_http_headers_module, add_header.
constexpr std::array kGoodStatuses{200, 201, 204, 206, 301, 302, 303, 304, 307, 308};

bool Names(std::span<const FieldLine> lines, std::string_view name) {
  return std::ranges::any_of(
      lines, [&](const FieldLine& line) { return EqualsIgnoreCase(line.name, name); });
}

bool IsOwn(std::string_view name) {
  return std::ranges::any_of(kOwnFields,
                             [&](std::string_view own) { return EqualsIgnoreCase(own, name); });
}

std::optional<PageSize> OwnPageSize(std::optional<std::string_view> n) {
  if (!n) return PageSize{};
  const std::optional<std::int64_t> number = NumberOf(*n);
  if (!number || !IsDigit(n->front())) return std::nullopt;
  return PageSize{.limit = static_cast<std::size_t>(*number), .shown = *number};
}

}  // namespace

void Arrange(std::span<const FieldLine> lines, std::span<const FieldView> given, int status,
             const std::function<Moment()>& moment, const std::function<void(FieldView)>& add) {
  const bool good = std::ranges::find(kGoodStatuses, status) != kGoodStatuses.end();
  const bool challenges = std::ranges::any_of(given, [](const FieldView& field) {
    return EqualsIgnoreCase(field.name, "WWW-Authenticate");
  });
  for (const FieldLine& line : lines) {
    if (line.when == When::kGood && !good) continue;
    if (line.when == When::kChallenge && !challenges) continue;
    switch (line.from) {
      case From::kHandler:
        for (const FieldView& field : given) {
          if (EqualsIgnoreCase(field.name, line.name)) add({line.name, field.value});
        }
        break;
      case From::kFixed:
        add({line.name, line.value});
        break;
      case From::kMade:
        add({line.name, line.make(moment())});
        break;
      case From::kServer:
        add({line.name, {}});
        break;
      case From::kNowhere:
        break;
      case From::kRest:
      case From::kOthers:
        for (const FieldView& field : given) {
          if (IsOwn(field.name) || Names(lines, field.name)) continue;
          if (line.from == From::kRest) {
            add(field);
          } else {
            add({AsciiLower(field.name), field.value});
          }
        }
        break;
    }
  }
  // What a HEAD's body would be long stays known to the server.
  const auto claimed = std::ranges::find_if(
      given, [](const FieldView& field) { return EqualsIgnoreCase(field.name, "Content-Length"); });
  if (claimed != given.end()) add(*claimed);
}

const Missing* FindMissing(const Served& served, const wire::Endpoint& endpoint) {
  const wire::Method method =
      endpoint.method == wire::Method::kHead ? wire::Method::kGet : endpoint.method;
  for (const Missing& missing : served.missing) {
    if (missing.resource != endpoint.resource || missing.method != method) continue;
    if (missing.names == Missing::Names::kTags && !endpoint.tag) continue;
    if (missing.names == Missing::Names::kDigests && !endpoint.digest) continue;
    return &missing;
  }
  return nullptr;
}

std::span<const Served* const> AllServed() {
  static const std::array kAll = {&ServedHub2023(),  &ServedHub2026(),  &ServedGhcr2023(),
                                  &ServedGhcr2026(), &ServedQuay2023(), &ServedQuay2024(),
                                  &ServedEcr(),      &ServedGar(),      &ServedAcr(),
                                  &ServedGitlab(),   &ServedHarbor(),   &ServedArtifactory(),
                                  &ServedNexus(),    &ServedZot()};
  return kAll;
}

const Served* FindServed(std::string_view name) { return FindNamed(AllServed(), name); }

const TagPages& OwnTagPages() {
  static const TagPages pages{.size = OwnPageSize, .next = NThenLast};
  return pages;
}

}  // namespace portolan::dialect
