#include "portolan/cli/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <thread>

#include <gtest/gtest.h>

namespace portolan::cli {
namespace {

// Three pipes in place of the standard descriptors.
class Pipes {
 public:
  Pipes() {
    for (auto& pair : pairs_) EXPECT_EQ(pipe2(pair.data(), O_CLOEXEC), 0);
    (void)std::signal(SIGPIPE, SIG_IGN);
    for (const int end : {pairs_[1][0], pairs_[2][0]}) fcntl(end, F_SETFL, O_NONBLOCK);
    fcntl(pairs_[1][1], F_SETPIPE_SZ, 1 << 20);
  }
  Pipes(const Pipes&) = delete;
  Pipes& operator=(const Pipes&) = delete;
  ~Pipes() {
    for (auto& pair : pairs_) {
      for (const int end : pair) close(end);
    }
  }

  std::unique_ptr<Terminal> Open() const {
    return NewTerminal(pairs_[0][0], pairs_[1][1], pairs_[2][1]);
  }
  void Type(std::string_view text) const {
    EXPECT_EQ(write(pairs_[0][1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void EndInput() { CloseEnd(pairs_[0][1]); }
  void CloseReader() { CloseEnd(pairs_[1][0]); }
  std::string Out() const { return Drain(pairs_[1][0]); }
  std::string ErrorOut() const { return Drain(pairs_[2][0]); }

 private:
  static void CloseEnd(int& end) {
    close(end);
    end = open("/dev/null", O_RDWR | O_CLOEXEC);
  }
  static std::string Drain(int end) {
    std::string text(2U << 20U, '\0');
    const ssize_t size = read(end, text.data(), text.size());
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return text;
  }
  std::array<std::array<int, 2>, 3> pairs_{};
};

TEST(Terminal, BuffersOutput) {
  Pipes pipes;
  const auto terminal = pipes.Open();
  ASSERT_TRUE(terminal->Write("a").has_value());
  ASSERT_TRUE(terminal->Write("b").has_value());
  EXPECT_EQ(pipes.Out(), "");
  ASSERT_TRUE(terminal->Flush().has_value());
  EXPECT_EQ(pipes.Out(), "ab");
  const std::string large(100'000, 'x');
  ASSERT_TRUE(terminal->Write("c").has_value());
  ASSERT_TRUE(terminal->Write(large).has_value());
  EXPECT_EQ(pipes.Out(), "c" + large);
  const std::string half(40'000, 'y');
  ASSERT_TRUE(terminal->Write(half).has_value());
  ASSERT_TRUE(terminal->Write(half).has_value());
  EXPECT_EQ(pipes.Out(), half);
}

TEST(Terminal, FlushesAtItsEnd) {
  Pipes pipes;
  ASSERT_TRUE(pipes.Open()->Write("tail").has_value());
  EXPECT_EQ(pipes.Out(), "tail");
}

TEST(Terminal, KnowsABrokenPipe) {
  Pipes pipes;
  const auto terminal = pipes.Open();
  ASSERT_TRUE(terminal->Write("a").has_value());
  EXPECT_FALSE(terminal->out_closed());
  pipes.CloseReader();
  const Status status = terminal->Flush();
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::kIo);
  EXPECT_EQ(status.error().message, "standard output: Broken pipe");
  EXPECT_TRUE(terminal->out_closed());
  EXPECT_FALSE(terminal->Write("b").has_value());
  EXPECT_FALSE(terminal->Flush().has_value());
}

TEST(Terminal, AFullDiskIsNoClosedPipe) {
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  const auto terminal = NewTerminal(0, full, 2);
  ASSERT_TRUE(terminal->Write("a").has_value());
  const Status status = terminal->Flush();
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().message, "standard output: No space left on device");
  EXPECT_FALSE(terminal->out_closed());
  close(full);
}

TEST(Terminal, ShowsNoProgressInAPipe) {
  Pipes pipes;
  const auto terminal = pipes.Open();
  EXPECT_FALSE(terminal->error_is_terminal());
  EXPECT_FALSE(terminal->out_is_terminal());
  EXPECT_EQ(terminal->columns(), 80);
  terminal->ShowProgress("busy");
  terminal->WriteError("line");
  EXPECT_EQ(pipes.ErrorOut(), "line\n");
}

TEST(Terminal, ReadsLinesAndRest) {
  Pipes pipes;
  const auto terminal = pipes.Open();
  pipes.Type("one\r\n\nsecret\nrest\nof it");
  pipes.EndInput();
  EXPECT_EQ(*terminal->ReadLine("? "), "one");
  EXPECT_EQ(pipes.ErrorOut(), "? ");
  EXPECT_EQ(*terminal->ReadLine(""), "");
  EXPECT_EQ(terminal->ReadSecret("Password: ")->Reveal(), "secret");
  EXPECT_EQ(*terminal->ReadAllInput(100), "rest\nof it");
  const auto end = terminal->ReadLine("");
  ASSERT_FALSE(end.has_value());
  EXPECT_EQ(end.error().code, ErrorCode::kIo);
}

TEST(Terminal, CapsInput) {
  Pipes pipes;
  const auto terminal = pipes.Open();
  pipes.Type("12345");
  pipes.EndInput();
  EXPECT_EQ(terminal->ReadAllInput(4).error().code, ErrorCode::kTooLarge);
}

TEST(Terminal, TakesTheLastLineWithoutItsEnd) {
  Pipes pipes;
  const auto terminal = pipes.Open();
  pipes.Type("end");
  pipes.EndInput();
  EXPECT_EQ(*terminal->ReadLine(""), "end");
}

class PseudoTerminal : public testing::Test {
 protected:
  void SetUp() override {
    winsize size{.ws_row = 25, .ws_col = 132, .ws_xpixel = 0, .ws_ypixel = 0};
    ASSERT_EQ(openpty(&master_, &slave_, nullptr, nullptr, &size), 0);
    terminal_ = NewTerminal(slave_, slave_, slave_);
  }
  void TearDown() override {
    terminal_.reset();
    close(slave_);
    close(master_);
  }
  // What the screen was sent, read until it has `size` bytes or nothing comes for a while.
  std::string Screen(std::size_t size) const {
    std::string text;
    pollfd ready{.fd = master_, .events = POLLIN, .revents = 0};
    while (text.size() < size && poll(&ready, 1, 2000) == 1) {
      std::array<char, 4096> piece{};
      const ssize_t got = read(master_, piece.data(), piece.size());
      if (got <= 0) break;
      text.append(piece.data(), static_cast<std::size_t>(got));
    }
    return text;
  }
  void ExpectScreen(std::string_view expected) const {
    EXPECT_EQ(Screen(expected.size()), expected);
  }
  bool Echoes() const {
    termios now{};
    return tcgetattr(slave_, &now) == 0 && (now.c_lflag & ECHO) != 0;
  }

  int master_ = -1;
  int slave_ = -1;
  std::unique_ptr<Terminal> terminal_;
};

TEST_F(PseudoTerminal, ReplacesTheProgressLine) {
  EXPECT_TRUE(terminal_->error_is_terminal());
  EXPECT_TRUE(terminal_->out_is_terminal());
  EXPECT_TRUE(terminal_->in_is_terminal());
  EXPECT_EQ(terminal_->columns(), 132);
  terminal_->ShowProgress("one");
  terminal_->ShowProgress("two");
  terminal_->WriteError("warning");
  ExpectScreen("\r\x1b[Kone\r\x1b[Ktwo\r\x1b[Kwarning\r\n");
  // Nothing is there to be taken away.
  terminal_->ShowProgress("");
  terminal_->WriteError("next");
  ExpectScreen("next\r\n");
}

TEST_F(PseudoTerminal, ClearsTheProgressLineBeforeResults) {
  terminal_->ShowProgress("busy");
  ASSERT_TRUE(terminal_->Write("result\n").has_value());
  ASSERT_TRUE(terminal_->Flush().has_value());
  ExpectScreen("\r\x1b[Kbusy\r\x1b[Kresult\r\n");
}

TEST_F(PseudoTerminal, HidesASecretAndRestoresTheEcho) {
  ASSERT_TRUE(Echoes());
  std::optional<Secret> secret;
  std::jthread reader([&] {
    if (auto read = terminal_->ReadSecret("Password: ")) secret = *read;
  });
  // The answer is typed when the prompt is there, which is after the echo was switched off.
  ExpectScreen("Password: ");
  EXPECT_FALSE(Echoes());
  ASSERT_EQ(write(master_, "hush\n", 5), 5);
  reader.join();
  ASSERT_TRUE(secret.has_value());
  EXPECT_EQ(secret->Reveal(), "hush");
  ExpectScreen("\r\n");
  EXPECT_TRUE(Echoes());
}

TEST(MemoryTerminal, BreaksWhenTold) {
  MemoryTerminal terminal;
  EXPECT_TRUE(terminal.Write("a").has_value());
  terminal.broken_pipe = true;
  EXPECT_FALSE(terminal.Write("b").has_value());
  EXPECT_FALSE(terminal.Flush().has_value());
  EXPECT_TRUE(terminal.out_closed());
  EXPECT_EQ(terminal.out, "a");
}

}  // namespace
}  // namespace portolan::cli
