#include "portolan/http/answer_sender.h"

#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/text.h"

namespace portolan::http {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kLastChunk = "0\r\n\r\n";
constexpr std::uint64_t kSmallFile = 16U << 10U;

iovec Vector(std::string_view text) {
  return {.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
}

bool HasNoBody(int status) { return status == 204 || status == 304; }

}  // namespace

async::Task<AnswerSender::Outcome> AnswerSender::Send() {
  const std::optional<std::uint64_t> claimed = ClaimedLength(response_.headers);
  std::optional<std::uint64_t> length = response_.body->size();
  // A service says how long the body that HEAD does not get would be.
  if (!length || (wishes_.to_head_request && claimed)) length = claimed;

  if (wishes_.to_head_request || HasNoBody(response_.status)) {
    BuildHead(Frame(length));
    const bool sent = co_await WriteHeadWith({}, {}, false) && co_await channel_.Flush();
    co_return sent ? Outcome::kSent : Outcome::kBroken;
  }
  if (const std::optional<FileRange> file = response_.body->file()) {
    BuildHead(Frame(file->size));
    co_return co_await File(*file) ? Outcome::kSent : Outcome::kBroken;
  }
  std::string_view piece;
  if (!length || *length > 0) {
    const Result<std::string_view> first = co_await response_.body->Next();
    if (!first) {
      error_ = first.error();
      co_return channel_.aborted() ? Outcome::kBroken : Outcome::kUnstarted;
    }
    piece = *first;
    if (piece.empty() && !length) length = 0;
  }
  const AnswerFraming framing = Frame(length);
  BuildHead(framing);
  const bool sent = co_await Body(framing, piece) && co_await channel_.Flush();
  co_return sent ? Outcome::kSent : Outcome::kBroken;
}

AnswerFraming AnswerSender::Frame(const std::optional<std::uint64_t>& length) {
  AnswerFraming framing;
  if (HasNoBody(response_.status) || (wishes_.to_head_request && !length)) {
    framing.framing = Framing::kNone;
  } else if (length) {
    framing.length = *length;
  } else if (wishes_.minor_version > 0) {
    framing.framing = Framing::kChunked;
  } else {
    framing.framing = Framing::kClose;
    wishes_.keep_alive = false;
  }
  framing.close = !wishes_.keep_alive;
  framing.keep_alive = wishes_.keep_alive && wishes_.minor_version == 0;
  return framing;
}

void AnswerSender::BuildHead(const AnswerFraming& framing) {
  ServerLoop& loop = channel_.loop();
  std::string& out = loop.scratch().output;
  out.clear();
  AppendAnswerHead(response_.status, response_.headers, framing, loop.date(), loop.shared().log,
                   out);
}

// The head lies in the loop's memory: what the kernel does not take at once is copied.
async::Task<bool> AnswerSender::WriteHeadWith(std::string_view piece, std::string_view end,
                                              bool more) {
  const std::string_view head = channel_.loop().scratch().output;
  std::array<iovec, 3> pieces = {Vector(head), Vector(piece), Vector(end)};
  const Io io = channel_.transport().Write(pieces, more);
  if (io.kind == Io::Kind::kFailed) co_return false;
  const std::size_t all = head.size() + piece.size() + end.size();
  std::size_t done = io.count;
  channel_.Wrote(done);
  if (done == all) co_return true;

  const std::string rest(head.substr(std::min(done, head.size())));
  done -= head.size() - rest.size();
  const std::size_t of_piece = std::min(done, piece.size());
  pieces = {Vector(rest), Vector(piece.substr(of_piece)), Vector(end.substr(done - of_piece))};
  co_return co_await channel_.WriteAll(pieces);
}

bool AnswerSender::ReadSmallFile(const FileRange& file) {
  if (file.size > kSmallFile) return false;
  std::string& out = channel_.loop().scratch().output;
  const std::size_t head = out.size();
  const auto size = static_cast<std::size_t>(file.size);
  out.resize(head + size);
  const iovec piece{.iov_base = out.data() + head, .iov_len = size};
  const ssize_t count = preadv2(file.fd, &piece, 1, static_cast<off_t>(file.offset), RWF_NOWAIT);
  if (count == static_cast<ssize_t>(size)) return true;
  out.resize(head);
  return false;
}

async::Task<bool> AnswerSender::File(const FileRange& file) {
  if (ReadSmallFile(file)) {
    if (!co_await WriteHeadWith({}, {}, false)) co_return false;
    sent_ = file.size;
    co_return co_await channel_.Flush();
  }
  if (!co_await WriteHeadWith({}, {}, true)) co_return false;
  co_return co_await SendFileRange(channel_, file, sent_);
}

async::Task<bool> AnswerSender::Body(const AnswerFraming& framing, std::string_view piece) {
  const bool chunked = framing.framing == Framing::kChunked;
  if (framing.framing == Framing::kLength && piece.size() > framing.length) {
    error_ = Fail(ErrorCode::kInternal, "the body is longer than its Content-Length");
    co_return false;
  }
  if (chunked) {
    fmt::format_to(std::back_inserter(channel_.loop().scratch().output), "{:x}\r\n", piece.size());
  }
  if (!co_await WriteHeadWith(piece, chunked ? kLineEnd : std::string_view(), false)) {
    co_return false;
  }
  sent_ = piece.size();
  while (framing.framing != Framing::kLength || sent_ < framing.length) {
    const Result<std::string_view> next = co_await response_.body->Next();
    if (!next) {
      error_ = next.error();
      co_return false;
    }
    if (next->empty()) break;
    if (framing.framing == Framing::kLength && next->size() > framing.length - sent_) {
      error_ = Fail(ErrorCode::kInternal, "the body is longer than its Content-Length");
      co_return false;
    }
    if (!co_await Piece(*next, framing)) co_return false;
    sent_ += next->size();
    co_await channel_.Share(next->size());
  }
  if (chunked) co_return co_await channel_.WriteAll(kLastChunk);
  if (framing.framing == Framing::kLength && sent_ < framing.length) {
    error_ = Fail(ErrorCode::kInternal, "the body is shorter than its Content-Length");
    co_return false;
  }
  co_return true;
}

async::Task<bool> AnswerSender::Piece(std::string_view piece, const AnswerFraming& framing) {
  if (framing.framing != Framing::kChunked) co_return co_await channel_.WriteAll(piece);
  const std::string size = fmt::format("{:x}\r\n", piece.size());
  std::array<iovec, 3> pieces = {Vector(size), Vector(piece), Vector(kLineEnd)};
  co_return co_await channel_.WriteAll(pieces);
}

}  // namespace portolan::http
