// portolan api: one raw request with the authentication that the registry wants.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"
#include "portolan/base/url.h"
#include "portolan/cli/api_body.h"
#include "portolan/cli/api_exchange.h"
#include "portolan/cli/command.h"
#include "portolan/cli/session.h"
#include "portolan/cli/target.h"

namespace portolan::cli {
namespace {

constexpr std::string_view kManual =
#include "portolan/cli/manual/api.md.inc"
    ;

Result<http::Headers::Field> ParseHeader(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  if (colon == std::string_view::npos || !IsHttpToken(name)) {
    return Fail(ErrorCode::kUsage, fmt::format("{} is not a header", Printable(text)),
                "write -H 'Name: value'");
  }
  const std::string_view value = TrimSpace(text.substr(colon + 1));
  const bool has_control = std::ranges::any_of(value, [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
  });
  if (has_control) {
    return Fail(ErrorCode::kUsage,
                fmt::format("the value of header {} has a control character", name));
  }
  // The value may be a secret: no message shows it.
  if (EqualsIgnoreCase(name, "Authorization") || EqualsIgnoreCase(name, "Proxy-Authorization")) {
    return Fail(ErrorCode::kUsage, fmt::format("header {} cannot be given", name),
                "Portolan authenticates by itself; --registry-token sends a token of yours");
  }
  for (const char* own : {"Host", "Content-Length", "Transfer-Encoding", "Connection"}) {
    if (EqualsIgnoreCase(name, own)) {
      return Fail(ErrorCode::kUsage,
                  fmt::format("header {} cannot be given: it follows from the request", name));
    }
  }
  return http::Headers::Field{.name = std::string(name), .value = std::string(value)};
}

Status CheckPath(std::string_view path) {
  if (path.empty()) return Fail(ErrorCode::kUsage, "the path is empty");
  const bool plain =
      std::ranges::all_of(path, [](char c) { return c > ' ' && c < 0x7F && c != '#'; });
  if (!plain) {
    return Fail(
        ErrorCode::kUsage,
        fmt::format("the path {} has characters that must be percent-encoded", Printable(path)));
  }
  return {};
}

class ApiCommand final : public Command {
 public:
  std::string_view name() const override { return "api"; }
  std::string_view manual() const override { return kManual; }
  void Declare(CLI::App& app) override;
  Status Run(const World& world, const GlobalFlags& global) override;

 private:
  Result<std::string> Method() const;
  Status AddBody(client::RawRequest& request, Terminal& terminal) const;
  Result<client::RawRequest> MakeRequest(Terminal& terminal) const;

  RegistryFlags registry_flags_;
  std::string reference_;
  std::string path_;
  std::optional<std::string> method_;
  std::vector<std::string> headers_;
  std::optional<std::string> data_;
  bool include_ = false;
  bool head_ = false;
  bool paginate_ = false;
};

void ApiCommand::Declare(CLI::App& app) {
  app.add_option("REF", reference_, "repository, or the registry alone")->required();
  app.add_option("PATH", path_, "below the repository, from / on, or a URL of the registry")
      ->required();
  app.add_option("-X,--method", method_, "request method (GET; POST with --data)")
      ->type_name("METHOD");
  // CLI11 would take every word that follows as one more header.
  app.add_option("-H,--header", headers_, "header field to send, 'Name: value'; repeatable")
      ->type_name("FIELD")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("-d,--data", data_, "body: @FILE, @- for standard input, or the text itself")
      ->type_name("DATA");
  app.add_flag("-i,--include", include_, "print status line and headers before the body");
  app.add_flag("--head", head_, "send HEAD, and print status line and headers");
  app.add_flag("--paginate", paginate_, "follow Link headers and print every page");
  DeclareRegistryFlags(app, registry_flags_);
}

Result<std::string> ApiCommand::Method() const {
  std::string method = data_ ? "POST" : "GET";
  if (method_) {
    if (!IsHttpToken(*method_)) {
      return Fail(ErrorCode::kUsage, fmt::format("{} is not a method", Printable(*method_)));
    }
    method = *method_;
    std::ranges::transform(method, method.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    });
  }
  if (head_ && ((method_ && method != "HEAD") || data_)) {
    return Fail(ErrorCode::kUsage, "--head excludes --data and every other --method");
  }
  if (head_) method = "HEAD";
  if (data_ && (method == "GET" || method == "HEAD")) {
    return Fail(ErrorCode::kUsage, fmt::format("{} has no body: --data excludes it", method));
  }
  if (paginate_ && method != "GET") {
    return Fail(ErrorCode::kUsage, fmt::format("--paginate needs GET, not {}", method));
  }
  return method;
}

Status ApiCommand::AddBody(client::RawRequest& request, Terminal& terminal) const {
  PORTOLAN_TRY(RequestBody body, OpenRequestBody(*data_, terminal));
  request.body = std::move(body.factory);
  request.content_length = body.length;
  if (!request.headers.Has("Content-Type")) {
    request.headers.Add("Content-Type", "application/octet-stream");
  }
  return {};
}

Result<client::RawRequest> ApiCommand::MakeRequest(Terminal& terminal) const {
  PORTOLAN_CHECK(CheckPath(path_));
  client::RawRequest request;
  request.path = path_;
  PORTOLAN_TRY(request.method, Method());
  for (const std::string& text : headers_) {
    PORTOLAN_TRY(const auto field, ParseHeader(text));
    request.headers.Add(field.name, field.value);
  }
  if (data_) PORTOLAN_CHECK(AddBody(request, terminal));
  return request;
}

Status ApiCommand::Run(const World& world, const GlobalFlags& global) {
  PORTOLAN_TRY(client::RawRequest request, MakeRequest(world.terminal));
  PORTOLAN_TRY(const auto session, Session::Open(world, global, registry_flags_));
  // `ubuntu:7 tags/list` must be the image's; `myhost:5000 /v2/` cannot be anything but a registry.
  const bool from_root = path_.starts_with('/') || IsWebAddress(path_);
  const auto rule = from_root ? RegistryRule::kDottedOrPorted : RegistryRule::kDotted;
  PORTOLAN_TRY(auto targets, ResolveTargets(session->registries(), reference_, rule));
  const bool show_head = include_ || request.method == "HEAD";
  const ApiExchange exchange{.target = std::move(targets.front()),
                             .request = std::move(request),
                             .show_head = show_head,
                             .paginate = paginate_};
  Status status = session->Run(
      RunApiExchange(session->registries(), exchange, world.terminal, session->limits()));
  // What came before a failure is shown too.
  Status flushed = world.terminal.Flush();
  return status ? flushed : status;
}

}  // namespace

std::unique_ptr<Command> NewApiCommand() { return std::make_unique<ApiCommand>(); }

}  // namespace portolan::cli
