// Sending an answer.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "portolan/http/answer_head.h"
#include "portolan/http/channel.h"
#include "portolan/http/message.h"

namespace portolan::http {

/// Sends one answer: head and a small body in one call of the kernel, a file without reading it.
class AnswerSender {
 public:
  enum class Outcome : std::uint8_t {
    kSent,
    kBroken,    ///< a part was sent; the connection must be cut
    kUnstarted  ///< the body failed before its first piece, and nothing was sent
  };

  struct Wishes {
    bool to_head_request = false;  ///< the head alone
    int minor_version = 1;         ///< of the request
    bool keep_alive = true;        ///< what the request and the server wish
  };

  AnswerSender(Channel& channel, Response& response, const Wishes& wishes)
      : channel_(channel), response_(response), wishes_(wishes) {}

  async::Task<Outcome> Send();

  /// Whether the client was told that the connection stays open.
  bool keep_alive() const { return wishes_.keep_alive; }
  /// Bytes of the body so far, without chunk framing.
  std::uint64_t sent() const { return sent_; }
  /// Why the body failed.
  const std::optional<Error>& error() const { return error_; }

 private:
  AnswerFraming Frame(const std::optional<std::uint64_t>& length);
  void BuildHead(const AnswerFraming& framing);
  async::Task<bool> Body(const AnswerFraming& framing, std::string_view piece);
  async::Task<bool> File(const FileRange& file);
  async::Task<bool> Piece(std::string_view piece, const AnswerFraming& framing);
  async::Task<bool> WriteHeadWith(std::string_view piece, std::string_view end, bool more);
  bool ReadSmallFile(const FileRange& file);

  Channel& channel_;
  Response& response_;
  Wishes wishes_;
  std::uint64_t sent_ = 0;
  std::optional<Error> error_;
};

/// Sends the range in calls of at most 1 MiB. What the page cache does not hold is read on the
/// loop's pool first, so that the loop never waits for a disk. False if the connection broke or the
/// file is too short; `sent` counts on.
async::Task<bool> SendFileRange(Channel& channel, const FileRange& file, std::uint64_t& sent);

}  // namespace portolan::http
