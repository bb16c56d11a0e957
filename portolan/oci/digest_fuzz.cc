// Parse and IsValid agree; what parses keeps its text, and its parts make it up again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "portolan/oci/digest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using portolan::oci::Digest;
  const std::string text(data, data + size);
  const portolan::Result<Digest> digest = Digest::Parse(text);
  if (digest.has_value() != Digest::IsValid(text)) std::abort();
  if (!digest) return 0;
  const std::string joined =
      std::string(digest->algorithm()) + ":" + std::string(digest->encoded());
  if (digest->text() != text || joined != text || *Digest::Parse(joined) != *digest) std::abort();
  return 0;
}
