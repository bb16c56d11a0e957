#include <fmt/format.h>

#include "portolan/settings/settings.h"

namespace portolan::settings {
namespace {

constexpr std::string_view kHead = R"(# Configuration

<!-- Written by SettingsManual() in portolan/settings/manual.cc; a test holds this file to it. -->

Each setting of the registry has a key, like `storage.tag_history`. It can be given

1. as a flag,
2. as a variable of the environment: `PORTOLAN_` and the key in upper case with `_` for `.`
   (`PORTOLAN_STORAGE_TAG_HISTORY`); an empty one counts as unset,
3. in a file, where the part before the dot is a section,

and the first of these that has it counts. Without any the default does. In flags and variables, the parts of a list are divided
by commas. A mistake keeps the registry from starting; all mistakes are told at once.

```yaml
listen: [":5000"]
tls:
  certificate: /etc/portolan/tls.crt
  key: /etc/portolan/tls.key
auth:
  htpasswd: /etc/portolan/users
  rules:
    - users: [anonymous]            # everybody
      repositories: ["public/**"]
      allow: [pull]
    - users: ["*"]                  # whoever has logged in
      repositories: ["users/${user}/**"]
      allow: [pull, create, overwrite, delete]
    - users: [ci]
      repositories: ["apps/*"]
      allow: [pull, create]
storage:
  tag_history: 90d
gc:
  untagged_after: 30d
```

## Settings

| key | type | default | meaning |
|---|---|---|---|
)";

constexpr std::string_view kTail = R"(
A duration is written like `90s`, `10m`, `12h`, `30d` or `1h30m`; a size like `4096` (bytes), `64KiB`, `4MiB` or `1GiB`.

## Users

`auth.htpasswd` is what `htpasswd -B FILE USER` writes: bcrypt entries only, of a cost of at most 14. A change of the file counts within a
second; while it cannot be read or understood, the users of before stay. A password has at most 72 bytes: bcrypt would cut a
longer one without a word.

## Access rules

Rights add up over all rules; what no rule allows is refused.

| part | holds |
|---|---|
| `users` | names of `auth.htpasswd`; `*` is whoever has logged in, `anonymous` everybody |
| `repositories` | patterns: `*` stands for any text without a slash, `**` for any text, `${user}` for the name of whoever asks; all repositories if left out |
| `allow` | `pull`; `create` (push, and make tags that do not exist); `overwrite` (move tags, restore them); `delete`; `catalog` (list the repositories that may be pulled); `all` |

## Who may listen where

On anything but this machine's own addresses the registry starts only if `auth.htpasswd` is set, or if `insecure_no_auth: true` says that
an open registry is meant.
)";

}  // namespace

std::string SettingsManual() {
  std::string out(kHead);
  for (const SettingInfo& info : SettingsTable()) {
    const std::string value =
        info.default_value.empty() ? "" : fmt::format("`{}`", info.default_value);
    out += fmt::format("| `{}` | {}{} | {} | {} |\n", info.key, info.type,
                       info.file_only ? " (file only)" : "", value, info.description);
  }
  out += kTail;
  return out;
}

}  // namespace portolan::settings
