#include "portolan/server/reply.h"

#include <utility>

#include "portolan/http/body.h"
#include "portolan/wire/reply.h"

namespace portolan::server {

http::Response Reply(int status) {
  http::Response response;
  response.status = status;
  response.headers = {{"Docker-Distribution-Api-Version", "registry/2.0"},
                      {"X-Content-Type-Options", "nosniff"},
                      // Content is anybody's: a browser must not take it for a page of this host.
                      {"Content-Security-Policy", "sandbox; default-src 'none'"}};
  return response;
}

http::Response JsonReply(int status, std::string body, std::string_view content_type) {
  http::Response response = Reply(status);
  response.headers.Add("Content-Type", content_type);
  response.body = http::NewTextBody(std::move(body));
  return response;
}

std::string DetailOf(const wire::Endpoint& endpoint) {
  std::string out;
  const auto add = [&](std::string_view name, std::string_view value) {
    out += out.empty() ? "{\"" : ",\"";
    out += name;
    out += "\":";
    wire::AppendJsonString(out, value);
  };
  if (endpoint.repository) add("repository", endpoint.repository->text());
  if (endpoint.tag) add("tag", endpoint.tag->text());
  if (endpoint.digest) add("digest", endpoint.digest->text());
  if (!endpoint.upload_id.empty()) add("upload", endpoint.upload_id);
  return out.empty() ? out : out + '}';
}

http::Response ErrorReply(const Error& error, int status, std::string_view detail) {
  if (status == 0) status = InfoOf(error.code).http_status;
  if (status == 0) status = 500;
  http::Response response = JsonReply(status, wire::ErrorEnvelope(error, detail));
  if (status == 429 || status == 503) response.headers.Add("Retry-After", "1");
  return response;
}

std::string PublicPath(const Backend& backend, std::string path) {
  return backend.options.external_url.empty() ? path : backend.options.external_url + path;
}

void SetLocation(http::Response& response, const Backend& backend, std::string path) {
  response.headers.Add("Location", PublicPath(backend, std::move(path)));
}

void SetDigest(http::Response& response, const oci::Digest& digest) {
  response.headers.Add("Docker-Content-Digest", digest.text());
  std::string tag;
  tag.reserve(digest.text().size() + 2);
  tag += '"';
  tag += digest.text();
  tag += '"';
  response.headers.Add("ETag", tag);
}

void SetNextPage(http::Response& response, const Backend& backend, std::string path) {
  response.headers.Add("Link", "<" + PublicPath(backend, std::move(path)) + ">; rel=\"next\"");
}

std::string_view ImmutableCacheControl(const Backend& backend) {
  return backend.parts.authenticator.Challenge().empty() ? "public, max-age=31536000, immutable"
                                                         : "private, max-age=31536000, immutable";
}

}  // namespace portolan::server
