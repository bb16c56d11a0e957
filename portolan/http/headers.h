// Header fields of a request or an answer (RFC 9110 §5).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace portolan::http {

/// Fields in the order sent or received. Names are compared without case and printed as they were
/// given.
class Headers {
 public:
  struct Field {
    std::string name;
    std::string value;
    friend bool operator==(const Field&, const Field&) = default;
  };

  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  /// The first field of this name, or an empty text. Valid until the next change.
  std::string_view Get(std::string_view name) const;
  /// Every field of this name, in order. Valid until the next change.
  std::vector<std::string_view> GetAll(std::string_view name) const;
  bool Has(std::string_view name) const;

  void Add(std::string_view name, std::string_view value);
  /// Room for `count` fields without further allocation of the list.
  void Reserve(std::size_t count) { fields_.reserve(count); }
  /// Replaces all fields of this name by one.
  void Set(std::string_view name, std::string_view value);
  void Remove(std::string_view name);

  const std::vector<Field>& fields() const { return fields_; }
  friend bool operator==(const Headers&, const Headers&) = default;

 private:
  std::vector<Field> fields_;
};

}  // namespace portolan::http
