// What `portolan probe` found of one registry, as a file that client and server read. Spec:
// docs/probe.md, "Profiles".
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/result.h"
#include "portolan/dialect/habits.h"
#include "portolan/dialect/profile.h"
#include "portolan/dialect/served.h"

namespace portolan::dialect {

struct ProfileFile {
  std::string registry;  ///< that was asked: `registry.example:5000`
  std::string like;      ///< the known registry that it is most like: Habits::name
  std::string probed;    ///< when, as RFC 3339 has it
  /// What was found, by Question::name.
  std::map<std::string, std::string, std::less<>> answers;

  /// Empty if it was not found out.
  std::string_view Answer(std::string_view question) const;
};

/// Bytes of a file at most.
inline constexpr std::size_t kMaxProfileFile = 64U << 10U;

/// JSON, a member a line.
std::string WriteProfileFile(const ProfileFile& profile);
/// kConfigInvalid, which names the member that is wrong and says what was expected: a question that
/// is not known is refused, since what it would change were lost.
Result<ProfileFile> ReadProfileFile(std::string_view text);

/// How to be a client of it: the ways of the registry that it is like, with what was found to be
/// different.
Profile ClientProfile(const ProfileFile& file);

/// How to stand in for it.
struct ServedProfile {
  Served served;
  /// What was found, and what is answered instead: `catalog is "200, empty" there, …`. For a
  /// warning each.
  std::vector<std::string> not_imitated;

  // What `served` points to.
  std::string service;
  std::string token_path;
  std::string placeholder_scope;
  std::vector<Missing> missing;
};
/// The registry that it is like, with what was found to be different, as far as that is data.
std::shared_ptr<const ServedProfile> ServeProfile(const ProfileFile& file);

}  // namespace portolan::dialect
