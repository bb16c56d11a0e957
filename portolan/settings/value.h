// Texts of settings as values. Each function gives what was expected where the text is not that;
// empty, and the value set, where it is.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "portolan/base/url.h"

namespace portolan::settings {

/// What was expected; empty if the text is that.
using Expected = std::string;

/// `true` or `false`.
Expected SetBool(bool& value, std::string_view text);
/// `90s`, `10m`, `12h`, `30d`, `1h30m`; `0`. At most 100 years.
Expected SetDuration(std::chrono::seconds& value, std::string_view text,
                     std::chrono::seconds min = {});
/// The same, or `never`.
Expected SetDurationOrNever(std::optional<std::chrono::seconds>& value, std::string_view text);
/// Bytes: `4096`, `64KiB`, `4MiB`, `1GiB`.
Expected SetSize(std::uint64_t& value, std::string_view text, std::uint64_t min, std::uint64_t max);
/// A whole number.
Expected SetCount(int& value, std::string_view text, int min, int max);
/// A path, absolute or not; not empty and without NUL.
Expected SetPath(std::string& value, std::string_view text);
/// One line of printable ASCII.
Expected SetLine(std::string& value, std::string_view text);
/// Whether a dialect is the path of a profile: it has a `/`, or ends with `.json`.
bool IsProfileFile(std::string_view dialect);
/// A name that dialect::FindServed knows: it becomes the whole one, `hub` the first `hub@…`. Or the
/// path of a profile.
Expected SetDialect(std::string& value, std::string_view text);
/// http or https, without a query.
Expected SetUrl(std::optional<Url>& value, std::string_view text);
/// `127.0.0.1:5000`, `[::1]:5000`, `:5000`, `localhost:5000`, `unix:/path`.
Expected SetAddress(std::string& value, std::string_view text);

/// Whether nobody but this machine can reach the address.
bool IsLoopback(std::string_view address);
/// Whether an address of this form says how to reach it: neither every address of the machine nor
/// a socket in a folder.
bool NamesAHost(std::string_view address);

}  // namespace portolan::settings
