#include "portolan/client/vendor_api.h"

#include <utility>

#include <fmt/format.h>

#include "portolan/wire/error_body.h"

namespace portolan::client {
namespace {

constexpr std::size_t kMaxReply = 16U << 20U;  // a page of a hundred tags has some hundred KiB

}  // namespace

VendorApi::VendorApi(Sender& sender, const Limits& limits, Url base,
                     std::shared_ptr<const http::TlsSettings> tls)
    : sender_(sender),
      limits_(limits),
      base_(std::move(base)),
      prefix_(base_.Path()),
      tls_(std::move(tls)) {
  while (prefix_.ends_with('/')) prefix_.pop_back();
}

async::Task<Result<VendorApi::Answer>> VendorApi::Send(Call call) {
  http::Request request;
  request.method = std::move(call.method);
  request.url = Url{.origin = base_.origin, .target = prefix_ + call.target};
  request.headers = std::move(call.headers);
  if (!request.headers.Has("Accept")) request.headers.Add("Accept", "application/json");
  if (!call.token.empty()) {
    request.headers.Add("Authorization", "Bearer " + call.token.Reveal());
  }
  if (call.json) {
    request.headers.Add("Content-Type", "application/json");
    request.content_length = call.json->size();
    request.body = [text = *std::move(call.json)] { return http::NewTextBody(text); };
  }
  request.tls = tls_;
  PORTOLAN_CO_TRY(Sender::Answer answer, co_await sender_.Send(std::move(request), false));
  Answer out{
      .status = answer.response.status, .headers = std::move(answer.response.headers), .body = {}};
  if (out.status >= 400) {
    out.body = co_await http::ReadStart(*answer.response.body, limits_.error_body);
    co_return out;
  }
  PORTOLAN_CO_TRY(out.body, co_await http::ReadAll(*answer.response.body, kMaxReply));
  co_return out;
}

Result<std::string> VendorApi::TargetOf(std::string_view address) const {
  PORTOLAN_TRY(Url url, base_.Resolve(address));
  // Without the scheme: behind a proxy that ends TLS, services give out http.
  if (url.origin.host != base_.origin.host) {
    return Fail(ErrorCode::kUnsafeTarget,
                fmt::format("{} points to another host for the next page: {}", name(),
                            url.origin.ToString()));
  }
  std::string target = std::move(url.target);
  if (!prefix_.empty() && target.starts_with(prefix_ + "/")) target.erase(0, prefix_.size());
  return target;
}

Error VendorError(const VendorApi::Answer& answer, std::string_view what) {
  Error error = wire::ToError(answer.status, wire::ErrorBody::Parse(answer.body), what);
  // A vendor's API is no registry: there is no logging in to it by its address.
  switch (error.code) {
    case ErrorCode::kUnauthorized:
    case ErrorCode::kDenied:
    case ErrorCode::kNameUnknown:
      error.hint = "check the spelling, and the token or password that this API was shown";
      break;
    case ErrorCode::kTooManyRequests:
      error.hint = "wait before trying again";
      break;
    default:
      break;
  }
  return error;
}

}  // namespace portolan::client
