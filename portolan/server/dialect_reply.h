// Answers of a registry that stands in for another: its words, its fields.
#pragma once

#include <span>
#include <string_view>

#include "portolan/auth/authenticator.h"
#include "portolan/base/error.h"
#include "portolan/base/random.h"
#include "portolan/dialect/served.h"
#include "portolan/http/message.h"
#include "portolan/server/call.h"

namespace portolan::server {

/// What an error is about.
struct Concern {
  const wire::Endpoint* endpoint = nullptr;  ///< null: what was asked for is no resource
  std::string_view scope = {};               ///< that the request needs
  std::string_view n = {};                   ///< its parameter
  int status = 0;                            ///< 0: the error's own
  bool bad_credentials = false;              ///< what it brought does not count
};

/// Whether the request brought what a dialect wants to see before anything: a token, or a name with
/// its password (from anybody, where nobody can have one).
bool BringsProof(const Backend& backend, const Call& call);

/// The error in the dialect's words, which there must be one for, with its challenge.
http::Response InDialect(const Backend& backend, const http::Request& request, const Error& error,
                         const Concern& concern);
/// Words as an answer; their challenge, if they need one, is the caller's business.
http::Response WordsReply(const dialect::Words& words);
/// Gives the answer the dialect's fields, in its order and spelling.
void Dress(std::span<const dialect::FieldLine> lines, const Clock& clock, Random& random,
           http::Response& response);

}  // namespace portolan::server
