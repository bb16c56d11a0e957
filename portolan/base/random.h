// Chance as an interface, so that tests can fix it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace portolan {

/// A source of random numbers. Safe to use from several threads.
class Random {
 public:
  virtual ~Random() = default;
  /// Fills `out` with bytes that nobody can predict (the kernel's generator in `SystemRandom`).
  virtual void Fill(std::span<std::byte> out) = 0;

  /// Uniform in [0, 1).
  double Fraction();
};

/// The kernel's generator. Lives as long as the program.
Random& SystemRandom();

/// Always the same sequence (splitmix64). Not for use from several threads.
class FixedRandom final : public Random {
 public:
  explicit FixedRandom(std::uint64_t seed = 1) : state_(seed) {}
  void Fill(std::span<std::byte> out) override;

 private:
  std::uint64_t state_;
};

}  // namespace portolan
