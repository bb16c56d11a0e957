// What faults do to requests and answers.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "portolan/async/event.h"
#include "portolan/base/text.h"
#include "portolan/http/answer_head.h"
#include "portolan/http/body.h"
#include "portolan/server/faults.h"

namespace portolan::server {
namespace {

using std::chrono::seconds;

// Longer than any client waits, and than the server lets an answer rest.
constexpr std::chrono::milliseconds kForever = std::chrono::hours(1);
// Of a list whose tags are changed: others go as they are.
constexpr std::size_t kMaxList = 8U << 20U;

// Another's body, which breaks, rests or drips.
class FaultyBody final : public http::BodyReader {
 public:
  FaultyBody(std::unique_ptr<http::BodyReader> inner, std::shared_ptr<const Fault> fault)
      : inner_(std::move(inner)), fault_(std::move(fault)), size_(inner_->size()) {}

  async::Task<Result<std::string_view>> Next() override {
    if (given_ >= fault_->stall.value_or(kAll)) PORTOLAN_CO_CHECK(co_await async::Sleep(kForever));
    if (given_ >= fault_->cut.value_or(kAll)) {
      co_return Fail(ErrorCode::kConnectFailed, "the answer was cut on purpose");
    }
    if (rest_.empty()) {
      PORTOLAN_CO_TRY(rest_, co_await inner_->Next());
      if (rest_.empty()) co_return std::string_view();
    }
    std::uint64_t size = rest_.size();
    size = std::min(size, fault_->stall.value_or(kAll) - given_);
    size = std::min(size, fault_->cut.value_or(kAll) - given_);
    if (fault_->bytes_per_second > 0) {
      if (given_ > 0) PORTOLAN_CO_CHECK(co_await async::Sleep(seconds(1)));
      size = std::min(size, fault_->bytes_per_second);
    }
    const std::string_view piece = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(piece.size());
    given_ += piece.size();
    co_return piece;
  }
  std::optional<std::uint64_t> size() const override { return size_; }

 private:
  static constexpr std::uint64_t kAll = static_cast<std::uint64_t>(-1);

  std::unique_ptr<http::BodyReader> inner_;
  const std::shared_ptr<const Fault> fault_;
  const std::optional<std::uint64_t> size_;
  std::string_view rest_;  // of inner_'s piece
  std::uint64_t given_ = 0;
};

void ChangeLink(Fault::Link how, const http::Request& asked, http::Response& response) {
  const std::string_view link = response.headers.Get("Link");
  const std::size_t close = link.find('>');
  std::string target;  // of the Link, if there is one
  if (link.starts_with('<') && close != std::string_view::npos) target = link.substr(1, close - 1);
  const bool has_next = !target.empty();
  response.headers.Remove("Link");
  const auto set = [&](const std::string& to) {
    response.headers.Add("Link", fmt::format("<{}>; rel=\"next\"", to));
  };
  if (how == Fault::Link::kLoop) return set(asked.url.target);
  if (!has_next || how == Fault::Link::kNone) return;
  // A registry that knows its address says it in its Links.
  if (const std::size_t scheme = target.find("://"); scheme != std::string::npos) {
    target.erase(0, std::min(target.find('/', scheme + 3), target.size()));
  }
  if (!target.starts_with('/')) return set(target);
  if (how == Fault::Link::kOtherHost) return set("https://other.invalid" + target);
  if (how == Fault::Link::kHttp) return set("http://" + asked.url.origin.HostPort() + target);
  set(asked.url.origin.ToString() + target);
}

// Adds to a list of tags what should not be in it.
void ChangeTags(Fault::Tags how, std::string& body) {
  constexpr std::string_view kList = "\"tags\":[";
  const std::size_t begin = body.find(kList);
  const std::size_t end = begin == std::string::npos ? begin : body.find(']', begin);
  if (end == std::string::npos) return;
  const std::size_t first = begin + kList.size();
  const std::string tag = body.substr(first, body.find_first_of(",]", first) - first);
  if (tag.empty()) return;
  std::string more = ",null";
  if (how == Fault::Tags::kTwice) more = "," + tag;
  if (how == Fault::Tags::kInvalid) more = R"(,"","no tag!","../../etc/passwd")";
  body.insert(end, more);
}

class FaultyService final : public http::Service {
 public:
  FaultyService(http::Service& inner, Faults& faults, const Clock& clock)
      : inner_(inner), faults_(faults), clock_(clock) {}

  async::Task<http::Response> Handle(http::Request request) override {
    const std::shared_ptr<const Fault> fault = faults_.For(request.method, request.url.Path());
    if (!fault) co_return co_await inner_.Handle(std::move(request));
    if (fault->delay.count() > 0 && !co_await async::Sleep(fault->delay)) {
      co_return Instead(*fault, 503);
    }
    if (fault->status != 0) co_return WithBody(fault, Instead(*fault, fault->status));
    // The registry finds its own words for that.
    if (fault->expired_token) {
      request.headers.Set("Authorization", "Bearer " + std::string(dialect::kLateToken));
    }
    const http::Request asked{.method = request.method, .url = request.url};
    http::Response response = co_await inner_.Handle(std::move(request));
    if (fault->link != Fault::Link::kAsItIs) ChangeLink(fault->link, asked, response);
    if (fault->tags != Fault::Tags::kAsTheyAre) co_await ChangeList(fault->tags, response);
    co_return WithBody(fault, std::move(response));
  }

 private:
  static http::Response WithBody(const std::shared_ptr<const Fault>& fault,
                                 http::Response response) {
    if (fault->cut || fault->stall || fault->bytes_per_second > 0) {
      response.body = std::make_unique<FaultyBody>(std::move(response.body), fault);
    }
    return response;
  }
  static async::Task<void> ChangeList(Fault::Tags how, http::Response& response) {
    const std::optional<std::uint64_t> size = response.body->size();
    if (!size || *size > kMaxList) co_return;
    Result<std::string> body = co_await http::ReadAll(*response.body, kMaxList);
    if (!body) co_return;
    ChangeTags(how, *body);
    response.body = http::NewTextBody(*std::move(body));
  }

  http::Response Instead(const Fault& fault, int status) const {
    http::Response response;
    response.status = status;
    response.headers.Add("Content-Type", "text/plain; charset=utf-8");
    response.body = http::NewTextBody("a fault that was made on purpose\n");
    const auto when = std::chrono::floor<seconds>(clock_.WallNow()) + fault.retry_in;
    switch (fault.retry_after) {
      case Fault::RetryAfter::kNone:
        break;
      case Fault::RetryAfter::kSeconds:
        response.headers.Add("Retry-After", std::to_string(fault.retry_in.count()));
        break;
      case Fault::RetryAfter::kDate:
        response.headers.Add("Retry-After", http::HttpDate().At(when));
        break;
      case Fault::RetryAfter::kUnixTime:
        response.headers.Add("X-Retry-After", std::to_string(when.time_since_epoch().count()));
        break;
    }
    return response;
  }

  http::Service& inner_;
  Faults& faults_;
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<http::Service> WithFaults(http::Service& inner, Faults& faults,
                                          const Clock& clock) {
  return std::make_unique<FaultyService>(inner, faults, clock);
}

}  // namespace portolan::server
