// What was found out, and what could not be.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace portolan::probe {

struct Finding {
  std::string question;              ///< dialect::Question::name
  std::optional<std::string> value;  ///< absent: not found out
  std::string note;                  ///< why it was not found out, or what else is to be said
  std::vector<int> exchanges;        ///< the evidence, by number
};

/// One finding per question.
class Findings {
 public:
  /// The first answer to a question counts; a reason why there is none is replaced by one.
  void Found(std::string_view question, std::string value, std::vector<int> exchanges,
             std::string note = {});
  void Unknown(std::string_view question, std::string why, std::vector<int> exchanges = {});

  const std::vector<Finding>& all() const { return all_; }
  /// Null if nothing was said of it.
  const Finding* Get(std::string_view question) const;
  /// The value; empty if it was not found out.
  std::string_view Value(std::string_view question) const;

 private:
  std::vector<Finding> all_;
};

}  // namespace portolan::probe
