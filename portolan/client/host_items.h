// Variables of the environment that say something of hosts: `HOST=TEXT`, several with commas
// between.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "portolan/base/environment.h"
#include "portolan/base/result.h"
#include "portolan/oci/reference.h"

namespace portolan::client {

/// One of them.
struct HostItem {
  std::string_view text;  ///< all of it
  oci::RegistryName host;
  std::string_view value;  ///< behind the `=`
};

/// Goes through a variable's items, in their order.
class HostItems {
 public:
  /// `hint` says how an item is written. Both views must outlive it.
  HostItems(const Environment& environment, const char* variable, std::string_view hint);
  HostItems(const HostItems&) = delete;
  HostItems& operator=(const HostItems&) = delete;

  /// The next, whose views live as long as this; nothing behind the last. kConfigInvalid for one
  /// that is none.
  Result<std::optional<HostItem>> Next();
  /// The error of an item that is not understood.
  Error Malformed(std::string_view item) const;

 private:
  const char* const variable_;
  const std::string_view hint_;
  const std::string items_;
  std::string_view rest_ = items_;
};

}  // namespace portolan::client
