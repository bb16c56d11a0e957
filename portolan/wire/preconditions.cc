#include "portolan/wire/preconditions.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "portolan/base/text.h"

namespace portolan::wire {
namespace {

// Takes an entity tag from the front of a list: `"a"`, `W/"a"`, `a`. What is between the quotes.
std::string_view TakeEntityTag(std::string_view& list) {
  if (list.starts_with("W/\"")) list.remove_prefix(2);
  if (list.starts_with('"')) {
    const std::size_t close = list.find('"', 1);
    if (close != std::string_view::npos) {
      const std::string_view tag = list.substr(1, close - 1);
      list.remove_prefix(close + 1);
      return tag;
    }
  }
  const std::string_view tag = list.substr(0, list.find(','));
  list.remove_prefix(tag.size());
  return TrimSpace(tag);
}

// Takes an element from the front of a comma-separated list.
std::string_view TakeElement(std::string_view& list) {
  const std::string_view element = list.substr(0, list.find(','));
  list.remove_prefix(std::min(element.size() + 1, list.size()));
  return TrimSpace(element);
}

// RFC 9110 §12.4.2: `0`, `0.`, `0.0` to `0.000`.
bool IsZero(std::string_view quality) {
  if (!quality.starts_with('0')) return false;
  quality.remove_prefix(1);
  if (quality.empty()) return true;
  return quality[0] == '.' && quality.size() <= 4 &&
         quality.find_first_not_of('0', 1) == std::string_view::npos;
}

// Whether a media range's parameters, what follows its first semicolon, have `q=0`.
bool IsRefusal(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view parameter = parameters.substr(0, parameters.find(';'));
    parameters.remove_prefix(std::min(parameter.size() + 1, parameters.size()));
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = TrimSpace(parameter.substr(0, equals));
    if (EqualsIgnoreCase(name, "q") && IsZero(TrimSpace(parameter.substr(equals + 1)))) return true;
  }
  return false;
}

// How precisely a media range names a type: 0 `*/*`, 1 `type/*`, 2 itself; nothing: not at all.
std::optional<std::size_t> Precision(std::string_view range, std::string_view media_type) {
  if (range == "*/*" || range == "*") return 0;
  if (EqualsIgnoreCase(range, media_type)) return 2;
  const std::string_view main = media_type.substr(0, media_type.find('/') + 1);
  if (range.ends_with("/*") && EqualsIgnoreCase(range.substr(0, range.size() - 1), main)) return 1;
  return std::nullopt;
}

// What is said of a type at each precision: allowed by one at least, refused, or nothing.
struct Verdicts {
  std::array<std::optional<bool>, 3> allowed;
  bool empty = true;  // no Accept at all
};

Verdicts Judge(std::span<const std::string_view> accept, std::string_view media_type) {
  Verdicts verdicts;
  for (std::string_view list : accept) {
    while (!list.empty()) {
      const std::string_view element = TakeElement(list);
      if (element.empty()) continue;
      verdicts.empty = false;
      const std::size_t semicolon = std::min(element.find(';'), element.size());
      const std::optional<std::size_t> precision =
          Precision(TrimSpace(element.substr(0, semicolon)), media_type);
      if (!precision) continue;
      const bool allowed = !IsRefusal(element.substr(std::min(semicolon + 1, element.size())));
      std::optional<bool>& verdict = verdicts.allowed[*precision];
      verdict = verdict.value_or(false) || allowed;
    }
  }
  return verdicts;
}

}  // namespace

bool MatchesEntityTag(std::span<const std::string_view> if_none_match, std::string_view tag) {
  for (std::string_view list : if_none_match) {
    while (!list.empty()) {
      if (list[0] == ',' || list[0] == ' ' || list[0] == '\t') {
        list.remove_prefix(1);
        continue;
      }
      const bool quoted = list.starts_with('"') || list.starts_with("W/\"");
      const std::string_view candidate = TakeEntityTag(list);
      if (candidate == tag || (candidate == "*" && !quoted)) return true;
    }
  }
  return false;
}

bool Accepts(std::span<const std::string_view> accept, std::string_view media_type) {
  const Verdicts verdicts = Judge(accept, media_type);
  if (verdicts.empty) return true;
  for (std::size_t precision = verdicts.allowed.size(); precision-- > 0;) {
    if (verdicts.allowed[precision]) return *verdicts.allowed[precision];
  }
  return false;
}

bool AcceptsByName(std::span<const std::string_view> accept, std::string_view media_type) {
  return Judge(accept, media_type).allowed[2].value_or(false);
}

}  // namespace portolan::wire
