#include "portolan/client/seen_names.h"

#include <cstdint>
#include <cstring>
#include <span>

#include "portolan/base/random.h"

namespace portolan::client {
namespace {

constexpr std::size_t kFirstSlots = 64;
constexpr std::uint64_t kMultiplier = 0x9e3779b97f4a7c15ULL;
constexpr unsigned kHashShift = 32;
constexpr std::uint64_t kIndexMask = 0xffffffffU;

std::uint64_t RandomSeed() {
  std::uint64_t seed = 0;
  SystemRandom().Fill(std::as_writable_bytes(std::span(&seed, 1)));
  return seed;
}

// Multiplies to 128 bits and folds: every bit of both sides reaches every bit of the result.
std::uint64_t Mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

}  // namespace

SeenNames::SeenNames() : SeenNames(RandomSeed()) {}

std::uint64_t SeenNames::Hash(std::string_view name) const {
  std::uint64_t hash = seed_ ^ name.size();
  std::uint64_t word = 0;
  for (; name.size() >= sizeof word; name.remove_prefix(sizeof word)) {
    std::memcpy(&word, name.data(), sizeof word);
    hash = Mix(hash ^ word, kMultiplier ^ seed_);
  }
  word = 0;
  for (const char c : name) word = (word << 8U) | static_cast<std::uint8_t>(c);
  return Mix(hash ^ word, kMultiplier);
}

bool SeenNames::Add(std::string_view name) {
  if (names_.size() * 2 >= slots_.size()) Grow();
  // Half of the hash places the name and recognises it; a slot thus knows its place in a larger
  // table too.
  const std::uint64_t hash = Hash(name) >> kHashShift;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t place = hash & mask;; place = (place + 1) & mask) {
    Slot& slot = slots_[place];
    if (slot == 0) {
      names_.Add(name);
      slot = (hash << kHashShift) | names_.size();
      return true;
    }
    if (slot >> kHashShift == hash && names_[(slot & kIndexMask) - 1] == name) return false;
  }
}

void SeenNames::Grow() {
  std::vector<Slot> grown(slots_.empty() ? kFirstSlots : slots_.size() * 2);
  const std::size_t mask = grown.size() - 1;
  for (const Slot slot : slots_) {
    if (slot == 0) continue;
    std::size_t place = (slot >> kHashShift) & mask;
    while (grown[place] != 0) place = (place + 1) & mask;
    grown[place] = slot;
  }
  slots_ = std::move(grown);
}

}  // namespace portolan::client
