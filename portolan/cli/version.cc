#include "portolan/cli/version.h"

namespace portolan::cli {

std::string_view Version() { return PORTOLAN_VERSION; }

}  // namespace portolan::cli
