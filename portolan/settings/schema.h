// The settings as one table: what each is called, what it means, and where its value goes.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "portolan/settings/settings.h"
#include "portolan/settings/value.h"

namespace portolan::settings {

/// One row, with one of both functions; access rules, issuers and hosts have forms of their own
/// and none.
struct Setting {
  SettingInfo info;
  Expected (*set)(ServerSettings& settings, std::string_view value) = nullptr;
  /// At least one value.
  Expected (*set_list)(ServerSettings& settings, std::span<const std::string> values) = nullptr;
};

inline constexpr std::string_view kRulesKey = "auth.rules";
inline constexpr std::string_view kIssuersKey = "auth.issuers";
inline constexpr std::string_view kHostsKey = "hosts";

std::span<const Setting> Schema();
/// The row of this key, or null.
const Setting* FindSetting(std::string_view key);

}  // namespace portolan::settings
