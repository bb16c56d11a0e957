#include "portolan/admin/systemd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "portolan/base/unique_fd.h"

namespace portolan::admin {
namespace {

Environment With(std::map<std::string, std::string> variables) {
  return {.variables = std::move(variables), .home = "/", .uid = 0};
}

TEST(HandedSockets, OnlyForThisProcess) {
  const std::string self = std::to_string(getpid());
  struct Row {
    const char* name;
    std::map<std::string, std::string> variables;
    std::vector<int> sockets;
  };
  const Row rows[] = {
      {"nothing", {}, {}},
      {"two", {{"LISTEN_FDS", "2"}, {"LISTEN_PID", self}}, {3, 4}},
      {"another process", {{"LISTEN_FDS", "2"}, {"LISTEN_PID", "1"}}, {}},
      {"no process", {{"LISTEN_FDS", "2"}}, {}},
      {"no number", {{"LISTEN_FDS", "two"}, {"LISTEN_PID", self}}, {}},
      {"negative", {{"LISTEN_FDS", "-1"}, {"LISTEN_PID", self}}, {}},
      {"too many", {{"LISTEN_FDS", "100000"}, {"LISTEN_PID", self}}, {}},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(HandedSockets(With(row.variables)), row.sockets) << row.name;
  }
}

TEST(IsOpenToOthers, KnowsLoopback) {
  struct Row {
    const char* name;
    in_addr_t address;
    bool open;
  };
  for (const Row& row : {Row{"loopback", INADDR_LOOPBACK, false}, Row{"any", INADDR_ANY, true}}) {
    const UniqueFd fd(socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(row.address);
    ASSERT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(IsOpenToOthers(fd.get()), row.open) << row.name;
  }
  EXPECT_FALSE(IsOpenToOthers(UniqueFd(socket(AF_UNIX, SOCK_STREAM, 0)).get()));
  EXPECT_TRUE(IsOpenToOthers(-1));
}

TEST(Notify, SendsToTheSocketThatIsNamed) {
  std::string folder = "/tmp/portolan-notify.XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/notify";
  const UniqueFd fd(socket(AF_UNIX, SOCK_DGRAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size());
  ASSERT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  Notify(With({{"NOTIFY_SOCKET", path}}), "READY=1");
  std::array<char, 100> buffer{};
  const ssize_t count = recv(fd.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  ASSERT_GT(count, 0);
  EXPECT_EQ(std::string(buffer.data(), static_cast<std::size_t>(count)), "READY=1");
  unlink(path.c_str());
  rmdir(folder.c_str());
}

TEST(Notify, IsQuietWithoutAManager) {
  Notify(With({}), "READY=1");
  Notify(With({{"NOTIFY_SOCKET", "/no/such/socket"}}), "READY=1");
  Notify(With({{"NOTIFY_SOCKET", std::string(200, 'x')}}), "READY=1");
}

}  // namespace
}  // namespace portolan::admin
