#include "portolan/server/testing/test_registry.h"

#include <fstream>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "portolan/http/body.h"
#include "portolan/oci/manifest.h"

namespace portolan::server {
namespace {

constexpr std::string_view kConfigType = "application/vnd.oci.image.config.v1+json";
constexpr std::string_view kLayerType = "application/vnd.oci.image.layer.v1.tar";

// Gives a text in two pieces, as networks do, and breaks off where it is told to.
class TestBody final : public http::BodyReader {
 public:
  TestBody(std::string text, std::optional<std::size_t> break_after)
      : text_(std::move(text)), break_after_(break_after) {
    if (break_after_) text_.resize(*break_after_);
  }
  async::Task<Result<std::string_view>> Next() override {
    if (given_ == text_.size()) {
      if (break_after_) co_return Fail(ErrorCode::kConnectFailed, "the client has gone");
      co_return std::string_view();
    }
    const std::size_t size = given_ == 0 ? (text_.size() + 1) / 2 : text_.size() - given_;
    given_ += size;
    co_return std::string_view(text_).substr(given_ - size, size);
  }

 private:
  std::string text_;
  std::optional<std::size_t> break_after_;
  std::size_t given_ = 0;
};

}  // namespace

std::vector<std::string> Answered::Headers(std::string_view name) const {
  std::vector<std::string> out;
  for (const std::string_view value : headers.GetAll(name)) out.emplace_back(value);
  return out;
}

Answered Ask(async::Loop& loop, http::Service& service, const Asked& asked) {
  http::Request request;
  request.method = asked.method;
  request.url = Url::Parse("http://registry.test" + asked.target).value();
  request.headers = asked.headers;
  request.peer_address = "192.0.2.1";
  if (asked.body) {
    if (!asked.chunked) request.content_length = asked.body->size();
    request.body = [text = *asked.body, at = asked.break_after] {
      return std::make_unique<TestBody>(text, at);
    };
  }
  const auto exchange = [](http::Service& to, http::Request sent) -> async::Task<Answered> {
    http::Response response = co_await to.Handle(std::move(sent));
    Answered answered{.status = response.status, .headers = response.headers, .body = {}};
    for (;;) {
      const Result<std::string_view> piece = co_await response.body->Next();
      if (!piece) answered.broken = true;
      if (!piece || piece->empty()) break;
      answered.body += *piece;
    }
    co_return answered;
  };
  return loop.Run(exchange(service, std::move(request)));
}

TestRegistry::TestRegistry(RegistryOptions options, store::StorageOptions storage)
    : options_(std::move(options)), storage_options_(storage) {
  Open();
}

TestRegistry::~TestRegistry() {
  service_.reset();
  dialect_tokens_.reset();
  storage_.reset();
}

void TestRegistry::Open() {
  if (!storage_) {
    auto storage =
        store::Storage::Open(folder_.Under("root"), storage_options_, clock, random_, log);
    if (!storage) {
      ADD_FAILURE() << storage.error().message;
      std::abort();
    }
    storage_ = *std::move(storage);
  }
  service_ = NewRegistry(
      {.storage = *storage_,
       .authenticator = dialect_tokens_ ? dialect_tokens_->authenticator() : *authenticator_,
       .rules = rules_,
       .login_pool = pool_,
       .pool = pool_,
       .clock = clock,
       .log = log,
       .token_service = dialect_tokens_ ? &dialect_tokens_->service() : token_service_,
       .served = served_,
       .random = &dialect_random_,
       .path = path_,
       .seals = options_.blob_origin.empty() ? nullptr : &seals_},
      options_);
}

void TestRegistry::SetDialect(const dialect::Served& served, std::string realm, std::string path) {
  std::ifstream file(PORTOLAN_SOURCE_DIR "/tests/transcripts/dialects/signing-key.pem");
  auto key =
      auth::SigningKey::FromPem(Secret(std::string(std::istreambuf_iterator<char>(file), {})));
  ASSERT_TRUE(key) << key.error().message;
  service_.reset();
  served_ = &served;
  path_ = std::move(path);
  if (!served.basic_challenge.empty()) return Open();
  auto tokens = DialectTokens::Make({.served = served,
                                     .others = *authenticator_,
                                     .accounts = nullptr,
                                     .rules = rules_,
                                     .login_limiter = nullptr,
                                     .login_pool = pool_,
                                     .pool = pool_,
                                     .metadata = storage_->metadata(),
                                     .clock = clock,
                                     .random = dialect_random_,
                                     .log = log,
                                     .external_url = options_.external_url,
                                     .realm = std::move(realm),
                                     .path = path_},
                                    *std::move(key));
  ASSERT_TRUE(tokens) << tokens.error().message;
  dialect_tokens_ = *std::move(tokens);
  Open();
}

void TestRegistry::SetAuth(std::unique_ptr<auth::Authenticator> authenticator,
                           auth::AccessRules rules, http::Service* token_service) {
  service_.reset();
  token_service_ = token_service;
  authenticator_ = std::move(authenticator);
  rules_.Set(std::move(rules));
  Open();
}

void TestRegistry::SetOptions(RegistryOptions options) {
  service_.reset();
  options_ = std::move(options);
  Open();
}

void TestRegistry::Restart() {
  service_.reset();
  storage_.reset();
  Open();
}

Answered TestRegistry::Send(Asked asked) { return Ask(loop_, *service_, asked); }

Answered TestRegistry::Get(std::string target, http::Headers headers) {
  return Send({.target = std::move(target), .headers = std::move(headers), .body = {}});
}
Answered TestRegistry::Head(std::string target, http::Headers headers) {
  return Send(
      {.method = "HEAD", .target = std::move(target), .headers = std::move(headers), .body = {}});
}
Answered TestRegistry::Post(std::string target, std::string body, http::Headers headers) {
  return Send({.method = "POST",
               .target = std::move(target),
               .headers = std::move(headers),
               .body = std::move(body)});
}
Answered TestRegistry::Put(std::string target, std::string body, http::Headers headers) {
  return Send({.method = "PUT",
               .target = std::move(target),
               .headers = std::move(headers),
               .body = std::move(body)});
}
Answered TestRegistry::Patch(std::string target, std::string body, http::Headers headers) {
  return Send({.method = "PATCH",
               .target = std::move(target),
               .headers = std::move(headers),
               .body = std::move(body)});
}
Answered TestRegistry::Delete(std::string target, http::Headers headers) {
  return Send(
      {.method = "DELETE", .target = std::move(target), .headers = std::move(headers), .body = {}});
}

std::string TestRegistry::PushBlob(const std::string& repository, const std::string& content) {
  const std::string digest = Sha256Of(content);
  const Answered answered = Post("/v2/" + repository + "/blobs/uploads/?digest=" + digest, content);
  EXPECT_EQ(answered.status, 201) << answered.body;
  return digest;
}

std::string TestRegistry::PushManifest(const std::string& repository, const std::string& reference,
                                       const std::string& content, const std::string& media_type) {
  const std::string digest = Sha256Of(content);
  const Answered answered =
      Put("/v2/" + repository + "/manifests/" + (reference.empty() ? digest : reference), content,
          {{"Content-Type", media_type}});
  EXPECT_EQ(answered.status, 201) << answered.body;
  return digest;
}

std::string TestRegistry::PushImage(const std::string& repository, const std::string& tag,
                                    const std::string& text) {
  PushBlob(repository, "{}");
  PushBlob(repository, text);
  return PushManifest(repository, tag, ImageManifest("{}", {text}),
                      std::string(oci::kImageManifestType));
}

std::string Sha256Of(std::string_view content) {
  return oci::DigestOf(oci::HashAlgorithm::kSha256, content).text();
}
std::string Sha512Of(std::string_view content) {
  return oci::DigestOf(oci::HashAlgorithm::kSha512, content).text();
}

std::string DescriptorOf(const std::string& media_type, const std::string& content,
                         const std::string& more) {
  return fmt::format(R"({{"mediaType":"{}","digest":"{}","size":{}{}}})", media_type,
                     Sha256Of(content), content.size(), more);
}

std::string ImageManifest(const std::string& config, const std::vector<std::string>& layers,
                          const std::string& more) {
  std::string list;
  for (const std::string& layer : layers) {
    if (!list.empty()) list += ',';
    list += DescriptorOf(std::string(kLayerType), layer);
  }
  return fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","config":{},"layers":[{}]{}}})",
                     oci::kImageManifestType, DescriptorOf(std::string(kConfigType), config), list,
                     more);
}

}  // namespace portolan::server
