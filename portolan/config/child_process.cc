#include "portolan/config/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/clock.h"
#include "portolan/base/unique_fd.h"

namespace portolan::config {
namespace {

Error SystemError(std::string_view action, int error) {
  return Fail(ErrorCode::kIo, fmt::format("cannot {}: {}", action, std::strerror(error)));
}

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

// Both ends above the standard descriptors, closed in children, so that dup2 onto 0 and 1 never
// meets its own source.
Result<Pipe> MakePipe() {
  std::array<int, 2> low{};
  if (pipe2(low.data(), O_CLOEXEC) != 0) return SystemError("make a pipe", errno);
  const UniqueFd low_read(low[0]);
  const UniqueFd low_write(low[1]);
  Pipe result{.read_end = UniqueFd(fcntl(low[0], F_DUPFD_CLOEXEC, 3)),
              .write_end = UniqueFd(fcntl(low[1], F_DUPFD_CLOEXEC, 3))};
  if (!result.read_end || !result.write_end) {
    return SystemError("make a pipe", errno);
  }
  return result;
}

// While it lives, writing to a pipe that nobody reads is EPIPE in this thread and no signal.
class SigpipeBlocked {
 public:
  SigpipeBlocked() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending{};
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  SigpipeBlocked(const SigpipeBlocked&) = delete;
  SigpipeBlocked& operator=(const SigpipeBlocked&) = delete;
  ~SigpipeBlocked() {
    const timespec now{};
    if (!was_pending_) {
      while (sigtimedwait(&pipe_, nullptr, &now) < 0 && errno == EINTR) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  /// The thread's own mask, which the child is to have.
  const sigset_t& before() const { return before_; }

 private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

// By number: glibc 2.36 forgot to make its declaration extern "C".
UniqueFd OpenPidfd(pid_t pid) {
  const long fd = syscall(SYS_pidfd_open, pid, 0);
  return UniqueFd(static_cast<int>(fd));
}

// A started child. Killed and reaped when this ends, unless it was waited for.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid), end_(OpenPidfd(pid)) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ < 0) return;
    kill(pid_, SIGKILL);
    Wait();
  }

  /// Becomes readable when the child has ended; -1 on kernels that cannot tell.
  int end_fd() const { return end_.get(); }

  int Wait() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  /// Leaves it to be reaped. A program that was started with SIGCHLD ignored has its children
  /// reaped by the kernel: then there is none any more, and the output alone tells how it went.
  bool HasEnded() {
    siginfo_t info{};
    if (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
      return errno == ECHILD;
    }
    return info.si_pid == pid_;
  }

 private:
  pid_t pid_;
  UniqueFd end_;
};

Result<pid_t> Spawn(const std::vector<std::string>& arguments, int input, int output,
                    const sigset_t& mask) {
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawnattr_t attributes{};
  posix_spawnattr_init(&attributes);
  sigset_t defaults{};
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setsigmask(&attributes, &mask);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error == ENOENT) {
    return Fail(ErrorCode::kNameUnknown, fmt::format("{} is not on PATH", arguments[0]));
  }
  if (error != 0) return SystemError("run " + arguments[0], error);
  return pid;
}

// The conversation: feeds the input, gathers the output, until the child has ended or closed its
// output.
class Exchange {
 public:
  Exchange(const std::string& name, UniqueFd to_child, UniqueFd from_child, std::string_view input,
           const ChildLimits& limits)
      : name_(name),
        to_child_(std::move(to_child)),
        from_child_(std::move(from_child)),
        input_(input),
        limits_(limits),
        deadline_(SystemClock().Now() + limits.timeout) {
    fcntl(to_child_.get(), F_SETFL, O_NONBLOCK);
    fcntl(from_child_.get(), F_SETFL, O_NONBLOCK);
    if (input_.empty()) to_child_.Reset();
  }

  Status Run(Child& child) {
    while (from_child_) {
      // What the child left running may hold the pipe open for ever: its own end counts.
      const bool ended = child.HasEnded();
      PORTOLAN_CHECK(Receive());
      if (ended) break;
      Send();
      PORTOLAN_CHECK(WaitForEvent(child));
    }
    to_child_.Reset();
    while (!child.HasEnded()) PORTOLAN_CHECK(WaitForEvent(child));
    return {};
  }

  std::string TakeOutput() { return std::move(output_); }

 private:
  Status WaitForEvent(const Child& child) {
    using std::chrono::milliseconds;
    const auto left = std::chrono::ceil<milliseconds>(deadline_ - SystemClock().Now());
    if (left <= milliseconds(0)) {
      return Fail(ErrorCode::kTimeout,
                  fmt::format("{} did not answer within {} ms", name_, limits_.timeout.count()));
    }
    // Without a descriptor for the child's end, look for it now and then.
    const auto longest = child.end_fd() < 0 ? milliseconds(20) : milliseconds(60'000);
    std::array<pollfd, 4> events = {
        pollfd{.fd = to_child_.get(), .events = POLLOUT, .revents = 0},
        pollfd{.fd = from_child_.get(), .events = POLLIN, .revents = 0},
        pollfd{.fd = child.end_fd(), .events = POLLIN, .revents = 0},
        pollfd{.fd = limits_.cancel_descriptor, .events = POLLIN, .revents = 0}};
    if (poll(events.data(), events.size(), static_cast<int>(std::min(left, longest).count())) < 0 &&
        errno != EINTR) {
      return SystemError("wait for " + name_, errno);
    }
    if (events[3].revents != 0) {
      return Fail(ErrorCode::kCancelled, fmt::format("{} was interrupted", name_));
    }
    return {};
  }

  Status Receive() {
    std::array<char, 4096> piece{};
    for (;;) {
      const ssize_t size = read(from_child_.get(), piece.data(), piece.size());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0 && errno == EAGAIN) return {};
      if (size < 0) return SystemError("read from " + name_, errno);
      if (size == 0) {
        from_child_.Reset();
        return {};
      }
      output_.append(piece.data(), static_cast<std::size_t>(size));
      if (output_.size() > limits_.output) {
        return Fail(ErrorCode::kTooLarge,
                    fmt::format("{} printed more than {} bytes", name_, limits_.output));
      }
    }
  }

  // A child may answer without having read everything: a failed write only ends the writing.
  void Send() {
    while (to_child_) {
      const ssize_t size = write(to_child_.get(), input_.data(), input_.size());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0 && errno == EAGAIN) return;
      if (size > 0) input_.remove_prefix(static_cast<std::size_t>(size));
      if (size < 0 || input_.empty()) to_child_.Reset();
    }
  }

  const std::string& name_;
  UniqueFd to_child_;
  UniqueFd from_child_;
  std::string_view input_;
  ChildLimits limits_;
  Clock::Instant deadline_;
  std::string output_;
};

}  // namespace

Result<ChildOutput> RunChild(const std::vector<std::string>& arguments, const std::string& input,
                             const ChildLimits& limits) {
  PORTOLAN_TRY(Pipe to_child, MakePipe());
  PORTOLAN_TRY(Pipe from_child, MakePipe());
  const SigpipeBlocked blocked;
  PORTOLAN_TRY(const pid_t pid, Spawn(arguments, to_child.read_end.get(),
                                      from_child.write_end.get(), blocked.before()));
  Child child(pid);
  to_child.read_end.Reset();
  from_child.write_end.Reset();
  Exchange exchange(arguments[0], std::move(to_child.write_end), std::move(from_child.read_end),
                    input, limits);
  PORTOLAN_CHECK(exchange.Run(child));
  ChildOutput output;
  output.exit_status = child.Wait();
  output.standard_output = exchange.TakeOutput();
  return output;
}

}  // namespace portolan::config
