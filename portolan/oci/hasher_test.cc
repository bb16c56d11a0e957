#include "portolan/oci/hasher.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "portolan/base/hex.h"
#include "portolan/oci/hash.h"

namespace portolan::oci {
namespace {

constexpr HashAlgorithm kAlgorithms[] = {HashAlgorithm::kSha256, HashAlgorithm::kSha512};

// The same by OpenSSL's current interface.
std::string ByEvp(HashAlgorithm algorithm, std::string_view content) {
  std::array<std::byte, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  const EVP_MD* md = algorithm == HashAlgorithm::kSha256 ? EVP_sha256() : EVP_sha512();
  EXPECT_EQ(EVP_Digest(content.data(), content.size(), reinterpret_cast<unsigned char*>(out.data()),
                       &size, md, nullptr),
            1);
  return std::string(NameOf(algorithm)) + ":" + HexEncode(std::span(out).first(size));
}

std::string Content(std::size_t size) {
  std::string content(size, '\0');
  for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<char>((i * 7) + (i >> 8U));
  return content;
}

TEST(HasherTest, NamesAlgorithms) {
  EXPECT_EQ(NameOf(HashAlgorithm::kSha256), "sha256");
  EXPECT_EQ(NameOf(HashAlgorithm::kSha512), "sha512");
  for (const HashAlgorithm algorithm : kAlgorithms) {
    EXPECT_EQ(HashAlgorithmOf(NameOf(algorithm)), algorithm);
  }
  for (const char* name : {"", "sha", "sha384", "SHA256", "sha256 ", "blake3"}) {
    EXPECT_EQ(HashAlgorithmOf(name), std::nullopt) << name;
  }
}

TEST(HasherTest, KnownAnswers) {
  EXPECT_EQ(DigestOf(HashAlgorithm::kSha256, "").text(),
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(DigestOf(HashAlgorithm::kSha512, "abc").text(),
            "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(HasherTest, AgreesWithEvpAtEverySizeAndCut) {
  for (const HashAlgorithm algorithm : kAlgorithms) {
    for (std::size_t size = 0; size <= 300; ++size) {
      const std::string content = Content(size);
      const std::string want = ByEvp(algorithm, content);
      EXPECT_EQ(DigestOf(algorithm, content).text(), want) << size;
      for (const std::size_t piece : {1, 3, 63, 64, 65, 127, 128, 129}) {
        Hasher hasher(algorithm);
        for (std::size_t at = 0; at < size; at += piece) {
          hasher.Update(std::string_view(content).substr(at, piece));
        }
        ASSERT_EQ(hasher.Finish().text(), want) << size << " in pieces of " << piece;
        ASSERT_EQ(hasher.size(), size);
      }
    }
    const std::string large = Content(1'000'003);
    EXPECT_EQ(DigestOf(algorithm, large).text(), ByEvp(algorithm, large));
  }
}

TEST(HasherTest, GoesOnAfterFinish) {
  for (const HashAlgorithm algorithm : kAlgorithms) {
    Hasher hasher(algorithm);
    hasher.Update("one");
    EXPECT_EQ(hasher.Finish().text(), ByEvp(algorithm, "one"));
    EXPECT_EQ(hasher.Finish().text(), ByEvp(algorithm, "one"));
    hasher.Update("two");
    EXPECT_EQ(hasher.Finish().text(), ByEvp(algorithm, "onetwo"));
  }
}

TEST(HasherTest, ACopyGoesOnByItself) {
  Hasher first(HashAlgorithm::kSha256);
  first.Update("a");
  Hasher second = first;
  first.Update("b");
  second.Update("c");
  EXPECT_EQ(first.Finish().text(), ByEvp(HashAlgorithm::kSha256, "ab"));
  EXPECT_EQ(second.Finish().text(), ByEvp(HashAlgorithm::kSha256, "ac"));
  first = second;
  EXPECT_EQ(first.Finish(), second.Finish());
}

TEST(HasherTest, IsTakenUpAgainAtEveryOffset) {
  const std::string content = Content(300);
  for (const HashAlgorithm algorithm : kAlgorithms) {
    const std::string want = ByEvp(algorithm, content);
    for (std::size_t cut = 0; cut <= content.size(); ++cut) {
      Hasher before(algorithm);
      before.Update(std::string_view(content).substr(0, cut));
      const std::string state = before.Save();
      ASSERT_LE(state.size(), 256U);
      Result<Hasher> after = Hasher::Load(state);
      ASSERT_TRUE(after) << cut << ": " << after.error().message;
      EXPECT_EQ(after->algorithm(), algorithm);
      EXPECT_EQ(after->size(), cut);
      EXPECT_EQ(after->Save(), state);
      after->Update(std::string_view(content).substr(cut));
      ASSERT_EQ(after->Finish().text(), want) << cut;
    }
  }
}

// The layout is stored on disk: it must not change without a new version.
TEST(HasherTest, SavesAFixedLayout) {
  Hasher hasher(HashAlgorithm::kSha256);
  hasher.Update("abc");
  const std::string state = hasher.Save();
  const std::string head =
      "0101"                                                              // version, algorithm
      "0000000000000003"                                                  // bytes fed
      "6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19"  // chaining words
      "616263";                                                           // unfinished block
  const std::string hex = HexEncode(std::as_bytes(std::span(state)));
  EXPECT_EQ(hex.substr(0, head.size()), head);
  const Sha256Bytes sum = Sha256(state.substr(0, state.size() - 8));
  EXPECT_EQ(hex.substr(head.size()), HexEncode(std::span(sum).first(8)));
}

// The state of `size` bytes, a multiple of the block size, after which the chaining words are those
// of the start.
Hasher AtStartWithSize(HashAlgorithm algorithm, std::uint64_t size) {
  std::string state = Hasher(algorithm).Save();
  for (std::size_t i = 0; i < 8; ++i) state[2 + i] = static_cast<char>(size >> (56 - (8 * i)));
  state.resize(state.size() - 8);
  const Sha256Bytes sum = Sha256(state);
  state.append(reinterpret_cast<const char*>(sum.data()), 8);
  return *Hasher::Load(state);
}

// Nobody hashes that much in a test: instead the block that the standard pads with is fed by hand
// (FIPS 180-4 §5.1), and the chaining words after it are the answer.
TEST(HasherTest, CountsBeyondFourGigabytes) {
  for (const HashAlgorithm algorithm : kAlgorithms) {
    const std::size_t block = algorithm == HashAlgorithm::kSha256 ? 64 : 128;
    for (const std::uint64_t size : {1ULL << 29U, 1ULL << 32U, 5ULL << 33U, 1ULL << 60U}) {
      std::string padding(block, '\0');
      padding[0] = '\x80';
      for (std::size_t i = 0; i < 8; ++i) {
        padding[block - 1 - i] = static_cast<char>((size * 8) >> (8 * i));
      }
      Hasher by_hand(algorithm);
      by_hand.Update(padding);
      const std::string state = by_hand.Save();
      const std::string_view words = std::string_view(state).substr(10, block / 2);
      EXPECT_EQ(AtStartWithSize(algorithm, size).Finish().encoded(),
                HexEncode(std::as_bytes(std::span(words))))
          << NameOf(algorithm) << " of " << size;
    }
  }
}

TEST(HasherTest, RefusesDamagedStates) {
  for (const HashAlgorithm algorithm : kAlgorithms) {
    Hasher hasher(algorithm);
    hasher.Update(Content(100));
    const std::string good = hasher.Save();
    for (std::size_t size = 0; size < good.size(); ++size) {
      const Result<Hasher> loaded = Hasher::Load(good.substr(0, size));
      ASSERT_FALSE(loaded) << size;
      EXPECT_EQ(loaded.error().code, ErrorCode::kInternal);
    }
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
      std::string bad = good;
      bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
      ASSERT_FALSE(Hasher::Load(bad)) << "bit " << bit;
    }
    EXPECT_FALSE(Hasher::Load(good + "x"));
  }
}

TEST(HasherTest, SaysWhatIsDamaged) {
  struct Row {
    const char* name;
    std::string state;
    const char* reason;
  };
  const std::string good = Hasher(HashAlgorithm::kSha256).Save();
  const Row rows[] = {
      {"empty", "", "too short"},
      {"version", "\x02" + good.substr(1), "version"},
      {"algorithm", good.substr(0, 1) + "\x03" + good.substr(2), "algorithm"},
      {"length beyond 2^61", good.substr(0, 2) + "\xff" + good.substr(3), "size"},
      {"length", good.substr(0, 9) + "\x01" + good.substr(10), "size"},
      {"chaining word", good.substr(0, 10) + "\x01" + good.substr(11), "check sum"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Result<Hasher> loaded = Hasher::Load(row.state);
    ASSERT_FALSE(loaded);
    EXPECT_NE(loaded.error().message.find(row.reason), std::string::npos) << loaded.error().message;
  }
}

}  // namespace
}  // namespace portolan::oci
