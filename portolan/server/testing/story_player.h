// A story of tests/transcripts/portolan, played against the registry as it stands on the network.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "portolan/auth/testing/memory_accounts.h"
#include "portolan/base/files.h"
#include "portolan/base/random.h"
#include "portolan/http/server.h"
#include "portolan/http/testing/raw_client.h"
#include "portolan/http/testing/transcript.h"
#include "portolan/server/testing/story_tokens.h"
#include "portolan/server/testing/test_registry.h"

namespace portolan::server {

/// One registry behind a real server on loopback, whose clock stands still, with a token service
/// whose tokens are always the same, if the story has a key for it. What nobody can know before,
/// the ids of uploads, is replaced in answers by names: `${upload}`, `${upload-2}`, in the order in
/// which they come up; requests use these names. In requests `${token}` and `${refresh-token}` are
/// the tokens that an answer gave last, and `${next}` the Link's address; in answers, too,
/// `${token}` stands for a JSON Web Token, but in stories with a token service.
class StoryPlayer {
 public:
  /// Settings as the file's first part has them (tests/transcripts/README.md); one that is not
  /// known is a test's failure.
  explicit StoryPlayer(const http::Transcript::Fields& settings);
  StoryPlayer(const StoryPlayer&) = delete;
  StoryPlayer& operator=(const StoryPlayer&) = delete;
  ~StoryPlayer();

  /// Sends the request on a connection of its own. Gives the answer as a transcript writes it; an
  /// empty text if none came. A connection that was told to continue is held to the story's end.
  std::string Play(const http::Transcript::Exchange& exchange);

 private:
  void SetAuth(const http::Transcript::Fields& settings);
  void SetDialect(const http::Transcript::Fields& settings);
  void Remember(const std::string& name, std::string value);
  std::string Request(const http::Transcript::Exchange& exchange) const;
  std::string WithValues(std::string_view text) const;
  std::string WithNames(std::string text);

  MemoryFiles files_;
  FixedRandom random_;
  auth::MemoryAccounts accounts_;
  std::unique_ptr<StoryTokens> tokens_;  // null: the story has none
  std::unique_ptr<TestRegistry> registry_;
  std::unique_ptr<http::Server> server_;
  std::list<http::RawClient> held_;
  std::map<std::string, std::string> names_;   // of values
  std::map<std::string, std::string> latest_;  // values of `${token}` and `${next}`
};

}  // namespace portolan::server
