// The TOML of registries.conf, merged into a RegistriesConf file by file.
#pragma once

#include <string>
#include <string_view>

#include "portolan/base/result.h"
#include "portolan/config/registries.h"

namespace portolan::config {

/// Has the parser's types in its .cc alone; they cost seconds to compile.
class RegistriesConfReader {
 public:
  /// Adds the text of one file; what it says wins over what `conf` says already. kConfigInvalid
  /// naming `path`, the line and what was expected.
  static Status Merge(std::string_view text, const std::string& path, RegistriesConf& conf);

 private:
  class Pass;
};

}  // namespace portolan::config
