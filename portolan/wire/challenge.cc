#include "portolan/wire/challenge.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "portolan/base/text.h"

namespace portolan::wire {
namespace {

constexpr std::size_t kMaxChallenges = 32;
constexpr std::size_t kMaxParameters = 64;

// The registered schemes (IANA "HTTP Authentication Schemes"). They tell `…,Negotiate,…`, a
// challenge, from `…,foo,…`, a parameter that lost its value.
constexpr std::array<std::string_view, 9> kSchemes = {
    "basic", "bearer", "digest", "dpop", "hoba", "mutual", "negotiate", "ntlm", "oauth"};

constexpr bool IsSpace(char c) { return c == ' ' || c == '\t'; }

constexpr bool IsToken68Char(char c) {
  return IsAsciiAlnum(c) || std::string_view("-._~+/").contains(c);
}

bool IsKnownScheme(std::string_view word) {
  return std::ranges::any_of(
      kSchemes, [&](std::string_view scheme) { return EqualsIgnoreCase(scheme, word); });
}

// Reads one header line. Every step moves forward, and looks ahead no further than the word that
// the next step takes, so that the time is linear in the size of the line.
class LineParser {
 public:
  LineParser(std::string_view text, std::vector<Challenge>& out) : text_(text), out_(out) {}

  void Run() {
    while (SkipSeparators() && out_.size() <= kMaxChallenges) ParseElement();
    if (out_.size() > kMaxChallenges) out_.resize(kMaxChallenges);
  }

 private:
  bool AtEnd() const { return at_ >= text_.size(); }
  bool At(char c) const { return at_ < text_.size() && text_[at_] == c; }

  void SkipSpace() {
    while (!AtEnd() && IsSpace(text_[at_])) ++at_;
  }

  // To the next element; false at the end of the line.
  bool SkipSeparators() {
    after_comma_ = at_ == 0;
    for (; !AtEnd() && (IsSpace(text_[at_]) || At(',')); ++at_) after_comma_ |= At(',');
    return !AtEnd();
  }

  void ParseElement() {
    const std::size_t begin = at_;
    while (!AtEnd() && IsHttpTokenChar(text_[at_])) ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    if (word.empty()) {
      at_ = std::min(text_.find(',', at_), text_.size());
      return;
    }
    SkipSpace();
    if (At('=')) {
      ++at_;
      SkipSpace();
      AddParameter(word, TakeValue());
      return;
    }
    const bool alone = AtEnd() || At(',');
    if (!open_ || IsKnownScheme(word) || (after_comma_ && !alone)) {
      out_.push_back({.scheme = AsciiLower(word), .parameters = {}});
      open_ = true;
      SkipToken68();
    } else {
      AddParameter(word, {});
    }
  }

  // `Negotiate YII…==`: no registry client needs the text, but it must not be taken for a
  // parameter.
  void SkipToken68() {
    std::size_t end = at_;
    while (end < text_.size() && IsToken68Char(text_[end])) ++end;
    if (end == at_) return;
    while (end < text_.size() && text_[end] == '=') ++end;
    while (end < text_.size() && IsSpace(text_[end])) ++end;
    if (end == text_.size() || text_[end] == ',') at_ = end;
  }

  std::string TakeValue() {
    if (At('"')) return TakeQuoted();
    // Not only token characters: zot sends URLs without quotes.
    const std::size_t begin = at_;
    while (!AtEnd() && !IsSpace(text_[at_]) && !At(',')) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  std::string TakeQuoted() {
    const std::size_t begin = ++at_;
    std::string value;
    while (!AtEnd()) {
      char c = text_[at_++];
      if (c == '"') return value;
      if (c == '\\' && !AtEnd()) c = text_[at_++];
      value += c;
    }
    // The closing quote is missing: go on as if there had been no quotes. Still linear, since
    // another value can begin with a quote only where this loop would have ended.
    at_ = std::min(text_.find(',', begin), text_.size());
    return std::string(text_.substr(begin, at_ - begin));
  }

  void AddParameter(std::string_view name, std::string value) {
    if (!open_) return;
    Challenge& challenge = out_.back();
    std::string lower = AsciiLower(name);
    if (challenge.parameters.size() >= kMaxParameters || challenge.Has(lower)) return;
    challenge.parameters.push_back({.name = std::move(lower), .value = std::move(value)});
  }

  std::string_view text_;
  std::vector<Challenge>& out_;
  std::size_t at_ = 0;
  bool open_ = false;         // whether parameters of this line have a challenge to belong to
  bool after_comma_ = false;  // whether the element began a list entry
};

}  // namespace

std::string_view Challenge::Get(std::string_view name) const {
  const auto it = std::ranges::find(parameters, name, &Parameter::name);
  return it == parameters.end() ? std::string_view() : it->value;
}

bool Challenge::Has(std::string_view name) const {
  return std::ranges::find(parameters, name, &Parameter::name) != parameters.end();
}

std::vector<Challenge> ParseChallenges(std::span<const std::string_view> header_values) {
  std::vector<Challenge> out;
  for (const std::string_view value : header_values) LineParser(value, out).Run();
  return out;
}

const Challenge* ChooseChallenge(std::span<const Challenge> challenges) {
  const auto bearer = std::ranges::find_if(challenges, [](const Challenge& challenge) {
    return challenge.scheme == "bearer" && !challenge.Get("realm").empty();
  });
  if (bearer != challenges.end()) return &*bearer;
  const auto basic = std::ranges::find(challenges, "basic", &Challenge::scheme);
  return basic == challenges.end() ? nullptr : &*basic;
}

std::optional<std::string_view> BearerToken(std::string_view authorization) {
  const std::string_view field = TrimSpace(authorization);
  const std::size_t space = std::min(field.find(' '), field.size());
  if (!EqualsIgnoreCase(field.substr(0, space), "Bearer")) return std::nullopt;
  return TrimSpace(field.substr(space));
}

}  // namespace portolan::wire
