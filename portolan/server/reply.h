// Answers, made in one place.
#pragma once

#include <string>
#include <string_view>

#include "portolan/base/error.h"
#include "portolan/http/message.h"
#include "portolan/oci/digest.h"
#include "portolan/server/call.h"

namespace portolan::server {

/// An answer with the fields that every answer of the registry has.
http::Response Reply(int status);
/// With a JSON body of this Content-Type.
http::Response JsonReply(int status, std::string body,
                         std::string_view content_type = "application/json");
/// The specification's error body; the status is the code's (500 where the code has none), unless
/// one is given.
/// `detail`: a JSON object that says what was asked for (DetailOf), or nothing.
http::Response ErrorReply(const Error& error, int status = 0, std::string_view detail = {});
/// `{"repository":"a/b","tag":"latest"}`: what an endpoint names; empty if it names nothing.
std::string DetailOf(const wire::Endpoint& endpoint);

/// A path of this registry as Location and Link show it: with the external URL before it, if there
/// is one.
std::string PublicPath(const Backend& backend, std::string path);
/// Adds `Location: <path>`.
void SetLocation(http::Response& response, const Backend& backend, std::string path);
/// Adds `Docker-Content-Digest` and `ETag`.
void SetDigest(http::Response& response, const oci::Digest& digest);
/// Adds `Link: <path>; rel="next"`.
void SetNextPage(http::Response& response, const Backend& backend, std::string path);

/// `Cache-Control` of content that never changes: by everybody, or where passwords are asked for by
/// the client alone.
std::string_view ImmutableCacheControl(const Backend& backend);

}  // namespace portolan::server
