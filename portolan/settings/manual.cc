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

Accounts that `portolan user add` makes are kept in `accounts.db` in the root, and count as soon as the registry has found that file when it
started, or if `auth.accounts: true` says so. Such an account hides a user of `auth.htpasswd` who has its name. What counts beside
passwords, and how guessing is slowed down, is in [authentication.md](authentication.md).

## Access rules

Rights add up over all rules; what no rule allows is refused.

| part | holds |
|---|---|
| `users` | names of accounts and of `auth.htpasswd`; `*` is whoever has logged in, `anonymous` everybody |
| `repositories` | patterns: `*` stands for any text without a slash, `**` for any text, `${user}` for the name of whoever asks; all repositories if left out |
| `allow` | `pull`; `create` (push, and make tags that do not exist); `overwrite` (move tags, restore them); `delete`; `catalog` (list the repositories that may be pulled); `all` |

SIGHUP reads the rules again: they count from the next request on, also for tokens that were issued before. A file with a mistake changes
nothing, with a warning.

## Tokens

With `auth.token.keys` the registry is its own token service (docs/tokens.md): clients get tokens at `/token`, signed with the first of
these keys (`portolan auth keygen`); tokens that were signed with one of the others count, too. `auth.token.services` are the names of the
registries for which tokens are issued; the first is this registry's. `portolan auth serve` runs the token service alone.

## Issuers

`auth.issuers` is a list of others whose tokens the registry takes. What such a token grants counts, whatever the rules say; with `names`
its tokens say who it is, and the rules decide.

| part | holds |
|---|---|
| `issuer` | what its tokens call it (`iss`), exactly |
| `audiences` | names of which one must be in the token's `aud`; `auth.token.services`' first if left out |
| `jwks` | its keys: a file, read again when it changes, or a URL, asked at most every 30 s |
| `certificates` | PEM file: keys, and authorities for tokens that bring certificates (`x5c`); this or `jwks` must be there |
| `algorithms` | some of RS256, RS384, RS512, ES256, ES384, EdDSA; all if left out |
| `repositories` | patterns as in a rule, without `${user}`: its tokens may speak of no other repositories |
| `names` | for identity tokens (OpenID Connect, builds): a list of `user`, with `${claim}` for what a claim says, and `claims`, each a pattern; the first whose claims all match counts |

```yaml
auth:
  token:
    keys: [/etc/portolan/token.pem]
  issuers:
    - issuer: https://token.actions.githubusercontent.com
      audiences: [registry.example]
      jwks: https://token.actions.githubusercontent.com/.well-known/jwks
      names:
        - user: "github:${repository}"
          claims: {repository_owner: acme, ref: refs/heads/main}
  rules:
    - users: ["github:acme/app"]
      repositories: ["acme/app"]
      allow: [pull, create]
```

## Hosts

`hosts` is a list of registries before the same storage that stand in for others (docs/dialects.md), each found by the host or by the path
that a client uses; everything else is answered as `dialect` says. Rules and accounts are everybody's.

| part | holds |
|---|---|
| `names` | of hosts, without ports: this, or `path`, must be there |
| `path` | how the names of its repositories begin; what is not below `/v2/` is found below this path, too: `/hub/token` |
| `dialect` | as the setting `dialect`; the registry's own ways if left out |
| `token_realm` | where clients are told to get tokens; by default the dialect's path on this host |

```yaml
dialect: hub@2023-03
hosts:
  - names: [registry-1.docker.io, auth.docker.io]
    dialect: hub@2023-03
    token_realm: https://auth.docker.io/token
  - names: [quay.io]
    dialect: quay@2024-06
  - path: mirrors/ghcr
    dialect: ghcr@2023-03
```

## Who may listen where

On anything but this machine's own addresses the registry starts only if names can be proved (accounts, `auth.htpasswd`, tokens), or if `insecure_no_auth: true` says that
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
