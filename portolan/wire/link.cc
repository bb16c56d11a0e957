#include "portolan/wire/link.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "portolan/base/text.h"

namespace portolan::wire {
namespace {

constexpr std::size_t kMaxLinks = 64;

constexpr bool IsSpace(char c) { return c == ' ' || c == '\t'; }

// Reads one header line, from left to right and never back.
class LineParser {
 public:
  LineParser(std::string_view text, std::vector<Link>& out) : text_(text), out_(out) {}

  void Run() {
    while (out_.size() < kMaxLinks) {
      while (!AtEnd() && (IsSpace(text_[at_]) || text_[at_] == ',')) ++at_;
      if (AtEnd()) return;
      const bool bracketed = text_[at_] == '<';
      Link link;
      if (!TakeTarget(link.target)) return;
      TakeParameters(link);
      if (bracketed || !link.target.empty()) out_.push_back(std::move(link));
    }
  }

 private:
  bool AtEnd() const { return at_ >= text_.size(); }

  void SkipSpace() {
    while (!AtEnd() && IsSpace(text_[at_])) ++at_;
  }

  // Everything up to one of the marks, or the rest.
  std::string_view TakeUntil(std::string_view marks) {
    const std::size_t begin = at_;
    at_ = std::min(text_.find_first_of(marks, at_), text_.size());
    return text_.substr(begin, at_ - begin);
  }

  // False if a bracket is not closed: nobody can say what the rest of the line means.
  bool TakeTarget(std::string& target) {
    if (text_[at_] != '<') {
      target = TrimSpace(TakeUntil(";,"));
      return true;
    }
    ++at_;
    target = TakeUntil(">");
    if (AtEnd()) return false;
    ++at_;
    return true;
  }

  // Up to the comma that ends the link. Of several `rel` the first counts (RFC 8288 §3.3).
  void TakeParameters(Link& link) {
    bool has_rel = false;
    TakeUntil(";,");
    while (!AtEnd() && text_[at_] == ';') {
      ++at_;
      const std::string_view name = TrimSpace(TakeUntil("=;,"));
      std::string value;
      if (!AtEnd() && text_[at_] == '=') value = TakeValue();
      if (!has_rel && EqualsIgnoreCase(name, "rel")) {
        has_rel = true;
        link.rel = AsciiLower(TrimSpace(value));
      }
    }
  }

  std::string TakeValue() {
    ++at_;
    SkipSpace();
    if (AtEnd() || text_[at_] != '"') return std::string(TakeUntil(";,"));
    ++at_;
    std::string value;
    while (!AtEnd()) {
      char c = text_[at_++];
      if (c == '"') break;
      if (c == '\\' && !AtEnd()) c = text_[at_++];
      value += c;
    }
    TakeUntil(";,");
    return value;
  }

  std::string_view text_;
  std::vector<Link>& out_;
  std::size_t at_ = 0;
};

bool HasNext(std::string_view rel) {
  while (!rel.empty()) {
    const std::size_t end = std::min(rel.find_first_of(" \t"), rel.size());
    if (rel.substr(0, end) == "next") return true;
    rel.remove_prefix(std::min(end + 1, rel.size()));
  }
  return false;
}

}  // namespace

std::vector<Link> ParseLinks(std::span<const std::string_view> header_values) {
  std::vector<Link> out;
  for (const std::string_view value : header_values) LineParser(value, out).Run();
  return out;
}

std::optional<std::string> NextTarget(std::span<const std::string_view> header_values) {
  const std::vector<Link> links = ParseLinks(header_values);
  // An empty target would mean the page itself, for ever.
  const auto first = [&](auto matches) {
    return std::ranges::find_if(
        links, [&](const Link& link) { return !link.target.empty() && matches(link.rel); });
  };
  auto it = first([](const std::string& rel) { return HasNext(rel); });
  if (it == links.end()) it = first([](const std::string& rel) { return rel.empty(); });
  if (it == links.end()) return std::nullopt;
  return it->target;
}

}  // namespace portolan::wire
