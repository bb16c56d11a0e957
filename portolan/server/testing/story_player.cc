#include "portolan/server/testing/story_player.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "portolan/auth/basic_authenticator.h"
#include "portolan/base/text.h"
#include "portolan/dialect/served.h"
#include "portolan/server/seed_tags.h"

namespace portolan::server {
namespace {

using http::Transcript;

// What the settings of a story are.
struct Settings {
  RegistryOptions registry;
  store::StorageOptions storage;
};

bool Set(Settings& settings, const std::string& name, const std::string& value) {
  if (name == "inline-blob-size") {
    settings.storage.inline_blob_size = std::stoul(value);
  } else if (name == "manifest-size") {
    settings.registry.manifest_size = std::stoul(value);
  } else if (name == "blob-size") {
    settings.registry.blob_size = std::stoul(value);
  } else if (name == "uploads") {
    settings.registry.uploads = std::stoi(value);
  } else if (name == "upload-sessions") {
    settings.registry.upload_sessions = std::stoul(value);
  } else if (name == "upload-memory") {
    settings.registry.upload_memory = std::stoul(value);
  } else if (name == "tags-per-push") {
    settings.registry.tags_per_push = std::stoi(value);
  } else if (name == "page-size") {
    settings.registry.page_size = std::stoul(value);
  } else if (name == "sparse-indexes") {
    settings.registry.sparse_indexes = value == "true";
  } else if (name == "read-only") {
    settings.registry.read_only = value == "true";
  } else if (name == "pull-limit") {
    settings.registry.pull_limit = std::stoi(value);
  } else if (name == "blob-origin") {
    settings.registry.blob_origin = value;
  } else if (name == "external-url") {
    settings.registry.external_url = value;
  } else {
    return name == "user" || name == "account" || name == "rule" || name == "token-key" ||
           name == "token-services" || name == "dialect" || name == "token-realm" ||
           name == "seed" || name == "now";
  }
  return true;
}

std::vector<std::string> Words(std::string_view text, char separator) {
  std::vector<std::string> words;
  for (;;) {
    const std::size_t end = text.find(separator);
    words.emplace_back(TrimSpace(text.substr(0, end)));
    if (end == std::string_view::npos) return words;
    text.remove_prefix(end + 1);
  }
}

// `USERS; REPOSITORIES; RIGHTS`, each divided by commas.
auth::Rule ParseRule(std::string_view text) {
  const std::vector<std::string> parts = Words(text, ';');
  auth::Rule rule;
  if (parts.size() != 3) {
    ADD_FAILURE() << "expected rule: USERS; REPOSITORIES; RIGHTS, not " << text;
    return rule;
  }
  rule.users = Words(parts[0], ',');
  rule.repositories = Words(parts[1], ',');
  for (const std::string& word : Words(parts[2], ',')) {
    if (const auto action = auth::ActionOf(word)) {
      rule.allow.Add(*action);
    } else {
      ADD_FAILURE() << word << " is no right";
    }
  }
  return rule;
}

// `REPOSITORY TAG…`; a tag that ends with `*100` stands for a hundred, with numbers behind it.
std::string SeedLines(const std::vector<std::string>& words) {
  std::string lines;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::size_t star = words[i].find('*');
    const int count = star == std::string::npos ? 1 : std::stoi(words[i].substr(star + 1));
    for (int number = 0; number < count; ++number) {
      lines += fmt::format("{} {}", words[0], words[i].substr(0, star));
      if (star != std::string::npos) lines += fmt::format("{:03}", number);
      lines += '\n';
    }
  }
  return lines;
}

std::vector<std::string> ValuesOf(const Transcript::Fields& fields, std::string_view name) {
  std::vector<std::string> values;
  const auto [begin, end] = fields.equal_range(name);
  for (auto it = begin; it != end; ++it) values.push_back(it->second);
  return values;
}

bool TakesContent(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

// What stands between the first `before` and the `after` that follows; empty if they do not.
std::string Between(std::string_view text, std::string_view before, std::string_view after) {
  const std::size_t begin = text.find(before);
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin + before.size());
  const std::size_t end = text.find(after);
  return end == std::string_view::npos ? std::string() : std::string(text.substr(0, end));
}

void ReplaceAll(std::string& text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

}  // namespace

StoryPlayer::StoryPlayer(const Transcript::Fields& fields) {
  Settings settings;
  for (const auto& [name, value] : fields) {
    EXPECT_TRUE(Set(settings, name, value)) << name << " is no setting of a story";
  }
  registry_ = std::make_unique<TestRegistry>(settings.registry, settings.storage);
  SetAuth(fields);
  SetDialect(fields);
  http::ServerOptions options;
  options.listen = {"127.0.0.1:0"};
  options.loops = 1;
  auto server =
      http::StartServer(std::move(options), registry_->service(), registry_->clock, registry_->log);
  EXPECT_TRUE(server) << (server ? "" : server.error().message);
  if (server) server_ = *std::move(server);
}

StoryPlayer::~StoryPlayer() {
  if (server_) server_->StopNow();
  if (tokens_) tokens_->EndWork();
  registry_->pool().Join();
}

void StoryPlayer::SetAuth(const Transcript::Fields& fields) {
  std::string htpasswd;
  for (const std::string& user : ValuesOf(fields, "user")) htpasswd += user + "\n";
  for (const std::string& account : ValuesOf(fields, "account")) {
    const std::string name = account.substr(0, account.find(':'));
    const auto epoch = static_cast<std::int64_t>(accounts_.accounts.size()) + 1;
    accounts_.accounts[name] = {
        .name = name, .password_hash = account.substr(account.find(':') + 1), .epoch = epoch};
  }
  const bool has_accounts = !accounts_.accounts.empty();
  if (htpasswd.empty() && !has_accounts) return;
  files_.files["/users"] = {.content = htpasswd};
  auto authenticator = auth::NewBasicAuthenticator(
      {.accounts = has_accounts ? &accounts_ : nullptr,
       .htpasswd = htpasswd.empty() ? std::nullopt : std::optional<std::string>("/users")},
      "Portolan",
      {.files = files_, .clock = registry_->clock, .random = random_, .log = registry_->log});
  ASSERT_TRUE(authenticator) << authenticator.error().message;
  std::vector<auth::Rule> made;
  for (const std::string& rule : ValuesOf(fields, "rule")) made.push_back(ParseRule(rule));
  auto access = auth::AccessRules::Make(std::move(made));
  ASSERT_TRUE(access) << access.error().message;
  const std::string key = Transcript::Get(fields, "token-key");
  if (key.empty()) {
    registry_->SetAuth(*std::move(authenticator), *std::move(access));
    return;
  }
  tokens_ = std::make_unique<StoryTokens>(
      StoryTokens::Making{.key = key,
                          .services = Words(Transcript::Get(fields, "token-services"), ','),
                          .others = *std::move(authenticator),
                          .accounts = has_accounts ? &accounts_ : nullptr,
                          .rules = *access},
      registry_->clock, registry_->log);
  registry_->SetAuth(tokens_->NewAuthenticator(), *std::move(access), &tokens_->service());
}

void StoryPlayer::SetDialect(const Transcript::Fields& fields) {
  const auto value_of = [&](const char* name) {
    const auto it = fields.find(name);
    return it == fields.end() ? std::string() : it->second;
  };
  if (const std::string now = value_of("now"); !now.empty()) {
    registry_->clock.SetWall(Clock::WallTime(std::chrono::nanoseconds(std::stoll(now))));
  }
  std::string seeds;
  const auto [begin, end] = fields.equal_range("seed");
  for (auto it = begin; it != end; ++it) seeds += SeedLines(Words(it->second, ' '));
  const Status seeded = SeedTags(registry_->storage(), seeds, registry_->clock);
  ASSERT_TRUE(seeded) << seeded.error().message;
  const std::string dialect = value_of("dialect");
  if (dialect.empty()) return;
  const dialect::Served* const served = dialect::FindServed(dialect);
  ASSERT_NE(served, nullptr) << dialect << " is no dialect";
  registry_->SetDialect(*served, value_of("token-realm"));
}

std::string StoryPlayer::Request(const Transcript::Exchange& exchange) const {
  std::string out = fmt::format("{} {} HTTP/1.1\r\n", exchange.method, exchange.url);
  const http::Headers& headers = exchange.request_headers;
  if (!headers.Has("Host")) out += "Host: registry.test\r\n";
  for (const auto& field : headers.fields()) {
    out += fmt::format("{}: {}\r\n", field.name, field.value);
  }
  const std::string body = WithValues(exchange.request_body);
  if (headers.Has("Transfer-Encoding")) {
    return WithValues(out + "\r\n") + fmt::format("{:x}\r\n{}\r\n0\r\n\r\n", body.size(), body);
  }
  if (!headers.Has("Content-Length") && (!body.empty() || TakesContent(exchange.method))) {
    out += fmt::format("Content-Length: {}\r\n", body.size());
  }
  return WithValues(out + "\r\n") + body;
}

std::string StoryPlayer::Play(const Transcript::Exchange& exchange) {
  const std::string address = server_->addresses().front();
  const auto port = static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  http::RawClient& client = held_.emplace_back(port);
  const std::optional<http::RawClient::Answer> answer = client.Ask(Request(exchange));
  if (!answer || answer->status != 100) held_.pop_back();
  if (!answer) return "";
  EXPECT_TRUE(answer->complete);
  std::string text = answer->head;
  ReplaceAll(text, "\r\n", "\n");
  Remember("${token}", Between(answer->body, "{\"token\":\"", "\""));
  Remember("${refresh-token}", Between(answer->body, "\"refresh_token\":\"", "\""));
  Remember("${next}", Between(text, "<", ">; rel=\"next\""));
  return WithNames(text + answer->body);
}

void StoryPlayer::Remember(const std::string& name, std::string value) {
  if (!value.empty()) latest_[name] = std::move(value);
}

std::string StoryPlayer::WithValues(std::string_view text) const {
  std::string out(text);
  for (const auto& [name, value] : latest_) ReplaceAll(out, name, value);
  for (const auto& [value, name] : names_) ReplaceAll(out, name, value);
  EXPECT_FALSE(out.contains("${")) << "a name that no answer gave yet: " << text;
  return out;
}

std::string StoryPlayer::WithNames(std::string text) {
  constexpr std::string_view kField = "Docker-Upload-UUID: ";
  std::size_t at = text.find(kField);
  if (at == std::string::npos) at = text.find(AsciiLower(kField));
  if (at != std::string::npos) {
    const std::size_t begin = at + kField.size();
    const std::string id = text.substr(begin, text.find('\n', begin) - begin);
    const std::size_t count = names_.size() + 1;
    names_.try_emplace(id, count == 1 ? "${upload}" : fmt::format("${{upload-{}}}", count));
  }
  for (const auto& [value, name] : names_) ReplaceAll(text, value, name);
  // A JSON Web Token is a thousand letters that nobody reads, unless the story is about them.
  if (tokens_) return text;
  if (const auto token = latest_.find("${token}");
      token != latest_.end() && token->second.contains('.')) {
    ReplaceAll(text, token->second, token->first);
  }
  return text;
}

}  // namespace portolan::server
