#include "portolan/client/platform.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"

namespace portolan::client {
namespace {

std::string_view VariantOf(const oci::Platform& platform) {
  if (!platform.variant.empty()) return platform.variant;
  if (platform.architecture == "arm64") return "v8";
  if (platform.architecture == "arm") return "v7";
  return {};
}

}  // namespace

std::string PlatformText(const oci::Platform& platform) {
  return fmt::format("{}/{}{}{}", platform.os, platform.architecture,
                     platform.variant.empty() ? "" : "/", platform.variant);
}

Result<oci::Platform> ParsePlatform(std::string_view text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('/', begin), text.size());
    parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  const bool plain = std::ranges::all_of(parts, [](const std::string& part) {
    return !part.empty() && std::ranges::all_of(part, [](char c) {
      return IsAsciiAlnum(c) || c == '_' || c == '-' || c == '.';
    });
  });
  if (parts.size() < 2 || parts.size() > 3 || !plain) {
    return Fail(ErrorCode::kUsage, fmt::format("\"{}\" is not a platform", Printable(text)),
                "write for example linux/amd64 or linux/arm/v7");
  }
  return oci::Platform{.os = AsciiLower(parts[0]),
                       .architecture = AsciiLower(parts[1]),
                       .variant = parts.size() == 3 ? AsciiLower(parts[2]) : std::string()};
}

oci::Platform HostPlatform() {
#if defined(__x86_64__)
  return {.os = "linux", .architecture = "amd64", .variant = ""};
#elif defined(__aarch64__)
  return {.os = "linux", .architecture = "arm64", .variant = ""};
#elif defined(__arm__)
  return {.os = "linux", .architecture = "arm", .variant = ""};
#elif defined(__riscv) && __riscv_xlen == 64
  return {.os = "linux", .architecture = "riscv64", .variant = ""};
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
  return {.os = "linux", .architecture = "ppc64le", .variant = ""};
#elif defined(__s390x__)
  return {.os = "linux", .architecture = "s390x", .variant = ""};
#elif defined(__i386__)
  return {.os = "linux", .architecture = "386", .variant = ""};
#else
  return {.os = "linux", .architecture = "unknown", .variant = ""};
#endif
}

bool Satisfies(const oci::Platform& image, const oci::Platform& wanted) {
  if (image.os != wanted.os || image.architecture != wanted.architecture) return false;
  return wanted.variant.empty() || VariantOf(image) == VariantOf(wanted);
}

const TagImage* ChooseImage(const std::vector<TagImage>& images, const PlatformWish& wish) {
  const auto exact = std::ranges::find(images, wish.platform, &TagImage::platform);
  if (exact != images.end()) return &*exact;
  const auto fits = std::ranges::find_if(
      images, [&](const TagImage& image) { return Satisfies(image.platform, wish.platform); });
  if (fits != images.end()) return &*fits;
  return wish.required || images.empty() ? nullptr : &images.front();
}

bool IsKnown(const oci::Platform& platform) {
  return !platform.os.empty() && platform.os != "unknown" && !platform.architecture.empty() &&
         platform.architecture != "unknown";
}

}  // namespace portolan::client
