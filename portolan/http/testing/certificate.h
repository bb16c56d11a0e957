// Certificates made on the spot.
#pragma once

#include <chrono>
#include <memory>
#include <string>

namespace portolan::http {

/// A certificate and its key as PEM text.
struct TestIdentity {
  std::string certificate;
  std::string key;
};

/// An authority for tests, with a key of its own.
class TestAuthority {
 public:
  TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;
  ~TestAuthority();

  /// Its certificate as PEM text: what a client must trust.
  std::string certificate() const;

  /// A certificate for `name` (a DNS name, or an address if it begins with "IP:"), valid since
  /// yesterday and for `lifetime` from now, which may be negative (expired).
  TestIdentity Issue(const std::string& name,
                     std::chrono::seconds lifetime = std::chrono::hours(24)) const;

  /// A certificate for `name` that vouches for itself.
  static TestIdentity SelfSigned(const std::string& name);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A folder of its own, removed with all files in it at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  const std::string& path() const { return path_; }
  /// Writes a file and gives its path.
  std::string Write(const std::string& name, const std::string& content) const;

 private:
  std::string path_;
};

}  // namespace portolan::http
