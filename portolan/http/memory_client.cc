#include "portolan/http/client.h"

namespace portolan::http {
namespace {

class MemoryClient final : public Client {
 public:
  explicit MemoryClient(Service& service) : service_(service) {}

  async::Task<Result<Response>> Send(Request request) override {
    Response response = co_await service_.Handle(std::move(request));
    co_return Result<Response>(std::move(response));
  }

 private:
  Service& service_;
};

}  // namespace

std::unique_ptr<Client> NewClient(Service& service) {
  return std::make_unique<MemoryClient>(service);
}

}  // namespace portolan::http
