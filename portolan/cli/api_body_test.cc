#include "portolan/cli/api_body.h"

#include <sys/stat.h>

#include <fstream>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "portolan/async/loop.h"
#include "portolan/http/testing/certificate.h"

namespace portolan::cli {
namespace {

Result<std::string> Send(const RequestBody& body) {
  async::Loop loop;
  const auto reader = body.factory();
  return loop.Run(http::ReadAll(*reader, std::size_t{1} << 30U));
}

TEST(OpenRequestBody, SendsTextAsOftenAsNeeded) {
  MemoryTerminal terminal;
  const auto body = OpenRequestBody("some text", terminal);
  ASSERT_TRUE(body);
  EXPECT_EQ(body->length, 9U);
  EXPECT_EQ(Send(*body).value(), "some text");
  EXPECT_EQ(Send(*body).value(), "some text");
}

TEST(OpenRequestBody, ReadsStandardInputOnce) {
  MemoryTerminal terminal;
  terminal.input = "one\ntwo\n";
  const auto body = OpenRequestBody("@-", terminal);
  ASSERT_TRUE(body);
  EXPECT_EQ(body->length, 8U);
  EXPECT_EQ(terminal.input, "");
  EXPECT_EQ(Send(*body).value(), "one\ntwo\n");
  EXPECT_EQ(Send(*body).value(), "one\ntwo\n");
}

TEST(OpenRequestBody, RefusesTooMuchStandardInput) {
  MemoryTerminal terminal;
  terminal.input.assign(kMaxBufferedBody + 1, 'x');
  const auto body = OpenRequestBody("@-", terminal);
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().code, ErrorCode::kTooLarge);
}

TEST(OpenRequestBody, OpensAFileAtEachSending) {
  const http::TemporaryFolder folder;
  const std::string content = std::string(600'000, 'a') + "end";  // several pieces
  const std::string path = folder.Write("blob", content);
  MemoryTerminal terminal;
  const auto body = OpenRequestBody("@" + path, terminal);
  ASSERT_TRUE(body);
  EXPECT_EQ(body->length, content.size());
  EXPECT_EQ(Send(*body).value(), content);
  EXPECT_EQ(Send(*body).value(), content);
}

TEST(OpenRequestBody, NoticesAFileThatChangesUnderIt) {
  const http::TemporaryFolder folder;
  const std::string path = folder.Write("blob", "1234567890");
  MemoryTerminal terminal;
  const auto body = OpenRequestBody("@" + path, terminal);
  ASSERT_TRUE(body);

  folder.Write("blob", "1234567890 and more");
  EXPECT_EQ(Send(*body).value(), "1234567890");

  folder.Write("blob", "123");
  const auto shorter = Send(*body);
  ASSERT_FALSE(shorter);
  EXPECT_EQ(shorter.error().code, ErrorCode::kIo);
  EXPECT_EQ(shorter.error().message, path + " became shorter while it was being sent");

  std::remove(path.c_str());
  const auto gone = Send(*body);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().message, path + ": No such file or directory");
}

TEST(OpenRequestBody, NamesAFileThatCannotBeRead) {
  const http::TemporaryFolder folder;
  MemoryTerminal terminal;
  const auto absent = OpenRequestBody("@" + folder.path() + "/absent", terminal);
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, ErrorCode::kIo);
  EXPECT_EQ(absent.error().message, folder.path() + "/absent: No such file or directory");

  const auto directory = OpenRequestBody("@" + folder.path(), terminal);
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().message, folder.path() + ": Is a directory");
}

TEST(OpenRequestBody, ReadsAPipeIntoMemory) {
  const http::TemporaryFolder folder;
  const std::string path = folder.path() + "/pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(path) << std::string(300'000, 'p'); });
  MemoryTerminal terminal;
  const auto body = OpenRequestBody("@" + path, terminal);
  writer.join();
  std::remove(path.c_str());
  ASSERT_TRUE(body);
  EXPECT_EQ(body->length, 300'000U);
  EXPECT_EQ(Send(*body).value().size(), 300'000U);
  EXPECT_EQ(Send(*body).value().size(), 300'000U);
}

TEST(OpenRequestBody, RefusesADeviceWithoutEnd) {
  MemoryTerminal terminal;
  const auto body = OpenRequestBody("@/dev/zero", terminal);
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(body.error().message,
            "/dev/zero gives more than the 64 MiB that can be sent from a pipe");
}

}  // namespace
}  // namespace portolan::cli
