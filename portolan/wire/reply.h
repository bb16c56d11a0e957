// Bodies that a registry answers with. Spec: "Error Codes", "Listing Tags", "Listing Referrers".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "portolan/base/error.h"
#include "portolan/oci/manifest.h"

namespace portolan::wire {

/// `text` as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD.
void AppendJsonString(std::string& out, std::string_view text);

/// `{"errors":[{"code":"…","message":"…","detail":…}]}`. The message is the Error's; its hint,
/// where there is one, follows in `detail.hint`. `detail` is a JSON text of an object that is
/// merged before it, empty for none. Codes that never travel are `UNKNOWN`.
std::string ErrorEnvelope(const Error& error, std::string_view detail = {});

/// Writes `{"name":"…","tags":[…]}` and `{"repositories":[…]}` without ever holding more than was
/// added since the last Take.
class ListBody {
 public:
  static ListBody Tags(std::string_view repository);
  static ListBody Repositories();
  void Add(std::string_view item);
  /// `after`: what follows the list, a line end.
  void End(std::string_view after = {});
  /// What was written since the last call.
  std::string Take();
  std::size_t size() const { return text_.size(); }

 private:
  std::string text_;
  bool first_ = true;
};

/// The index that the referrers API answers with, piece by piece: descriptors are added one by one.
class ReferrersBody {
 public:
  ReferrersBody();
  void Add(const oci::Descriptor& descriptor);
  std::string End() &&;
  std::size_t size() const { return text_.size(); }

 private:
  std::string text_;
  bool first_ = true;
};

}  // namespace portolan::wire
