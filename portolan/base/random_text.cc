#include "portolan/base/random_text.h"

#include <span>
#include <string_view>
#include <vector>

#include "portolan/base/base64.h"
#include "portolan/base/hex.h"

namespace portolan {
namespace {

std::vector<std::byte> RandomBytes(Random& random, std::size_t count) {
  std::vector<std::byte> bytes(count);
  random.Fill(bytes);
  return bytes;
}

}  // namespace

std::string RandomHex(Random& random, std::size_t bytes) {
  return HexEncode(RandomBytes(random, bytes));
}

std::string RandomBase64Url(Random& random, std::size_t bytes) {
  const std::vector<std::byte> raw = RandomBytes(random, bytes);
  return Base64UrlEncode({reinterpret_cast<const char*>(raw.data()), raw.size()});
}

}  // namespace portolan
