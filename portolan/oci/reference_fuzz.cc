// What parses, prints as text that parses to the same value; and no message carries a byte that
// steers a terminal.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "portolan/oci/reference.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using portolan::oci::Reference;
  const std::string text(data, data + size);
  const portolan::Result<Reference> reference = Reference::Parse(text);
  if (!reference) {
    const std::string shown = reference.error().message + reference.error().hint;
    const bool safe =
        std::ranges::none_of(shown, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; });
    if (!safe || reference.error().code != portolan::ErrorCode::kReferenceInvalid) std::abort();
    return 0;
  }
  const std::string printed = reference->ToString();
  const portolan::Result<Reference> again = Reference::Parse(printed);
  if (!again || *again != *reference || again->ToString() != printed) std::abort();
  if (Reference::IsShortName(printed) || !printed.starts_with(reference->Name())) std::abort();
  return 0;
}
