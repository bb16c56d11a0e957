#include "portolan/cli/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <mutex>
#include <utility>

#include <fmt/format.h>

namespace portolan::cli {
namespace {

constexpr std::size_t kBufferSize = 64U << 10U;
constexpr int kUnknownColumns = 80;
constexpr std::size_t kMaxLine = 1U << 20U;
// Back to the first column, then clear to the end of the line.
constexpr std::string_view kClearLine = "\r\x1b[K";

// 0, or the errno. What may block for ever (a pipe whose reader stalls, also one that somebody has
// set to not blocking) is waited for with poll, which a signal interrupts: EINTR then. No write
// after it is larger than what a ready pipe takes.
int WriteFully(int descriptor, std::string_view text) {
  struct stat info{};
  const bool waits = fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode);
  while (!text.empty()) {
    if (waits) {
      pollfd ready{.fd = descriptor, .events = POLLOUT, .revents = 0};
      if (poll(&ready, 1, -1) < 0) return errno;
    }
    const std::size_t size = waits ? std::min<std::size_t>(text.size(), PIPE_BUF) : text.size();
    const ssize_t written = write(descriptor, text.data(), size);
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR && errno != EAGAIN) {
      return errno;
    }
  }
  return 0;
}

// What a signal that ends the process at a prompt must put back, lest it leave the user's shell
// without echo. For a signal handler, therefore plain globals; only one prompt is shown at a time.
termios g_before{};
int g_descriptor = -1;

void RestoreAndDie(int signal) {
  (void)tcsetattr(g_descriptor, TCSANOW, &g_before);
  (void)std::signal(signal, SIG_DFL);
  (void)raise(signal);
}

// While it lives a signal ends the process at once, although a loop may listen for signals; without
// `echo` what is typed is not shown. Does nothing unless the descriptor is a terminal.
class Prompt {
 public:
  Prompt(int descriptor, bool echo) {
    if (tcgetattr(descriptor, &g_before) != 0) return;
    g_descriptor = descriptor;
    struct sigaction action{};
    action.sa_handler = RestoreAndDie;
    for (std::size_t i = 0; i < kSignals.size(); ++i)
      sigaction(kSignals[i], &action, &handlers_[i]);
    active_ = true;
    if (echo) return;
    termios silent = g_before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= static_cast<tcflag_t>(ECHONL);
    (void)tcsetattr(descriptor, TCSADRAIN, &silent);
  }
  Prompt(const Prompt&) = delete;
  Prompt& operator=(const Prompt&) = delete;
  ~Prompt() {
    if (!active_) return;
    (void)tcsetattr(g_descriptor, TCSADRAIN, &g_before);
    for (std::size_t i = 0; i < kSignals.size(); ++i)
      sigaction(kSignals[i], &handlers_[i], nullptr);
  }

 private:
  static constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  std::array<struct sigaction, kSignals.size()> handlers_{};
  bool active_ = false;
};

class DescriptorTerminal final : public Terminal {
 public:
  DescriptorTerminal(int in, int out, int error)
      : in_(in),
        out_(out),
        error_(error),
        out_is_terminal_(isatty(out) == 1),
        error_is_terminal_(isatty(error) == 1) {}
  ~DescriptorTerminal() override {
    (void)Flush();
    ShowProgress({});
  }

  Status Write(std::string_view text) override;
  Status Flush() override;
  void WriteError(std::string_view line) override;
  void ShowProgress(std::string_view text) override;
  bool in_is_terminal() const override { return isatty(in_) == 1; }
  bool out_closed() const override { return out_error_ == EPIPE; }
  bool out_is_terminal() const override { return out_is_terminal_; }
  bool error_is_terminal() const override { return error_is_terminal_; }
  int columns() const override;
  Result<std::string> ReadLine(std::string_view prompt) override;
  Result<Secret> ReadSecret(std::string_view prompt) override;
  Result<std::string> ReadAllInput(std::size_t max_size) override;

 private:
  Status Send(std::string_view text);
  Error OutError() const {
    if (out_error_ == EINTR) return Fail(ErrorCode::kCancelled, "interrupted");
    return Fail(ErrorCode::kIo, fmt::format("standard output: {}", std::strerror(out_error_)));
  }
  // What is there, at most `max_size` bytes; nothing at the end.
  Result<std::string> ReadBytes(std::size_t max_size);
  Result<std::string> ReadTypedLine(std::string_view prompt);

  const int in_;
  const int out_;
  const int error_;
  const bool out_is_terminal_;
  const bool error_is_terminal_;
  std::string buffer_;
  int out_error_ = 0;  // errno of the first write that failed
  std::mutex error_mutex_;
  bool progress_shown_ = false;
};

Status DescriptorTerminal::Send(std::string_view text) {
  // Both may be the same screen, and results must not begin behind a progress line.
  if (out_is_terminal_) ShowProgress({});
  if (out_error_ == 0) out_error_ = WriteFully(out_, text);
  if (out_error_ != 0) return OutError();
  return {};
}

Status DescriptorTerminal::Write(std::string_view text) {
  if (out_error_ != 0) return OutError();
  if (buffer_.size() + text.size() < kBufferSize) {
    buffer_ += text;
    return {};
  }
  PORTOLAN_CHECK(Flush());
  if (text.size() >= kBufferSize) return Send(text);
  buffer_ = text;
  return {};
}

Status DescriptorTerminal::Flush() {
  if (out_error_ != 0) return OutError();
  if (buffer_.empty()) return {};
  Status sent = Send(buffer_);
  buffer_.clear();
  return sent;
}

void DescriptorTerminal::WriteError(std::string_view line) {
  const std::lock_guard lock(error_mutex_);
  std::string text;
  if (std::exchange(progress_shown_, false)) text = kClearLine;
  text += line;
  text += '\n';
  (void)WriteFully(error_, text);  // there is nobody left to tell
}

void DescriptorTerminal::ShowProgress(std::string_view text) {
  if (!error_is_terminal_) return;
  const std::lock_guard lock(error_mutex_);
  if (text.empty() && !progress_shown_) return;
  progress_shown_ = !text.empty();
  (void)WriteFully(error_, fmt::format("{}{}", kClearLine, text));
}

int DescriptorTerminal::columns() const {
  winsize size{};
  if (ioctl(error_, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUnknownColumns;
  return size.ws_col;
}

Result<std::string> DescriptorTerminal::ReadBytes(std::size_t max_size) {
  std::string bytes(max_size, '\0');
  for (;;) {
    const ssize_t size = read(in_, bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0)
      return Fail(ErrorCode::kIo, fmt::format("standard input: {}", std::strerror(errno)));
    bytes.resize(static_cast<std::size_t>(size));
    return bytes;
  }
}

Result<std::string> DescriptorTerminal::ReadLine(std::string_view prompt) {
  const Prompt shown(in_, true);
  return ReadTypedLine(prompt);
}

Result<std::string> DescriptorTerminal::ReadTypedLine(std::string_view prompt) {
  ShowProgress({});
  (void)Flush();
  (void)WriteFully(error_, prompt);
  std::string line;
  for (;;) {
    // A byte at a time: what follows the line belongs to the next reader.
    PORTOLAN_TRY(const std::string byte, ReadBytes(1));
    if (byte == "\n") break;
    if (byte.empty() && line.empty()) return Fail(ErrorCode::kIo, "standard input has ended");
    if (byte.empty()) break;
    line += byte;
    if (line.size() > kMaxLine)
      return Fail(ErrorCode::kTooLarge, "a line of standard input is too long");
  }
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

Result<Secret> DescriptorTerminal::ReadSecret(std::string_view prompt) {
  const Prompt silent(in_, false);
  PORTOLAN_TRY(std::string line, ReadTypedLine(prompt));
  return Secret(std::move(line));
}

Result<std::string> DescriptorTerminal::ReadAllInput(std::size_t max_size) {
  std::string all;
  for (;;) {
    PORTOLAN_TRY(const std::string bytes, ReadBytes(kBufferSize));
    if (bytes.empty()) return all;
    if (all.size() + bytes.size() > max_size) {
      return Fail(ErrorCode::kTooLarge,
                  fmt::format("standard input has more than {} bytes", max_size));
    }
    all += bytes;
  }
}

// A descriptor that is closed would be taken by the first socket, and results sent there.
void OccupyClosedDescriptors() {
  for (int descriptor = 0; descriptor <= 2; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) continue;
    // Read-only for output and write-only for input: using it fails, as it did.
    (void)open("/dev/null", (descriptor == 0 ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
  }
}

}  // namespace

std::unique_ptr<Terminal> NewTerminal(int in, int out, int error) {
  return std::make_unique<DescriptorTerminal>(in, out, error);
}

std::unique_ptr<Terminal> NewProcessTerminal() {
  OccupyClosedDescriptors();
  (void)std::signal(SIGPIPE, SIG_IGN);
  return NewTerminal(STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO);
}

}  // namespace portolan::cli
