#include "portolan/cli/api_body.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/unique_fd.h"

namespace portolan::cli {
namespace {

constexpr std::size_t kPieceSize = 256U << 10U;

Error SystemError(const std::string& path, int number) {
  return Fail(ErrorCode::kIo, fmt::format("{}: {}", path, std::generic_category().message(number)));
}

// O_CLOEXEC: a credential helper must not inherit what the user uploads.
UniqueFd OpenForReading(const std::string& path) {
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

// At most `size` bytes; 0 at the end.
Result<std::size_t> ReadSome(int descriptor, char* out, std::size_t size, const std::string& path) {
  for (;;) {
    const ssize_t got = ::read(descriptor, out, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return SystemError(path, errno);
  }
}

class FileBody final : public http::BodyReader {
 public:
  FileBody(std::string path, std::uint64_t length)
      : path_(std::move(path)), left_(length), file_(OpenForReading(path_)), open_error_(errno) {}

  async::Task<Result<std::string_view>> Next() override {
    if (!file_) co_return SystemError(path_, open_error_);
    if (left_ == 0) co_return std::string_view();
    buffer_.resize(kPieceSize);
    // What has been added since is not sent: the length was announced.
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(kPieceSize, left_));
    PORTOLAN_CO_TRY(const std::size_t got, ReadSome(file_.get(), buffer_.data(), size, path_));
    if (got == 0) {
      co_return Fail(ErrorCode::kIo,
                     fmt::format("{} became shorter while it was being sent", path_));
    }
    left_ -= got;
    co_return std::string_view(buffer_).substr(0, got);
  }

 private:
  std::string path_;
  std::uint64_t left_;
  UniqueFd file_;
  int open_error_;
  std::string buffer_;
};

RequestBody TextBody(std::string text) {
  auto shared = std::make_shared<const std::string>(std::move(text));
  return {.factory = [shared] { return http::NewTextBody(*shared); }, .length = shared->size()};
}

// A pipe can be read only once, and the request may have to be sent twice.
Result<RequestBody> ReadPipe(int descriptor, const std::string& path) {
  std::string text;
  for (;;) {
    const std::size_t before = text.size();
    text.resize(before + kPieceSize);
    PORTOLAN_TRY(const std::size_t got,
                 ReadSome(descriptor, text.data() + before, kPieceSize, path));
    text.resize(before + got);
    if (got == 0) return TextBody(std::move(text));
    if (text.size() > kMaxBufferedBody) {
      return Fail(ErrorCode::kTooLarge,
                  fmt::format("{} gives more than the {} MiB that can be sent from a pipe", path,
                              kMaxBufferedBody >> 20U),
                  "write it to a file and send that");
    }
  }
}

}  // namespace

Result<RequestBody> OpenRequestBody(std::string_view data, Terminal& terminal) {
  if (!data.starts_with('@')) return TextBody(std::string(data));
  std::string path(data.substr(1));
  if (path == "-") {
    PORTOLAN_TRY(std::string text, terminal.ReadAllInput(kMaxBufferedBody));
    return TextBody(std::move(text));
  }
  const UniqueFd file = OpenForReading(path);
  struct stat status = {};
  if (!file || ::fstat(file.get(), &status) != 0) return SystemError(path, errno);
  if (S_ISDIR(status.st_mode)) return SystemError(path, EISDIR);
  if (!S_ISREG(status.st_mode)) return ReadPipe(file.get(), path);
  const auto length = static_cast<std::uint64_t>(status.st_size);
  return RequestBody{.factory = [path, length] { return std::make_unique<FileBody>(path, length); },
                     .length = length};
}

}  // namespace portolan::cli
