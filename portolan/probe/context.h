// What the checks of an investigation share: whom they ask, and what they found so far.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/async/task.h"
#include "portolan/base/limits.h"
#include "portolan/client/registries.h"
#include "portolan/probe/finding.h"
#include "portolan/probe/recorder.h"

namespace portolan::probe {

/// An answer, or why there is none.
struct Reply {
  int status = 0;  ///< 0: none
  http::Headers headers;
  std::string body;
  bool cut = false;                  ///< `body` is not all of it
  bool from_token_endpoint = false;  ///< it refused: the registry itself was not asked again
  std::string failure;               ///< set without an answer, or where it broke off
  std::optional<Error> error;        ///< of the client, without an answer
  std::vector<int> exchanges;        ///< that led to it

  bool ok() const { return status == 200; }
  /// `404 MANIFEST_UNKNOWN`, `200`, `403 DENIED (token endpoint)`.
  std::string Outcome() const;
};

/// A page of tags.
struct Page {
  Reply reply;
  std::string path;  ///< that was asked for
  std::vector<std::string> tags;
  bool is_list = false;             ///< it was 200 and could be read
  std::string link;                 ///< the field as it came; empty: none
  std::optional<std::string> next;  ///< the Link's target

  /// Why it is no list.
  std::string Why() const;
};

/// One request of a check.
struct Wish {
  std::string method = "GET";
  std::string path;  ///< as client::RawRequest's
  http::Headers headers = {};
  bool bare = false;
  bool follow_redirects = true;
  std::optional<std::string> body = std::nullopt;
  /// Whom to ask; absent: the investigation's target.
  std::optional<client::Target> target = std::nullopt;
};

class Context {
 public:
  /// All references must outlive it; `recorder` is what `registries` sends by.
  Context(client::Registries& registries, Recorder& recorder, const Limits& limits,
          client::Target target)
      : target(std::move(target)), registries_(registries), recorder_(recorder), limits_(limits) {}

  /// Never fails: without an answer the reply says why. After two requests in a row without one
  /// nothing more is asked.
  async::Task<Reply> Ask(Wish wish);
  /// `query` without `?`; `bare` as Wish. What was asked before, but barely, is not asked again.
  async::Task<Page> AskTags(std::string query, bool bare = false);
  /// Along a Link.
  async::Task<Page> AskTagsAt(std::string path, bool bare = false);
  /// Fetches a token for the target, if none was fetched yet; Session's rules.
  async::Task<std::string> FetchToken();

  const Recorder& recorder() const { return recorder_; }
  /// Recorder::Keep. With 0 a registry that was silent is asked again.
  void Keep(int requests) {
    recorder_.Keep(requests);
    if (requests == 0) silent_ = 0;
  }
  /// Numbers of the exchanges after the first `before`.
  std::vector<int> Since(std::size_t before) const;
  /// Why nothing more is asked; empty while it is.
  std::string Ended() const;

  client::Target target;  ///< its repository may be found on the way
  Findings findings;
  // What several checks go by.
  std::vector<std::string> tags;  ///< known so far, in the order received
  bool all_tags_known = false;

 private:
  async::Task<Page> FetchTags(std::string path, bool bare);

  client::Registries& registries_;
  Recorder& recorder_;
  const Limits& limits_;
  std::map<std::string, Page> pages_;  // by path
  int silent_ = 0;                     // requests in a row without an answer
};

}  // namespace portolan::probe
