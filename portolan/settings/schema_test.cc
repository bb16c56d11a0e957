#include "portolan/settings/schema.h"

#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <tuple>

#include <gtest/gtest.h>

namespace portolan::settings {
namespace {

auto Parts(const http::ServerLimits& limits) {
  return std::tie(limits.head_size, limits.target_size, limits.fields, limits.head_timeout,
                  limits.idle_timeout, limits.min_body_rate, limits.rate_window,
                  limits.connections_per_address, limits.connections, limits.discarded_body,
                  limits.drain_timeout);
}

// All that has a default which can be written.
auto Parts(const ServerSettings& settings) {
  return std::tuple_cat(
      std::tie(
          settings.listen, settings.auth.realm, settings.auth.token.issuer,
          settings.auth.token.services, settings.auth.token.lifetime,
          settings.auth.token.refresh_lifetime, settings.auth.token.kid, settings.insecure_no_auth,
          settings.storage.tag_history, settings.storage.manifest_cache,
          settings.storage.upload_expiry, settings.storage.inline_blob_size,
          settings.storage.sparse_indexes, settings.gc.interval, settings.gc.lease,
          settings.gc.untagged_after, settings.limits.manifest_size, settings.limits.blob_size,
          settings.limits.upload_memory, settings.limits.upload_sessions, settings.limits.uploads,
          settings.log.access, settings.log.audit, settings.log.level, settings.read_only),
      Parts(settings.limits.http));
}

TEST(SchemaTest, TheDefaultsOfTheTableAreThoseOfTheStructure) {
  std::size_t with_default = 0;
  for (const Setting& setting : Schema()) {
    if (setting.info.default_value.empty()) continue;
    SCOPED_TRACE(setting.info.key);
    ++with_default;
    ServerSettings settings;
    const std::string value(setting.info.default_value);
    EXPECT_EQ(setting.set_list != nullptr ? setting.set_list(settings, {&value, 1})
                                          : setting.set(settings, value),
              "");
    EXPECT_EQ(Parts(settings), Parts(ServerSettings()));
  }
  EXPECT_EQ(with_default, std::tuple_size_v<decltype(Parts(ServerSettings()))>);
}

TEST(SchemaTest, EveryRowHasAFunctionAndADescription) {
  std::set<std::string> variables;
  for (const Setting& setting : Schema()) {
    SCOPED_TRACE(setting.info.key);
    const bool rules = setting.info.key == kRulesKey || setting.info.key == kIssuersKey ||
                       setting.info.key == kHostsKey;
    EXPECT_EQ((setting.set != nullptr) + (setting.set_list != nullptr), rules ? 0 : 1);
    EXPECT_EQ(setting.info.file_only, rules);
    EXPECT_FALSE(setting.info.description.empty());
    EXPECT_FALSE(setting.info.description.ends_with('.'));
    EXPECT_FALSE(setting.info.type.empty());
    EXPECT_TRUE(variables.insert(setting.info.Environment()).second);
    EXPECT_EQ(FindSetting(setting.info.key), &setting);
  }
  EXPECT_TRUE(variables.contains("PORTOLAN_STORAGE_TAG_HISTORY"));
  EXPECT_EQ(SettingsTable().size(), Schema().size());
  EXPECT_EQ(FindSetting("storage"), nullptr);
}

TEST(SchemaTest, ListsGoToTheirOwnPlaces) {
  ServerSettings settings;
  const std::vector<std::string> values = {"a", "b"};
  EXPECT_EQ(FindSetting("auth.token.keys")->set_list(settings, values), "");
  EXPECT_EQ(settings.auth.token.keys, values);
  EXPECT_EQ(settings.auth.token.services, ServerSettings().auth.token.services);
  EXPECT_EQ(FindSetting("auth.token.services")->set_list(settings, values), "");
  EXPECT_EQ(settings.auth.token.services, values);
  const std::vector<std::string> proxies = {"192.0.2.1"};
  EXPECT_EQ(FindSetting("trusted_proxies")->set_list(settings, proxies), "");
  EXPECT_TRUE(settings.trusted_proxies.Trusts("192.0.2.1"));
  const std::vector<std::string> quoted = {"a\""};
  EXPECT_NE(FindSetting("auth.token.services")->set_list(settings, quoted), "");
  EXPECT_NE(FindSetting("auth.token.lifetime")->set(settings, "59s"), "");
  EXPECT_NE(FindSetting("auth.token.lifetime")->set(settings, "2d"), "");
}

TEST(SchemaTest, EverySettingGoesToItsOwnPlace) {
  // A row that sets another's member would leave this one as it was.
  struct Row {
    const char* key;
    const char* value;
    bool (*holds)(const ServerSettings&);
  };
  using S = ServerSettings;
  using std::chrono::seconds;
  const Row rows[] = {
      {"root", "/r", [](const S& s) { return s.root == "/r"; }},
      {"tls.certificate", "/c", [](const S& s) { return s.tls->certificate == "/c"; }},
      {"tls.key", "/k", [](const S& s) { return s.tls->key == "/k"; }},
      {"auth.htpasswd", "/h", [](const S& s) { return s.auth.htpasswd == "/h"; }},
      {"auth.accounts", "true", [](const S& s) { return s.auth.accounts; }},
      {"log.audit", "stderr", [](const S& s) { return s.log.audit == "stderr"; }},
      {"auth.realm", "R", [](const S& s) { return s.auth.realm == "R"; }},
      {"auth.token.issuer", "i", [](const S& s) { return s.auth.token.issuer == "i"; }},
      {"auth.token.realm", "http://x", [](const S& s) { return s.auth.token.realm.has_value(); }},
      {"auth.token.lifetime", "61s",
       [](const S& s) { return s.auth.token.lifetime == seconds(61); }},
      {"auth.token.refresh_lifetime", "61s",
       [](const S& s) { return s.auth.token.refresh_lifetime == seconds(61); }},
      {"auth.token.kid", "libtrust",
       [](const S& s) { return s.auth.token.kid == auth::KidStyle::kLibtrust; }},
      {"insecure_no_auth", "true", [](const S& s) { return s.insecure_no_auth; }},
      {"storage.tag_history", "1s", [](const S& s) { return s.storage.tag_history == seconds(1); }},
      {"storage.manifest_cache", "1", [](const S& s) { return s.storage.manifest_cache == 1; }},
      {"storage.upload_expiry", "61s",
       [](const S& s) { return s.storage.upload_expiry == seconds(61); }},
      {"storage.inline_blob_size", "1", [](const S& s) { return s.storage.inline_blob_size == 1; }},
      {"storage.sparse_indexes", "true", [](const S& s) { return s.storage.sparse_indexes; }},
      {"gc.interval", "0", [](const S& s) { return s.gc.interval == seconds(0); }},
      {"gc.lease", "61s", [](const S& s) { return s.gc.lease == seconds(61); }},
      {"gc.untagged_after", "1s", [](const S& s) { return s.gc.untagged_after == seconds(1); }},
      {"limits.manifest_size", "5MiB",
       [](const S& s) { return s.limits.manifest_size == 5U << 20U; }},
      {"limits.blob_size", "7", [](const S& s) { return s.limits.blob_size == 7; }},
      {"limits.upload_memory", "5MiB",
       [](const S& s) { return s.limits.upload_memory == 5U << 20U; }},
      {"limits.upload_sessions", "7", [](const S& s) { return s.limits.upload_sessions == 7; }},
      {"limits.uploads", "7", [](const S& s) { return s.limits.uploads == 7; }},
      {"limits.head_size", "5000", [](const S& s) { return s.limits.http.head_size == 5000; }},
      {"limits.target_size", "5000", [](const S& s) { return s.limits.http.target_size == 5000; }},
      {"limits.fields", "17", [](const S& s) { return s.limits.http.fields == 17; }},
      {"limits.head_timeout", "2s",
       [](const S& s) { return s.limits.http.head_timeout == seconds(2); }},
      {"limits.idle_timeout", "2s",
       [](const S& s) { return s.limits.http.idle_timeout == seconds(2); }},
      {"limits.min_body_rate", "2", [](const S& s) { return s.limits.http.min_body_rate == 2; }},
      {"limits.rate_window", "2s",
       [](const S& s) { return s.limits.http.rate_window == seconds(2); }},
      {"limits.connections_per_address", "2",
       [](const S& s) { return s.limits.http.connections_per_address == 2; }},
      {"limits.connections", "2", [](const S& s) { return s.limits.http.connections == 2; }},
      {"limits.discarded_body", "2", [](const S& s) { return s.limits.http.discarded_body == 2; }},
      {"limits.drain_timeout", "2s",
       [](const S& s) { return s.limits.http.drain_timeout == seconds(2); }},
      {"log.access", "/a", [](const S& s) { return s.log.access == "/a"; }},
      {"log.level", "debug", [](const S& s) { return s.log.level == LogLevel::kDebug; }},
      {"metrics.listen", ":1", [](const S& s) { return s.metrics.listen == ":1"; }},
      {"dialect", "quay@2024-06", [](const S& s) { return s.dialect == "quay@2024-06"; }},
      {"pull_limit", "7", [](const S& s) { return s.pull_limit == 7; }},
      {"blob_listen", ":1", [](const S& s) { return s.blob_listen == ":1"; }},
      {"blob_url", "http://x", [](const S& s) { return s.blob_url.has_value(); }},
      {"seed_tags", "/t", [](const S& s) { return s.seed_tags == "/t"; }},
      {"read_only", "true", [](const S& s) { return s.read_only; }},
      {"tcp_congestion", "bbr", [](const S& s) { return s.tcp_congestion == "bbr"; }},
      {"external_url", "http://x", [](const S& s) { return s.external_url.has_value(); }},
  };
  std::set<std::string_view> tried = {"listen",  kRulesKey,         kIssuersKey,
                                      kHostsKey, "auth.token.keys", "auth.token.services",
                                      "faults",  "trusted_proxies"};  // lists, tried elsewhere
  for (const Row& row : rows) {
    SCOPED_TRACE(row.key);
    ServerSettings settings;
    EXPECT_EQ(FindSetting(row.key)->set(settings, row.value), "");
    EXPECT_TRUE(row.holds(settings));
    EXPECT_TRUE(tried.insert(row.key).second);
  }
  EXPECT_EQ(tried.size(), Schema().size());
}

TEST(SettingsManualTest, IsTheFileInDocs) {
  std::ifstream file(PORTOLAN_SOURCE_DIR "/docs/configuration.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(text, SettingsManual()) << "write what SettingsManual() gives to docs/configuration.md";
}

}  // namespace
}  // namespace portolan::settings
