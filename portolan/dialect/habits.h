// What `portolan probe` asks of a registry, and what each known registry is expected to answer:
// data in one place. Spec: docs/probe.md.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace portolan::dialect {

/// One thing to be found out.
struct Question {
  std::string_view name;     ///< stable: "page.default"
  std::string_view section;  ///< of the report: "Lists of tags"
  std::string_view title;    ///< for people
};
/// The section of what is found out by pushing alone.
inline constexpr std::string_view kPushing = "Pushing";
/// All of them, in the order of the report.
std::span<const Question> Questions();

/// An expected answer. Alternatives are divided by " | ".
struct Habit {
  std::string_view question;
  std::string_view answer;
};

/// A registry at one time. A question without an answer is one that its operator decides, or that
/// nobody knows.
struct Habits {
  std::string_view name;         ///< "quay@2024-06", as Served's where there is one
  std::string_view title;        ///< for people
  const Habits* base = nullptr;  ///< whose answers hold where there is none of its own
  std::vector<Habit> own = {};

  /// Empty if none is known.
  std::string_view Answer(std::string_view question) const;
};

/// All known registries.
std::span<const Habits* const> AllHabits();
/// By its name, or the part before the @ (then the first of them); null if there is none.
const Habits* FindHabits(std::string_view name);

enum class Agreement { kAgrees, kDiffers, kOpen };
/// Whether what was found is what was expected. `at least 120`, of a registry that had no more to
/// give, agrees with `all`, contradicts `100`, and leaves `1000` open.
Agreement Compare(std::string_view expected, std::string_view found);

}  // namespace portolan::dialect
