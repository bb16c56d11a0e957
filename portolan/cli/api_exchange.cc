#include "portolan/cli/api_exchange.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/url.h"
#include "portolan/wire/error_body.h"

namespace portolan::cli {
namespace {

using RawResponse = client::Registries::RawResponse;

Status WriteHead(const http::Response& response, Terminal& terminal) {
  std::string head = fmt::format("HTTP/{} {}\n", response.version, response.status);
  // A terminal would obey what a registry wrote there; a file gets the bytes as they came.
  const auto shown = [&](const std::string& text) {
    return terminal.out_is_terminal() ? Printable(text, text.size()) : text;
  };
  for (const auto& field : response.headers.fields()) {
    head += fmt::format("{}: {}\n", shown(field.name), shown(field.value));
  }
  head += '\n';
  return terminal.Write(head);
}

// What was seen of a body while it passed by.
struct Passed {
  std::string start;  // at most `Limits::error_body`
  char last = '\n';   // of an empty body too: no line is open
};

async::Task<Result<Passed>> WriteBody(http::BodyReader& body, Terminal& terminal,
                                      const Limits& limits) {
  Passed passed;
  for (;;) {
    PORTOLAN_CO_TRY(const std::string_view piece, co_await body.Next());
    if (piece.empty()) co_return passed;
    if (terminal.out_is_terminal() && piece.contains('\0')) {
      co_return Fail(ErrorCode::kUsage, "the answer is binary data, which a terminal cannot show",
                     "redirect it: > FILE");
    }
    PORTOLAN_CO_CHECK(terminal.Write(piece));
    passed.start +=
        piece.substr(0, limits.error_body - std::min(passed.start.size(), limits.error_body));
    passed.last = piece.back();
  }
}

Error RefusalOf(const RawResponse& raw, const client::Target& target,
                const client::RawRequest& request, std::string_view body) {
  // Without queries: a redirect's may hold a signature that is as good as a password.
  std::string_view path = std::string_view(request.path).substr(0, request.path.find('?'));
  const auto whole = Url::Parse(request.path);  // a URL of the registry's own
  if (whole) path = whole->Path();
  std::string what = fmt::format("{} {}", request.method, path);
  if (!raw.url.Path().ends_with(path)) {
    what += fmt::format(" (redirected to {})", raw.url.origin.ToString());
  }
  what += " of " + target.Name();  // last: hints take the registry from there
  return wire::ToError(raw.response.status, wire::ErrorBody::Parse(body), what);
}

}  // namespace

async::Task<Status> RunApiExchange(client::Registries& registries, const ApiExchange& exchange,
                                   Terminal& terminal, const Limits& limits) {
  client::RawRequest request = exchange.request;
  for (int page = 1;; ++page) {
    PORTOLAN_CO_TRY(RawResponse raw, co_await registries.Send(exchange.target, request));
    if (exchange.show_head) PORTOLAN_CO_CHECK(WriteHead(raw.response, terminal));
    PORTOLAN_CO_TRY(const Passed passed, co_await WriteBody(*raw.response.body, terminal, limits));
    if (raw.response.status >= 400)
      co_return RefusalOf(raw, exchange.target, request, passed.start);
    if (!exchange.paginate) co_return Status();
    std::optional<std::string> next = registries.NextPage(raw);
    if (!next) co_return Status();
    if (page >= limits.max_pages) {
      co_return Fail(ErrorCode::kTooLarge,
                     fmt::format("the listing has more than {} pages", limits.max_pages));
    }
    if (passed.last != '\n') PORTOLAN_CO_CHECK(terminal.Write("\n"));
    request.path = *std::move(next);
  }
}

}  // namespace portolan::cli
