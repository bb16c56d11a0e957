#include "portolan/settings/schema.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "portolan/base/text.h"

namespace portolan::settings {
namespace {

using std::chrono::seconds;

constexpr int kMany = 1'000'000;
constexpr std::uint64_t kKiB = 1U << 10U;
constexpr std::uint64_t kMiB = 1U << 20U;
constexpr std::uint64_t kGiB = 1U << 30U;

http::ServerTls& TlsOf(ServerSettings& settings) {
  return settings.tls ? *settings.tls : settings.tls.emplace();
}

Expected SetListen(ServerSettings& settings, std::span<const std::string> values) {
  std::vector<std::string> addresses;
  for (const std::string& text : values) {
    if (Expected expected = SetAddress(addresses.emplace_back(), text); !expected.empty()) {
      return expected;
    }
  }
  settings.listen = std::move(addresses);
  return {};
}

// A word that is nearly one of the three must not become a file.
Expected SetAccessLog(std::string& access, std::string_view text) {
  const bool word = text == "stdout" || text == "stderr" || text == "off";
  if (!word && !text.contains('/')) return "stdout, stderr, off, or a path with a slash";
  return SetPath(access, text);
}

Expected SetPaths(std::vector<std::string>& paths, std::span<const std::string> values) {
  std::vector<std::string> given;
  for (const std::string& text : values) {
    if (Expected expected = SetPath(given.emplace_back(), text); !expected.empty()) return expected;
  }
  paths = std::move(given);
  return {};
}

Expected SetProxies(ServerSettings& settings, std::span<const std::string> values) {
  Result<http::TrustedProxies> proxies = http::TrustedProxies::Parse(values);
  if (!proxies) return "addresses like 192.0.2.1, networks like 10.0.0.0/8 or fd00::/8, and unix";
  settings.trusted_proxies = *std::move(proxies);
  return {};
}

// What stands in a quoted-string of a challenge.
Expected SetName(std::string& name, std::string_view text) {
  if (text.empty() || text.find_first_of("\"\\ ") != std::string_view::npos) {
    return "a text without spaces, quotes and backslashes";
  }
  return SetLine(name, text);
}

Expected SetServices(ServerSettings& settings, std::span<const std::string> values) {
  std::vector<std::string> services;
  for (const std::string& text : values) {
    if (Expected expected = SetName(services.emplace_back(), text); !expected.empty()) {
      return expected;
    }
  }
  settings.auth.token.services = std::move(services);
  return {};
}

// Older clients take a token for good for a minute, whatever is said; longer than a day, no
// verifier of ours believes one.
Expected SetLifetime(ServerSettings& settings, std::string_view text) {
  seconds lifetime{};
  if (Expected expected = SetDuration(lifetime, text, seconds(60)); !expected.empty()) {
    return expected;
  }
  if (lifetime > std::chrono::days(1)) return "a duration of at most 1d";
  settings.auth.token.lifetime = lifetime;
  return {};
}

Expected SetKid(auth::KidStyle& kid, std::string_view text) {
  if (text != "thumbprint" && text != "libtrust") return "thumbprint or libtrust";
  kid = text == "libtrust" ? auth::KidStyle::kLibtrust : auth::KidStyle::kThumbprint;
  return {};
}

Expected SetFaults(ServerSettings& settings, std::span<const std::string> values) {
  std::vector<dialect::Fault> faults;
  for (const std::string& text : values) {
    Result<dialect::Fault> fault = dialect::Fault::Parse(text);
    if (!fault) return fmt::format("a fault: {}", fault.error().message);
    faults.push_back(*std::move(fault));
  }
  settings.faults = std::move(faults);
  return {};
}

Expected SetAuditLog(std::string& audit, std::string_view text) {
  const bool word = text == "stderr" || text == "off";
  if (!word && !text.contains('/')) return "stderr, off, or a path with a slash";
  return SetPath(audit, text);
}

Expected SetLevel(LogLevel& level, std::string_view text) {
  if (text != "warning" && text != "debug") return "warning or debug";
  level = text == "debug" ? LogLevel::kDebug : LogLevel::kWarning;
  return {};
}

const Setting kSchema[] = {
    {.info = {"listen", "list of addresses", "127.0.0.1:5000",
              "Where to take connections: 127.0.0.1:5000, [::1]:5000, :5000 (every address) or "
              "unix:/path"},
     .set_list = SetListen},
    {.info = {"root", "path", "",
              "Folder of the store; by default /var/lib/portolan for the superuser, else "
              "portolan/registry in $XDG_DATA_HOME or ~/.local/share"},
     .set = [](ServerSettings& s, std::string_view v) { return SetPath(s.root, v); }},
    {.info = {"tls.certificate", "path", "",
              "PEM file with the certificate and its chain; read again when it changes"},
     .set = [](ServerSettings& s, std::string_view v) { return SetPath(TlsOf(s).certificate, v); }},
    {.info = {"tls.key", "path", "", "PEM file with the certificate's key"},
     .set = [](ServerSettings& s, std::string_view v) { return SetPath(TlsOf(s).key, v); }},
    {.info = {"trusted_proxies", "list of addresses", "",
              "Proxies whose X-Forwarded-For says who a client is: addresses, networks like "
              "10.0.0.0/8, and unix for whoever comes by a unix socket"},
     .set_list = SetProxies},
    {.info = {"auth.htpasswd", "path", "",
              "File of users and bcrypt hashes, as htpasswd -B writes it; read again when it "
              "changes"},
     .set = [](ServerSettings& s, std::string_view v) { return SetPath(s.auth.htpasswd, v); }},
    {.info = {"auth.accounts", "true or false", "",
              "Whether accounts of `portolan user` may log in; by default whether there are any: "
              "accounts.db in root"},
     .set = [](ServerSettings& s, std::string_view v) { return SetBool(s.auth.accounts, v); }},
    {.info = {"auth.realm", "text", "Portolan", "What a login dialogue calls the registry"},
     .set = [](ServerSettings& s, std::string_view v) { return SetLine(s.auth.realm, v); }},
    {.info = {kRulesKey, "list of rules", "",
              "Who may do what (see below); by default whoever has logged in may do everything",
              true}},
    {.info = {"auth.token.keys", "list of paths", "",
              "PEM files of `portolan auth keygen`: this registry issues tokens, signed with the "
              "first; the others' tokens count, too"},
     .set_list = [](ServerSettings& s,
                    std::span<const std::string> v) { return SetPaths(s.auth.token.keys, v); }},
    {.info = {"auth.token.issuer", "text", "portolan", "What its tokens call this token service"},
     .set = [](ServerSettings& s, std::string_view v) { return SetName(s.auth.token.issuer, v); }},
    {.info = {"auth.token.services", "list of texts", "portolan",
              "Registries for which tokens are issued, as they call themselves; this one first"},
     .set_list = SetServices},
    {.info = {"auth.token.realm", "URL", "",
              "Where clients get tokens; by default from this registry's /token"},
     .set = [](ServerSettings& s, std::string_view v) { return SetUrl(s.auth.token.realm, v); }},
    {.info = {"auth.token.lifetime", "duration", "5m", "How long a token counts"},
     .set = [](ServerSettings& s, std::string_view v) { return SetLifetime(s, v); }},
    {.info = {"auth.token.refresh_lifetime", "duration", "90d",
              "How long a login that kept a refresh token counts"},
     .set =
         [](ServerSettings& s, std::string_view v) {
           return SetDuration(s.auth.token.refresh_lifetime, v, seconds(60));
         }},
    {.info = {"auth.token.kid", "thumbprint or libtrust", "thumbprint",
              "How tokens name their key: by RFC 7638, or as CNCF distribution 2 and GitLab do"},
     .set = [](ServerSettings& s, std::string_view v) { return SetKid(s.auth.token.kid, v); }},
    {.info = {kIssuersKey, "list of issuers", "",
              "Others whose tokens this registry takes (see below)", true}},
    {.info = {"insecure_no_auth", "true or false", "false",
              "Whether everybody who reaches the registry may use it; needed to listen on more "
              "than this machine without users"},
     .set = [](ServerSettings& s, std::string_view v) { return SetBool(s.insecure_no_auth, v); }},
    {.info = {"storage.tag_history", "duration", "30d",
              "How long deleted and overwritten tags can be restored"},
     .set = [](ServerSettings& s,
               std::string_view v) { return SetDuration(s.storage.tag_history, v); }},
    {.info = {"storage.manifest_cache", "size", "64MiB", "Memory for manifests"},
     .set =
         [](ServerSettings& s, std::string_view v) {
           return SetSize(s.storage.manifest_cache, v, 0, 1024 * kGiB);
         }},
    {.info = {"storage.upload_expiry", "duration", "7d", "An upload that rests so long is removed"},
     .set =
         [](ServerSettings& s, std::string_view v) {
           return SetDuration(s.storage.upload_expiry, v, seconds(60));
         }},
    {.info = {"storage.inline_blob_size", "size", "16KiB",
              "Blobs up to this size are kept in the database, not in files"},
     .set = [](ServerSettings& s,
               std::string_view v) { return SetSize(s.storage.inline_blob_size, v, 0, kMiB); }},
    {.info = {"storage.sparse_indexes", "true or false", "false",
              "Whether an index may name manifests that the repository does not have"},
     .set = [](ServerSettings& s,
               std::string_view v) { return SetBool(s.storage.sparse_indexes, v); }},
    {.info = {"gc.interval", "duration", "10m",
              "How often what nothing refers to is removed; 0: never by itself"},
     .set = [](ServerSettings& s, std::string_view v) { return SetDuration(s.gc.interval, v); }},
    {.info = {"gc.lease", "duration", "1h",
              "How long a blob that a client was told of is kept for its manifest to come"},
     .set = [](ServerSettings& s,
               std::string_view v) { return SetDuration(s.gc.lease, v, seconds(60)); }},
    {.info = {"gc.untagged_after", "duration or never", "never",
              "Manifests without a tag that are older are removed"},
     .set = [](ServerSettings& s,
               std::string_view v) { return SetDurationOrNever(s.gc.untagged_after, v); }},
    {.info = {"limits.manifest_size", "size", "4MiB", "Largest manifest"},
     .set = [](ServerSettings& s,
               std::string_view v) { return SetSize(s.limits.manifest_size, v, 4 * kMiB, kGiB); }},
    {.info = {"limits.blob_size", "size", "0", "Largest blob; 0: any"},
     .set = [](ServerSettings& s,
               std::string_view v) { return SetSize(s.limits.blob_size, v, 0, kMiB * kGiB); }},
    {.info = {"limits.upload_memory", "size", "64MiB",
              "Memory for what is being pushed, beyond 128 KiB for each request; when it is used "
              "up, pushes go on with less, and manifests of more than 64 KiB are put off"},
     .set =
         [](ServerSettings& s, std::string_view v) {
           return SetSize(s.limits.upload_memory, v, 4 * kMiB, 1024 * kGiB);
         }},
    {.info = {"limits.upload_sessions", "number", "10000",
              "Uploads that may have been begun and not ended"},
     .set = [](ServerSettings& s,
               std::string_view v) { return SetCount(s.limits.upload_sessions, v, 1, kMany); }},
    {.info = {"limits.uploads", "number", "1000", "Requests that may push at once"},
     .set = [](ServerSettings& s,
               std::string_view v) { return SetCount(s.limits.uploads, v, 1, kMany); }},
    {.info = {"limits.head_size", "size", "32KiB", "Largest request line with its fields"},
     .set = [](ServerSettings& s,
               std::string_view v) { return SetSize(s.limits.http.head_size, v, 4 * kKiB, kMiB); }},
    {.info = {"limits.target_size", "size", "8KiB", "Longest request target"},
     .set = [](ServerSettings& s,
               std::string_view v) { return SetSize(s.limits.http.target_size, v, kKiB, kMiB); }},
    {.info = {"limits.fields", "number", "100", "Header fields of a request"},
     .set = [](ServerSettings& s,
               std::string_view v) { return SetCount(s.limits.http.fields, v, 16, kMany); }},
    {.info = {"limits.head_timeout", "duration", "15s",
              "From the first byte of a request's head to its end"},
     .set =
         [](ServerSettings& s, std::string_view v) {
           return SetDuration(s.limits.http.head_timeout, v, seconds(1));
         }},
    {.info = {"limits.idle_timeout", "duration", "75s",
              "Between requests, and for a client that does not read"},
     .set =
         [](ServerSettings& s, std::string_view v) {
           return SetDuration(s.limits.http.idle_timeout, v, seconds(1));
         }},
    {.info = {"limits.min_body_rate", "size", "4KiB",
              "Bytes a second that a request's body must have, and that a client must take of an "
              "answer (averaged over limits.idle_timeout); 0: any"},
     .set = [](ServerSettings& s,
               std::string_view v) { return SetSize(s.limits.http.min_body_rate, v, 0, kGiB); }},
    {.info = {"limits.rate_window", "duration", "20s", "How long a body may be slower than that"},
     .set =
         [](ServerSettings& s, std::string_view v) {
           return SetDuration(s.limits.http.rate_window, v, seconds(1));
         }},
    {.info = {"limits.connections_per_address", "number", "1024",
              "Connections of one client address"},
     .set =
         [](ServerSettings& s, std::string_view v) {
           return SetCount(s.limits.http.connections_per_address, v, 1, kMany);
         }},
    {.info = {"limits.connections", "number", "16384", "Connections in all"},
     .set = [](ServerSettings& s,
               std::string_view v) { return SetCount(s.limits.http.connections, v, 1, kMany); }},
    {.info = {"limits.discarded_body", "size", "256KiB",
              "Bytes of an unwanted body that are read before its connection is closed"},
     .set = [](ServerSettings& s,
               std::string_view v) { return SetSize(s.limits.http.discarded_body, v, 0, kGiB); }},
    {.info = {"limits.drain_timeout", "duration", "30s",
              "How long requests under way may go on when the server stops"},
     .set = [](ServerSettings& s,
               std::string_view v) { return SetDuration(s.limits.http.drain_timeout, v); }},
    {.info = {"log.access", "stdout, stderr, off or a path", "stdout",
              "Where a line for every request goes"},
     .set = [](ServerSettings& s, std::string_view v) { return SetAccessLog(s.log.access, v); }},
    {.info = {"log.audit", "stderr, off or a path", "off",
              "Where a line for every decision that changes something goes, the commands' too"},
     .set = [](ServerSettings& s, std::string_view v) { return SetAuditLog(s.log.audit, v); }},
    {.info = {"log.level", "warning or debug", "warning", "What else is told, on stderr"},
     .set = [](ServerSettings& s, std::string_view v) { return SetLevel(s.log.level, v); }},
    {.info = {"metrics.listen", "address", "", "Where to answer Prometheus; by default nowhere"},
     .set = [](ServerSettings& s, std::string_view v) { return SetAddress(s.metrics.listen, v); }},
    {.info = {"dialect", "registry and time, or path", "",
              "The registry to stand in for, like hub@2023-03 (docs/dialects.md names them all), "
              "or the "
              "path of a profile that portolan probe wrote; by default none"},
     .set = [](ServerSettings& s, std::string_view v) { return SetDialect(s.dialect, v); }},
    {.info = {kHostsKey, "list of hosts", "",
              "Registries with ways of their own before the same storage (see below)", true}},
    {.info =
         {"pull_limit", "number", "",
          "Manifests that a client may pull in a dialect's window (Docker Hub's: 6 h), 0 for any "
          "number; by default the dialect's own limit"},
     .set = [](ServerSettings& s,
               std::string_view v) { return SetCount(s.pull_limit.emplace(), v, 0, kMany); }},
    {.info =
         {"blob_listen", "address", "",
          "A second address, to which dialects send clients for blobs; by default they are given "
          "where everything is"},
     .set = [](ServerSettings& s, std::string_view v) { return SetAddress(s.blob_listen, v); }},
    {.info = {"blob_url", "URL", "", "How clients reach blob_listen; by default by that address"},
     .set = [](ServerSettings& s, std::string_view v) { return SetUrl(s.blob_url, v); }},
    {.info = {"faults", "list of faults", "",
              "What is to go wrong on purpose, to test clients (docs/dialects.md)"},
     .set_list = SetFaults},
    {.info = {"seed_tags", "path", "",
              "File with lines `repository tag`: what is missing of these tags is made at the "
              "start, with a small image"},
     .set = [](ServerSettings& s, std::string_view v) { return SetPath(s.seed_tags, v); }},
    {.info = {"read_only", "true or false", "false", "Whether every change is refused"},
     .set = [](ServerSettings& s, std::string_view v) { return SetBool(s.read_only, v); }},
    {.info =
         {"tcp_congestion", "text", "",
          "TCP congestion control of connections, like cubic or bbr; by default the system's, and "
          "reno on loopback addresses"},
     .set = [](ServerSettings& s, std::string_view v) { return SetLine(s.tcp_congestion, v); }},
    {.info = {"external_url", "URL", "",
              "Address by which clients reach the registry, if a proxy stands before it; by "
              "default what they say themselves"},
     .set = [](ServerSettings& s, std::string_view v) { return SetUrl(s.external_url, v); }},
};

}  // namespace

std::span<const Setting> Schema() { return kSchema; }

const Setting* FindSetting(std::string_view key) {
  const auto* const it = std::ranges::find_if(
      kSchema, [&](const Setting& setting) { return setting.info.key == key; });
  return it == std::end(kSchema) ? nullptr : it;
}

std::span<const SettingInfo> SettingsTable() {
  static const std::vector<SettingInfo> kTable = [] {
    std::vector<SettingInfo> table;
    for (const Setting& setting : kSchema) table.push_back(setting.info);
    return table;
  }();
  return kTable;
}

std::string SettingInfo::Environment() const {
  std::string name = "PORTOLAN_";
  for (const char c : key) {
    name += c == '.' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  }
  return name;
}

}  // namespace portolan::settings
