#include "portolan/http/body.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace portolan::http {
namespace {

class TextBody final : public BodyReader {
 public:
  explicit TextBody(std::string text) : text_(std::move(text)) {}

  async::Task<Result<std::string_view>> Next() override {
    if (std::exchange(given_, true)) co_return std::string_view();
    co_return std::string_view(text_);
  }
  std::optional<std::uint64_t> size() const override { return text_.size(); }

 private:
  std::string text_;
  bool given_ = false;
};

class SharedBody final : public BodyReader {
 public:
  explicit SharedBody(std::shared_ptr<const std::string> text) : text_(std::move(text)) {}

  async::Task<Result<std::string_view>> Next() override {
    if (std::exchange(given_, true)) co_return std::string_view();
    co_return std::string_view(*text_);
  }
  std::optional<std::uint64_t> size() const override { return text_->size(); }

 private:
  std::shared_ptr<const std::string> text_;
  bool given_ = false;
};

class FileBody final : public BodyReader {
 public:
  explicit FileBody(FileRange range) : range_(std::move(range)) {}

  async::Task<Result<std::string_view>> Next() override {
    const std::uint64_t left = range_.size - done_;
    if (left == 0) co_return std::string_view();
    buffer_.resize(std::min<std::uint64_t>(left, kPiece));
    ssize_t count = 0;
    do {
      count = pread(range_.fd, buffer_.data(), buffer_.size(),
                    static_cast<off_t>(range_.offset + done_));
    } while (count < 0 && errno == EINTR);
    if (count < 0) {
      co_return Fail(ErrorCode::kIo, "reading a file: " + std::generic_category().message(errno));
    }
    if (count == 0) co_return Fail(ErrorCode::kIo, "a file is shorter than it was");
    done_ += static_cast<std::uint64_t>(count);
    co_return std::string_view(buffer_).substr(0, static_cast<std::size_t>(count));
  }
  std::optional<std::uint64_t> size() const override { return range_.size; }
  std::optional<FileRange> file() const override { return range_; }

 private:
  static constexpr std::uint64_t kPiece = 64U << 10U;
  FileRange range_;
  std::uint64_t done_ = 0;
  std::string buffer_;
};

}  // namespace

std::unique_ptr<BodyReader> NewTextBody(std::string text) {
  return std::make_unique<TextBody>(std::move(text));
}

std::unique_ptr<BodyReader> NewSharedBody(std::shared_ptr<const std::string> text) {
  return std::make_unique<SharedBody>(std::move(text));
}

std::unique_ptr<BodyReader> NewFileBody(FileRange range) {
  return std::make_unique<FileBody>(std::move(range));
}

async::Task<Result<std::string>> ReadAll(BodyReader& body, std::size_t max_size) {
  std::string text;
  for (;;) {
    PORTOLAN_CO_TRY(const std::string_view piece, co_await body.Next());
    if (piece.empty()) co_return text;
    if (piece.size() > max_size - text.size()) {
      co_return Fail(
          ErrorCode::kTooLarge,
          fmt::format("the answer is larger than the {} bytes that are read of it", max_size));
    }
    text += piece;
  }
}

async::Task<std::string> ReadStart(BodyReader& body, std::size_t max_size) {
  std::string text;
  while (text.size() < max_size) {
    const Result<std::string_view> piece = co_await body.Next();
    if (!piece || piece->empty()) break;
    text += piece->substr(0, max_size - text.size());
  }
  co_return text;
}

}  // namespace portolan::http
