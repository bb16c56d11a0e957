#include "portolan/server/operations.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "portolan/http/body.h"

namespace portolan::server {
namespace {

constexpr std::size_t kMaxFaultsText = 64U << 10U;

http::Response Text(int status, std::string text,
                    std::string_view content_type = "text/plain; charset=utf-8") {
  http::Response response;
  response.status = status;
  response.headers.Add("Content-Type", content_type);
  response.body = http::NewTextBody(std::move(text));
  return response;
}

class Operations final : public http::Service {
 public:
  Operations(const Metrics& metrics, std::function<std::vector<Sample>()> samples,
             std::function<bool()> ready, Faults* faults)
      : metrics_(metrics),
        samples_(std::move(samples)),
        ready_(std::move(ready)),
        faults_(faults) {}

  async::Task<http::Response> Handle(http::Request request) override {
    const std::string_view path = request.url.Path();
    if (path == "/faults" && faults_ != nullptr) co_return co_await OnFaults(request);
    if (request.method != "GET" && request.method != "HEAD") {
      http::Response response = Text(405, "only GET and HEAD\n");
      response.headers.Add("Allow", "GET, HEAD");
      co_return response;
    }
    if (path == "/healthz") co_return Text(200, "ok\n");
    if (path == "/readyz") {
      co_return ready_() ? Text(200, "ok\n") : Text(503, "the storage cannot be read\n");
    }
    if (path == "/metrics") {
      co_return Text(200, metrics_.Render(samples_()), "text/plain; version=0.0.4; charset=utf-8");
    }
    co_return Text(404, "expected /healthz, /readyz or /metrics\n");
  }

 private:
  async::Task<http::Response> OnFaults(http::Request& request) {
    if (request.method == "DELETE") {
      faults_->Set({});
    } else if (request.method == "PUT") {
      if (!request.body) co_return Text(400, "the body is empty: one fault a line is expected\n");
      const std::unique_ptr<http::BodyReader> body = request.body();
      const Result<std::string> text = co_await http::ReadAll(*body, kMaxFaultsText);
      if (!text) co_return Text(400, "the body did not come whole, or is too long\n");
      if (const Status set = faults_->SetText(*text); !set) {
        co_return Text(400, set.error().message + "\n" + set.error().hint + "\n");
      }
    } else if (request.method != "GET" && request.method != "HEAD") {
      http::Response response = Text(405, "only GET, PUT and DELETE\n");
      response.headers.Add("Allow", "GET, HEAD, PUT, DELETE");
      co_return response;
    }
    co_return Text(200, faults_->Text());
  }

  const Metrics& metrics_;
  std::function<std::vector<Sample>()> samples_;
  std::function<bool()> ready_;
  Faults* const faults_;
};

}  // namespace

std::unique_ptr<http::Service> NewOperations(const Metrics& metrics,
                                             std::function<std::vector<Sample>()> samples,
                                             std::function<bool()> ready, Faults* faults) {
  return std::make_unique<Operations>(metrics, std::move(samples), std::move(ready), faults);
}

}  // namespace portolan::server
