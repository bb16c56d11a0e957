// EVP, OpenSSL's current interface, does not give its state away, and an upload must survive a
// restart. The deprecated one is a plain structure.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "portolan/oci/hasher.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>

#include <fmt/format.h>
#include <openssl/sha.h>

#include "portolan/base/hex.h"
#include "portolan/oci/hash.h"

namespace portolan::oci {
namespace {

constexpr unsigned char kVersion = 1;
constexpr std::size_t kHeadSize = 2 + 8;
constexpr std::size_t kCheckSize = 8;
// A length in bits must fit into 64 of them.
constexpr std::uint64_t kMaxSize = UINT64_MAX / 8;

// What differs between the two.
struct Sha256Kind {
  using Context = SHA256_CTX;
  static constexpr std::size_t kBlock = SHA256_CBLOCK;
  static constexpr std::size_t kOutput = SHA256_DIGEST_LENGTH;
  static unsigned char* Block(Context& context) {
    return reinterpret_cast<unsigned char*>(context.data);
  }
  // The low and high half of the number of bits.
  static void SetBits(Context& context, std::uint64_t bits) {
    context.Nl = static_cast<SHA_LONG>(bits);
    context.Nh = static_cast<SHA_LONG>(bits >> 32U);
  }
  static constexpr auto kInit = SHA256_Init;
  static constexpr auto kUpdate = SHA256_Update;
  static constexpr auto kFinal = SHA256_Final;
};

struct Sha512Kind {
  using Context = SHA512_CTX;
  static constexpr std::size_t kBlock = SHA512_CBLOCK;
  static constexpr std::size_t kOutput = SHA512_DIGEST_LENGTH;
  static unsigned char* Block(Context& context) { return context.u.p; }
  static void SetBits(Context& context, std::uint64_t bits) {
    context.Nl = bits;
    context.Nh = 0;
  }
  static constexpr auto kInit = SHA512_Init;
  static constexpr auto kUpdate = SHA512_Update;
  static constexpr auto kFinal = SHA512_Final;
};

// Calls `work` with the kind of the algorithm.
template <typename Work>
auto WithKind(HashAlgorithm algorithm, Work work) {
  return algorithm == HashAlgorithm::kSha256 ? work(Sha256Kind{}) : work(Sha512Kind{});
}

std::size_t BlockSize(HashAlgorithm algorithm) {
  return WithKind(algorithm, [](auto kind) { return decltype(kind)::kBlock; });
}

std::size_t WordSize(HashAlgorithm algorithm) {
  return algorithm == HashAlgorithm::kSha256 ? 4 : 8;
}

std::size_t SavedSize(HashAlgorithm algorithm, std::uint64_t size) {
  return kHeadSize + (8 * WordSize(algorithm)) + (size % BlockSize(algorithm)) + kCheckSize;
}

template <typename Kind>
Kind::Context MakeContext(std::uint64_t size, const std::array<std::uint64_t, 8>& words,
                          const std::array<unsigned char, 128>& block) {
  typename Kind::Context context{};
  Kind::kInit(&context);
  for (std::size_t i = 0; i < words.size(); ++i) {
    context.h[i] = static_cast<std::remove_reference_t<decltype(context.h[i])>>(words[i]);
  }
  Kind::SetBits(context, size * 8);
  context.num = static_cast<unsigned>(size % Kind::kBlock);
  std::memcpy(Kind::Block(context), block.data(), context.num);
  return context;
}

void AppendNumber(std::string& out, std::uint64_t number, std::size_t bytes) {
  for (std::size_t i = bytes; i-- > 0;) out += static_cast<char>((number >> (i * 8)) & 0xffU);
}

// Takes a big-endian number of `bytes` bytes from the front of `text`, which has them.
std::uint64_t TakeNumber(std::string_view& text, std::size_t bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    number = (number << 8U) | static_cast<unsigned char>(text[i]);
  }
  text.remove_prefix(bytes);
  return number;
}

std::string CheckOf(std::string_view saved) {
  const Sha256Bytes sum = Sha256(saved);
  return {reinterpret_cast<const char*>(sum.data()), kCheckSize};
}

Error Damaged(std::string_view what) {
  return Fail(ErrorCode::kInternal, fmt::format("a stored hash state is damaged: {}", what),
              "start the upload again");
}

}  // namespace

std::string_view NameOf(HashAlgorithm algorithm) {
  return algorithm == HashAlgorithm::kSha256 ? "sha256" : "sha512";
}

std::optional<HashAlgorithm> HashAlgorithmOf(std::string_view name) {
  if (name == "sha256") return HashAlgorithm::kSha256;
  if (name == "sha512") return HashAlgorithm::kSha512;
  return std::nullopt;
}

Hasher::Hasher(HashAlgorithm algorithm) : algorithm_(algorithm) {
  WithKind(algorithm, [this](auto kind) {
    typename decltype(kind)::Context context;
    decltype(kind)::kInit(&context);
    std::ranges::copy(context.h, words_.begin());
  });
}

void Hasher::Update(std::string_view piece) {
  WithKind(algorithm_, [&](auto kind) {
    using Kind = decltype(kind);
    auto context = MakeContext<Kind>(size_, words_, block_);
    Kind::kUpdate(&context, piece.data(), piece.size());
    std::ranges::copy(context.h, words_.begin());
    std::memcpy(block_.data(), Kind::Block(context), context.num);
  });
  size_ += piece.size();
}

Digest Hasher::Finish() const {
  std::array<std::byte, 64> output{};
  const std::size_t size = WithKind(algorithm_, [&](auto kind) {
    using Kind = decltype(kind);
    auto context = MakeContext<Kind>(size_, words_, block_);
    Kind::kFinal(reinterpret_cast<unsigned char*>(output.data()), &context);
    return Kind::kOutput;
  });
  return *Digest::Parse(
      fmt::format("{}:{}", NameOf(algorithm_), HexEncode(std::span(output).first(size))));
}

std::string Hasher::Save() const {
  std::string out;
  out.reserve(SavedSize(algorithm_, size_));
  AppendNumber(out, kVersion, 1);
  AppendNumber(out, static_cast<std::uint64_t>(algorithm_), 1);
  AppendNumber(out, size_, 8);
  for (const std::uint64_t word : words_) AppendNumber(out, word, WordSize(algorithm_));
  for (std::size_t i = 0; i < size_ % BlockSize(algorithm_); ++i) {
    out += static_cast<char>(block_[i]);
  }
  return out + CheckOf(out);
}

Result<Hasher> Hasher::Load(std::string_view state) {
  if (state.size() < kHeadSize) return Damaged("it is too short");
  std::string_view rest = state;
  if (TakeNumber(rest, 1) != kVersion) return Damaged("its version is not known");
  const std::uint64_t number = TakeNumber(rest, 1);
  if (number != 1 && number != 2) return Damaged("its algorithm is not known");
  Hasher hasher(static_cast<HashAlgorithm>(number));
  hasher.size_ = TakeNumber(rest, 8);
  if (hasher.size_ > kMaxSize || state.size() != SavedSize(hasher.algorithm_, hasher.size_)) {
    return Damaged("its size is wrong");
  }
  if (!state.ends_with(CheckOf(state.substr(0, state.size() - kCheckSize)))) {
    return Damaged("its check sum is wrong");
  }
  for (std::uint64_t& word : hasher.words_) word = TakeNumber(rest, WordSize(hasher.algorithm_));
  std::memcpy(hasher.block_.data(), rest.data(), rest.size() - kCheckSize);
  return hasher;
}

Digest DigestOf(HashAlgorithm algorithm, std::string_view content) {
  Hasher hasher(algorithm);
  hasher.Update(content);
  return hasher.Finish();
}

}  // namespace portolan::oci
