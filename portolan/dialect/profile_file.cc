#include "portolan/dialect/profile_file.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/dialect/served_words.h"
#include "portolan/wire/endpoint.h"

namespace portolan::dialect {
namespace {

namespace json = boost::json;

constexpr std::int64_t kSchema = 1;
constexpr std::size_t kMaxAnswer = 1024;

Error Malformed(std::string message) {
  return Fail(ErrorCode::kConfigInvalid, std::move(message),
              "portolan probe --write-profile FILE writes profiles");
}

bool IsQuestion(std::string_view name) {
  return std::ranges::find(Questions(), name, &Question::name) != Questions().end();
}

Result<std::string> TextOf(std::string_view name, const json::value& value) {
  const json::string* const text = value.if_string();
  const bool plain =
      text != nullptr && !text->empty() && text->size() <= kMaxAnswer &&
      std::ranges::none_of(*text, [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; });
  if (!plain) {
    return Malformed(fmt::format(
        "{}: expected a text of up to {} bytes, without control characters", name, kMaxAnswer));
  }
  return std::string(*text);
}

bool IsCount(std::string_view text) {
  constexpr std::string_view kAtLeast = "at least ";
  if (text == "all") return true;
  if (text.starts_with(kAtLeast)) text.remove_prefix(kAtLeast.size());
  const std::optional<std::int64_t> number = NumberOf(text);
  return number && *number > 0;
}

// Below which tokens can be given: nothing of V2's own is there.
bool IsTokenPath(std::string_view path) {
  const bool plain = path.starts_with('/') && path.size() > 1 &&
                     path.find_first_of("?#%\\\" ") == std::string_view::npos;
  return plain && path != "/v2" && !wire::ParseEndpoint("GET", path);
}

bool IsSeconds(std::string_view text) {
  if (text == "not said") return true;
  if (!text.ends_with(" s")) return false;
  text.remove_suffix(2);
  return NumberOf(text).has_value();
}

bool IsYesOrNo(std::string_view text) { return text == "yes" || text.starts_with("no"); }

// Of answers that clients or servers go by: what they can be.
struct Form {
  std::string_view question;
  bool (*is_good)(std::string_view answer);
  std::string_view expected;
};
constexpr Form kForms[] = {
    {"page.default", IsCount, "a number, all, or at least a number"},
    {"page.largest", IsCount, "a number, all, or at least a number"},
    {"page.full-link", IsYesOrNo, "yes or no"},
    {"list.without-token", IsYesOrNo, "yes, or no with a reason"},
    {"challenge.realm-path", IsTokenPath, "a path like /token, which is not one of the V2 API"},
    {"token.lifetime", IsSeconds, "seconds like 300 s, or not said"}};

Status CheckAnswer(std::string_view question, std::string_view answer) {
  const Form* const form = std::ranges::find(kForms, question, &Form::question);
  if (form == std::end(kForms) || form->is_good(answer)) return {};
  return Malformed(fmt::format("answers: {} is \"{}\": expected {}", question,
                               Printable(answer, 80), form->expected));
}

Status TakeAnswers(const json::value& value, ProfileFile& profile) {
  const json::object* const answers = value.if_object();
  if (answers == nullptr) return Malformed("answers: expected an object");
  for (const json::key_value_pair& member : *answers) {
    const std::string_view name = member.key();
    if (!IsQuestion(name)) {
      return Malformed(fmt::format("answers: \"{}\" is no question that this version knows",
                                   Printable(name, 80)));
    }
    PORTOLAN_TRY(std::string answer, TextOf(fmt::format("answers: {}", name), member.value()));
    PORTOLAN_CHECK(CheckAnswer(name, answer));
    profile.answers[std::string(name)] = std::move(answer);
  }
  return {};
}

Status TakeMember(std::string_view name, const json::value& value, ProfileFile& profile) {
  if (name == "schema") {
    const std::int64_t* const schema = value.if_int64();
    if (schema != nullptr && *schema == kSchema) return {};
    return Malformed("schema: expected 1, which is all that this version reads");
  }
  if (name == "answers") return TakeAnswers(value, profile);
  if (name == "registry") {
    PORTOLAN_TRY(profile.registry, TextOf(name, value));
    return {};
  }
  if (name == "probed") {
    PORTOLAN_TRY(profile.probed, TextOf(name, value));
    return {};
  }
  if (name != "like") {
    return Malformed(fmt::format(
        "\"{}\" is no member of a profile: expected schema, registry, like, probed, answers",
        Printable(name, 80)));
  }
  PORTOLAN_TRY(profile.like, TextOf(name, value));
  const Habits* const habits = FindHabits(profile.like);
  if (habits != nullptr) {
    profile.like = habits->name;
    return {};
  }
  std::string known;
  for (const Habits* one : AllHabits()) {
    known += fmt::format("{}{}", known.empty() ? "" : ", ", one->name);
  }
  return Malformed(
      fmt::format("like is \"{}\": expected one of {}", Printable(profile.like, 80), known));
}

}  // namespace

std::string_view ProfileFile::Answer(std::string_view question) const {
  const auto it = answers.find(question);
  return it == answers.end() ? std::string_view() : std::string_view(it->second);
}

std::string WriteProfileFile(const ProfileFile& profile) {
  const auto quoted = [](std::string_view text) { return json::serialize(json::string(text)); };
  std::string out = fmt::format("{{\n  \"schema\": {},\n", kSchema);
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) out += fmt::format("  \"{}\": {},\n", name, quoted(value));
  };
  add("registry", profile.registry);
  add("like", profile.like);
  add("probed", profile.probed);
  out += "  \"answers\": {";
  // In the questions' order, which is that of the report.
  bool first = true;
  for (const Question& question : Questions()) {
    const std::string_view answer = profile.Answer(question.name);
    if (answer.empty()) continue;
    out += fmt::format("{}\n    {}: {}", std::exchange(first, false) ? "" : ",",
                       quoted(question.name), quoted(answer));
  }
  return out + "\n  }\n}\n";
}

Result<ProfileFile> ReadProfileFile(std::string_view text) {
  if (text.size() > kMaxProfileFile) return Malformed("it is too large for a profile");
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = 4;
  const json::value document = json::parse(text, error, {}, options);
  if (error) return Malformed("it is not JSON: " + error.message());
  const json::object* const members = document.if_object();
  if (members == nullptr) return Malformed("expected a JSON object");
  ProfileFile profile;
  for (const json::key_value_pair& member : *members) {
    PORTOLAN_CHECK(TakeMember(member.key(), member.value(), profile));
  }
  for (const char* needed : {"schema", "like", "answers"}) {
    if (!members->contains(needed)) return Malformed(fmt::format("it has no \"{}\"", needed));
  }
  return profile;
}

}  // namespace portolan::dialect
