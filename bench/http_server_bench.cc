// A trivial service on the HTTP server, to be measured with wrk, curl or bench/http_server.py:
//   http_server_bench [ADDRESS [FILE [LOOPS [CONGESTION]]]]
// GET /v2/ gives two bytes, GET /blob the file, and every request with a body reads and drops it.
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "portolan/base/clock.h"
#include "portolan/base/log.h"
#include "portolan/http/server.h"

namespace {

namespace http = portolan::http;

class BenchService final : public http::Service {
 public:
  explicit BenchService(const char* path) {
    if (path == nullptr) return;
    file_.fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat info{};
    if (file_.fd >= 0 && fstat(file_.fd, &info) == 0) {
      file_.size = static_cast<std::uint64_t>(info.st_size);
    }
  }

  portolan::async::Task<http::Response> Handle(http::Request request) override {
    if (request.body) {
      const std::unique_ptr<http::BodyReader> body = request.body();
      for (;;) {
        const portolan::Result<std::string_view> piece = co_await body->Next();
        if (!piece || piece->empty()) break;
      }
    }
    http::Response response;
    response.status = 200;
    if (request.url.target == "/blob" && file_.fd >= 0) {
      response.headers.Add("Content-Type", "application/octet-stream");
      response.body = http::NewFileBody(file_);
    } else {
      response.headers.Add("Content-Type", "application/json");
      response.body = http::NewTextBody("{}");
    }
    co_return response;
  }

 private:
  http::FileRange file_;
};

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  BenchService service(argc > 2 && argv[2][0] != '\0' ? argv[2] : nullptr);
  portolan::NullLog log;
  http::ServerOptions options;
  options.listen = {argc > 1 ? argv[1] : "127.0.0.1:5080"};
  if (argc > 3) options.loops = std::atoi(argv[3]);
  if (argc > 4) options.tcp_congestion = argv[4];
  const char* const certificate = std::getenv("BENCH_CERTIFICATE");
  const char* const key = std::getenv("BENCH_KEY");
  if (certificate != nullptr && key != nullptr) {
    options.tls = {.certificate = certificate, .key = key};
  }
  auto server = http::StartServer(std::move(options), service, portolan::SystemClock(), log);
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().message.c_str());
    return 1;
  }
  for (const std::string& address : (*server)->addresses()) std::printf("%s\n", address.c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ends, &signal);
  (*server)->Stop();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("cpu_seconds user %.3f system %.3f\n", Seconds(usage.ru_utime),
              Seconds(usage.ru_stime));
  return 0;
}
