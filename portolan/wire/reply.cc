#include "portolan/wire/reply.h"

#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/text.h"

namespace portolan::wire {
namespace {

// Whether the byte stands in a JSON string as it is, and is a character by itself.
constexpr bool IsPlain(char c) { return c >= ' ' && c < '\x7f' && c != '"' && c != '\\'; }

void AppendEscaped(std::string& out, std::string_view character) {
  const char first = character[0];
  if (first == '"' || first == '\\') {
    out += '\\';
    out += first;
  } else if (first == '\n') {
    out += "\\n";
  } else if (first == '\t') {
    out += "\\t";
  } else if (IsControl(character)) {
    // Of a C1 character, the second byte is the code point.
    out += fmt::format("\\u{:04x}", static_cast<unsigned char>(character.back()));
  } else {
    out += character;
  }
}

void AppendMember(std::string& out, std::string_view name, std::string_view value) {
  AppendJsonString(out, name);
  out += ':';
  AppendJsonString(out, value);
}

void AppendAnnotations(std::string& out, const oci::Annotations& annotations) {
  char separator = '{';
  for (const auto& [name, value] : annotations) {
    out += std::exchange(separator, ',');
    AppendMember(out, name, value);
  }
  out += '}';
}

void AppendPlatform(std::string& out, const oci::Platform& platform) {
  out += '{';
  AppendMember(out, "architecture", platform.architecture);
  out += ',';
  AppendMember(out, "os", platform.os);
  if (!platform.variant.empty()) {
    out += ',';
    AppendMember(out, "variant", platform.variant);
  }
  out += '}';
}

}  // namespace

void AppendJsonString(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && IsPlain(text[plain])) ++plain;
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const std::size_t size = Utf8Length(text);
    if (size == 0) {
      out += "\\ufffd";
    } else {
      AppendEscaped(out, text.substr(0, size));
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  out += '"';
}

std::string ErrorEnvelope(const Error& error, std::string_view detail) {
  const ErrorInfo& info = InfoOf(error.code);
  const bool travels = info.http_status != 0;
  std::string out = R"({"errors":[{)";
  AppendMember(out, "code", travels ? info.wire : InfoOf(ErrorCode::kInternal).wire);
  out += ',';
  AppendMember(out, "message", error.message);
  // The members of `detail`, without its braces.
  std::string_view members = TrimSpace(detail);
  if (!members.empty()) members = TrimSpace(members.substr(1, members.size() - 2));
  if (!detail.empty() || !error.hint.empty()) {
    out += R"(,"detail":{)";
    out += members;
    if (!members.empty() && !error.hint.empty()) out += ',';
    if (!error.hint.empty()) AppendMember(out, "hint", error.hint);
    out += '}';
  }
  return out + "}]}";
}

ListBody ListBody::Tags(std::string_view repository) {
  ListBody body;
  body.text_ += '{';
  AppendMember(body.text_, "name", repository);
  body.text_ += R"(,"tags":[)";
  return body;
}

ListBody ListBody::Repositories() {
  ListBody body;
  body.text_ += R"({"repositories":[)";
  return body;
}

void ListBody::Add(std::string_view item) {
  if (!std::exchange(first_, false)) text_ += ',';
  AppendJsonString(text_, item);
}

void ListBody::End(std::string_view after) {
  text_ += "]}";
  text_ += after;
}

std::string ListBody::Take() { return std::exchange(text_, {}); }

ReferrersBody::ReferrersBody() {
  text_ += R"({"schemaVersion":2,)";
  AppendMember(text_, "mediaType", oci::kImageIndexType);
  text_ += R"(,"manifests":[)";
}

void ReferrersBody::Add(const oci::Descriptor& descriptor) {
  if (!std::exchange(first_, false)) text_ += ',';
  text_ += '{';
  AppendMember(text_, "mediaType", descriptor.media_type);
  text_ += ',';
  AppendMember(text_, "digest", descriptor.digest.text());
  text_ += fmt::format(R"(,"size":{})", descriptor.size);
  if (!descriptor.artifact_type.empty()) {
    text_ += ',';
    AppendMember(text_, "artifactType", descriptor.artifact_type);
  }
  if (!descriptor.annotations.empty()) {
    text_ += R"(,"annotations":)";
    AppendAnnotations(text_, descriptor.annotations);
  }
  if (descriptor.platform) {
    text_ += R"(,"platform":)";
    AppendPlatform(text_, *descriptor.platform);
  }
  text_ += '}';
}

std::string ReferrersBody::End() && {
  text_ += "]}";
  return std::move(text_);
}

}  // namespace portolan::wire
