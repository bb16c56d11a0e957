// Real child processes: shell scripts in a folder that is put on PATH.
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "portolan/base/unique_fd.h"
#include "portolan/config/child_process.h"
#include "portolan/config/credentials.h"

namespace portolan::config {
namespace {

using std::chrono::milliseconds;

class ProcessHelperRunnerTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string folder = testing::TempDir() + "portolan.XXXXXX";
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    old_path_ = getenv("PATH");
    setenv("PATH", (folder + ":" + old_path_).c_str(), 1);
  }
  void TearDown() override {
    setenv("PATH", old_path_.c_str(), 1);
    std::filesystem::remove_all(folder_);
    // Nobody was left behind, neither running nor unreaped.
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
  }

  void Script(const std::string& name, const std::string& body, mode_t mode = 0755) {
    const std::string path = folder_ + "/docker-credential-" + name;
    std::ofstream(path) << "#!/bin/sh\n" << body << "\n";
    chmod(path.c_str(), mode);
  }

  Result<ChildOutput> Run(const std::string& name, const std::string& input, ChildLimits limits) {
    return RunChild({"docker-credential-" + name, "get"}, input, limits);
  }

  std::string folder_;
  std::string old_path_;
};

TEST_F(ProcessHelperRunnerTest, GivesActionAndInputAndReturnsOutputAndStatus) {
  Script("echo", "echo \"$1:$#:$(cat)\"; exit 3");
  ProcessHelperRunner runner{Limits{}};
  const auto output = runner.Run("echo", "get", "quay.io");
  ASSERT_TRUE(output) << output.error().message;
  EXPECT_EQ(output->standard_output, "get:1:quay.io\n");
  EXPECT_EQ(output->exit_status, 3);
}

TEST_F(ProcessHelperRunnerTest, RefusesNamesThatAreNoPlainWords) {
  ProcessHelperRunner runner{Limits{}};
  for (const char* name : {"", "../x", "a b", "a/b", "x;y", "x\n", "ü"}) {
    SCOPED_TRACE(name);
    const auto output = runner.Run(name, "get", "");
    ASSERT_FALSE(output);
    EXPECT_EQ(output.error().code, ErrorCode::kConfigInvalid);
  }
}

TEST_F(ProcessHelperRunnerTest, ProgramsThatCannotBeRun) {
  ProcessHelperRunner runner{Limits{}};
  EXPECT_EQ(runner.Run("none", "get", "").error().code, ErrorCode::kNameUnknown);
  EXPECT_EQ(runner.Run("none", "get", "").error().message, "docker-credential-none is not on PATH");
  std::ofstream(folder_ + "/docker-credential-garbage") << "no program";
  chmod((folder_ + "/docker-credential-garbage").c_str(), 0755);
  EXPECT_EQ(runner.Run("garbage", "get", "").error().code, ErrorCode::kIo);
}

TEST_F(ProcessHelperRunnerTest, AChildThatDoesNotReadItsInputIsNoTrouble) {
  // Far more than a pipe holds: the write fails in the middle, and must not end us with SIGPIPE.
  Script("deaf", "exec 0<&-; echo done");
  const std::string input(1U << 20U, 'x');
  const auto output = Run("deaf", input, {.timeout = milliseconds(10'000), .output = 100});
  ASSERT_TRUE(output) << output.error().message;
  EXPECT_EQ(output->standard_output, "done\n");
}

TEST_F(ProcessHelperRunnerTest, LongInputAndOutputCross) {
  Script("cat", "exec cat");
  const std::string input(1U << 20U, 'x');
  const auto output = Run("cat", input, {.timeout = milliseconds(10'000), .output = 1U << 20U});
  ASSERT_TRUE(output) << output.error().message;
  EXPECT_EQ(output->standard_output, input);
}

TEST_F(ProcessHelperRunnerTest, KillsWhatIsTooSlow) {
  Script("slow", "exec sleep 60");
  Script("closed", "exec >&-; exec sleep 60");  // says that it is done, and is not
  for (const char* name : {"slow", "closed"}) {
    SCOPED_TRACE(name);
    const auto start = std::chrono::steady_clock::now();
    const auto output = Run(name, "x", {.timeout = milliseconds(50), .output = 100});
    ASSERT_FALSE(output);
    EXPECT_EQ(output.error().code, ErrorCode::kTimeout);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  }
}

TEST_F(ProcessHelperRunnerTest, KillsWhatIsGivenUp) {
  Script("slow", "exec sleep 60");
  const UniqueFd cancelled(eventfd(0, EFD_CLOEXEC));
  std::thread user([&] {
    std::this_thread::sleep_for(milliseconds(20));
    eventfd_write(cancelled.get(), 1);
  });
  const auto begin = std::chrono::steady_clock::now();
  ProcessHelperRunner runner{Limits{}, cancelled.get()};
  EXPECT_EQ(runner.Run("slow", "get", "quay.io").error(),
            Fail(ErrorCode::kCancelled, "docker-credential-slow was interrupted"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(10'000));
  user.join();
}

TEST_F(ProcessHelperRunnerTest, KillsWhatPrintsTooMuch) {
  Script("loud", "exec yes");
  const auto output = Run("loud", "", {.timeout = milliseconds(10'000), .output = 1000});
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(output.error().message, "docker-credential-loud printed more than 1000 bytes");
}

TEST_F(ProcessHelperRunnerTest, DoesNotWaitForWhatTheChildLeftRunning) {
  // An agent that is started in the background keeps the pipe open long after the helper's end.
  Script("agent", "sleep 5 2>/dev/null & echo answer");
  const auto start = std::chrono::steady_clock::now();
  const auto output = Run("agent", "", {.timeout = milliseconds(20'000), .output = 100});
  ASSERT_TRUE(output) << output.error().message;
  EXPECT_EQ(output->standard_output, "answer\n");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(4));
}

TEST_F(ProcessHelperRunnerTest, ASignalIsAnExitStatus) {
  Script("dies", "kill -TERM $$");
  const auto output = Run("dies", "", {.timeout = milliseconds(10'000), .output = 100});
  ASSERT_TRUE(output) << output.error().message;
  EXPECT_EQ(output->exit_status, 128 + SIGTERM);
}

TEST_F(ProcessHelperRunnerTest, TheSignalMaskIsAsBefore) {
  Script("deaf", "exec 0<&-; sleep 0.05");
  sigset_t before{};
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  ASSERT_TRUE(
      Run("deaf", std::string(1U << 20U, 'x'), {.timeout = milliseconds(10'000), .output = 9}));
  sigset_t after{};
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  EXPECT_EQ(sigismember(&before, SIGPIPE), sigismember(&after, SIGPIPE));
  sigset_t pending{};
  sigpending(&pending);
  EXPECT_EQ(sigismember(&pending, SIGPIPE), 0);
}

TEST_F(ProcessHelperRunnerTest, WorksWhereChildrenAreReapedByTheKernel) {
  Script("echo", "echo answer");
  const auto old = signal(SIGCHLD, SIG_IGN);
  const auto output = Run("echo", "", {.timeout = milliseconds(10'000), .output = 100});
  signal(SIGCHLD, old);
  ASSERT_TRUE(output) << output.error().message;
  EXPECT_EQ(output->standard_output, "answer\n");
}

TEST_F(ProcessHelperRunnerTest, TheChildHasNoOtherDescriptorsOfOurs) {
  int inherited = 0;  // by this test program from whoever started it
  for (int fd = 3; fd < 1024; ++fd) {
    const int flags = fcntl(fd, F_GETFD);
    if (flags >= 0 && (flags & FD_CLOEXEC) == 0) ++inherited;
  }
  Script("fds", "set -- /proc/$$/fd/*; echo $#");
  const auto alone = Run("fds", "", {.timeout = milliseconds(10'000), .output = 100});
  ASSERT_TRUE(alone);
  // 0, 1, 2, the shell's script, and the folder that it is listing.
  EXPECT_LE(std::stoi(alone->standard_output), 5 + inherited);
}

}  // namespace
}  // namespace portolan::config
