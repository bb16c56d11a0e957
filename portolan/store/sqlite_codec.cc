#include "portolan/store/sqlite_codec.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "portolan/base/hex.h"
#include "portolan/oci/hasher.h"

namespace portolan::store {
namespace {

constexpr char kTextMark = '\xFF';
constexpr std::size_t kLengthSize = 4;

Error Damaged(std::string_view what, std::string_view bytes) {
  return Fail(ErrorCode::kInternal, fmt::format("database: {} bytes are no {}", bytes.size(), what),
              "the database is damaged; restore it from a backup");
}

unsigned HexValue(char digit) {
  return static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

void AppendText(std::string& out, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  for (const unsigned shift : {24U, 16U, 8U, 0U}) out += static_cast<char>(size >> shift & 0xFFU);
  out += text;
}

// Takes the next text from the front of `rest`.
std::optional<std::string> TakeText(std::string_view& rest) {
  if (rest.size() < kLengthSize) return std::nullopt;
  std::size_t size = 0;
  for (const char c : rest.substr(0, kLengthSize))
    size = size << 8U | static_cast<unsigned char>(c);
  rest.remove_prefix(kLengthSize);
  if (rest.size() < size) return std::nullopt;
  std::string text(rest.substr(0, size));
  rest.remove_prefix(size);
  return text;
}

}  // namespace

std::string EncodeDigest(const oci::Digest& digest) {
  const auto algorithm = oci::HashAlgorithmOf(digest.algorithm());
  if (!algorithm) return kTextMark + digest.text();
  const std::string_view digits = digest.encoded();
  std::string bytes;
  bytes.reserve(1 + digits.size() / 2);
  bytes += static_cast<char>(*algorithm);
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes += static_cast<char>(HexValue(digits[i]) << 4U | HexValue(digits[i + 1]));
  }
  return bytes;
}

Result<oci::Digest> DecodeDigest(std::string_view bytes) {
  if (bytes.empty()) return Damaged("digest", bytes);
  std::string text;
  if (bytes.front() == kTextMark) {
    text = bytes.substr(1);
  } else {
    const auto algorithm = static_cast<oci::HashAlgorithm>(bytes.front());
    if (algorithm != oci::HashAlgorithm::kSha256 && algorithm != oci::HashAlgorithm::kSha512) {
      return Damaged("digest", bytes);
    }
    text = oci::NameOf(algorithm);
    text += ':';
    text += HexEncode(std::as_bytes(std::span(bytes.substr(1))));
  }
  auto digest = oci::Digest::Parse(text);
  if (!digest) return Damaged("digest", bytes);
  return digest;
}

std::string EncodeAnnotations(const oci::Annotations& annotations) {
  std::string bytes;
  for (const auto& [key, value] : annotations) {
    AppendText(bytes, key);
    AppendText(bytes, value);
  }
  return bytes;
}

Result<oci::Annotations> DecodeAnnotations(std::string_view bytes) {
  oci::Annotations annotations;
  for (std::string_view rest = bytes; !rest.empty();) {
    auto key = TakeText(rest);
    auto value = key ? TakeText(rest) : std::nullopt;
    if (!value) return Damaged("annotations", bytes);
    annotations.emplace_back(*std::move(key), *std::move(value));
  }
  return annotations;
}

}  // namespace portolan::store
