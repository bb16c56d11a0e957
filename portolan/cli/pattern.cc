#include "portolan/cli/pattern.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include "portolan/base/log.h"

namespace portolan::cli {
namespace {

constexpr int kMaxBraces = 10;

Error BadGlob(std::string_view glob, std::string_view why) {
  return Fail(ErrorCode::kUsage, fmt::format("glob \"{}\": {}", Printable(glob), why));
}

void AppendLiteral(std::string& out, char c) {
  constexpr std::string_view kSpecial = R"(\.+*?()|[]{}^$-)";
  if (kSpecial.contains(c)) out += '\\';
  out += c;
}

// A set, `at` behind its bracket; gives the position behind its end.
Result<std::size_t> AppendSet(std::string& out, std::string_view glob, std::size_t at) {
  out += '[';
  if (at < glob.size() && (glob[at] == '!' || glob[at] == '^')) {
    out += '^';
    ++at;
  }
  const std::size_t first = at;
  for (; at < glob.size(); ++at) {
    char c = glob[at];
    if (c == ']' && at > first) {
      out += ']';
      return at + 1;
    }
    const bool is_range = c == '-' && at > first && at + 1 < glob.size() && glob[at + 1] != ']';
    if (c == '\\' && at + 1 < glob.size()) c = glob[++at];
    if (is_range) {
      out += '-';
    } else {
      AppendLiteral(out, c);
    }
  }
  return BadGlob(glob, "a [ without ]");
}

}  // namespace

Result<std::string> GlobToRegex(std::string_view glob) {
  std::string out;
  int braces = 0;
  for (std::size_t at = 0; at < glob.size();) {
    const char c = glob[at++];
    if (c == '*') {
      out += ".*";
    } else if (c == '?') {
      out += '.';
    } else if (c == '[') {
      PORTOLAN_TRY(at, AppendSet(out, glob, at));
    } else if (c == '{') {
      if (++braces > kMaxBraces) return BadGlob(glob, "too many { inside each other");
      out += "(?:";
    } else if (c == ',' && braces > 0) {
      out += '|';
    } else if (c == '}' && braces > 0) {
      --braces;
      out += ')';
    } else if (c == '\\') {
      if (at == glob.size()) return BadGlob(glob, "a \\ at its end");
      AppendLiteral(out, glob[at++]);
    } else {
      AppendLiteral(out, c);
    }
  }
  if (braces > 0) return BadGlob(glob, "a { without }");
  return out;
}

Result<std::shared_ptr<const re2::RE2>> Pattern::Compile(std::string_view regex,
                                                         std::string_view shown) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  auto compiled =
      std::make_shared<const re2::RE2>(re2::StringPiece(regex.data(), regex.size()), options);
  if (!compiled->ok()) {
    return Fail(ErrorCode::kUsage, fmt::format("{} \"{}\": {}", shown, Printable(regex),
                                               Printable(compiled->error())));
  }
  return compiled;
}

Result<Pattern> Pattern::FromGlob(std::string_view glob) {
  PORTOLAN_TRY(const std::string regex, GlobToRegex(glob));
  auto compiled = Compile("^(?:" + regex + ")$", "glob");
  if (!compiled) return BadGlob(glob, "a set in it makes no sense");
  return Pattern(*std::move(compiled));
}

Result<Pattern> Pattern::FromRegex(std::string_view regex) {
  PORTOLAN_TRY(auto compiled, Compile(regex, "regular expression"));
  return Pattern(std::move(compiled));
}

bool Pattern::Matches(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *regex_);
}

}  // namespace portolan::cli
