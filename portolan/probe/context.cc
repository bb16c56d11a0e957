#include "portolan/probe/context.h"

#include <utility>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/probe/answer.h"
#include "portolan/wire/link.h"
#include "portolan/wire/list.h"
#include "portolan/wire/route.h"

namespace portolan::probe {
namespace {

// More than any page of tags that a registry is likely to send at once.
constexpr std::size_t kMaxBody = 16U << 20U;
constexpr int kMaxSilent = 2;

}  // namespace

std::string Reply::Outcome() const {
  if (status == 0) return failure;
  std::string out = std::to_string(status);
  if (status >= 400) {
    if (const std::string code = ErrorCodeOf(body); !code.empty()) out += " " + code;
  }
  if (from_token_endpoint) out += " (token endpoint)";
  return out;
}

std::string Page::Why() const {
  if (reply.status == 0) return reply.failure;
  if (reply.cut) return reply.failure.empty() ? "the page is too large" : reply.failure;
  return reply.ok() ? "the answer is no list of tags" : "the answer was " + reply.Outcome();
}

std::vector<int> Context::Since(std::size_t before) const {
  std::vector<int> out;
  for (std::size_t i = before; i < recorder_.exchanges().size(); ++i) {
    out.push_back(recorder_.exchanges()[i]->number);
  }
  return out;
}

std::string Context::Ended() const {
  if (silent_ >= kMaxSilent) return "the registry no longer answered";
  return recorder_.Exhausted();
}

async::Task<Reply> Context::Ask(Wish wish) {
  Reply reply;
  if (reply.failure = Ended(); !reply.failure.empty()) co_return reply;
  const std::size_t before = recorder_.exchanges().size();
  client::RawRequest request{.method = wish.method,
                             .path = std::move(wish.path),
                             .headers = std::move(wish.headers),
                             .body = {},
                             .content_length = std::nullopt,
                             .bare = wish.bare,
                             .follow_redirects = wish.follow_redirects};
  if (wish.body) {
    request.content_length = wish.body->size();
    request.body = [body = *wish.body] { return http::NewTextBody(body); };
  }
  Result<client::Registries::RawResponse> raw =
      co_await registries_.Send(wish.target.value_or(target), request);
  if (raw) {
    reply.status = raw->response.status;
    reply.headers = raw->response.headers;
    Result<std::string> body = co_await http::ReadAll(*raw->response.body, kMaxBody);
    if (body) {
      reply.body = *std::move(body);
    } else {
      reply.cut = true;
      reply.failure = Printable(body.error().message);
    }
  } else {
    reply.failure = Printable(raw.error().message);
    reply.error = raw.error();
  }
  reply.exchanges = Since(before);
  if (!raw && !reply.exchanges.empty() && recorder_.exchanges().back()->status >= 400) {
    // The token endpoint's: the error of the client has its status, too.
    const Exchange& last = *recorder_.exchanges().back();
    reply.status = last.status;
    reply.headers = last.headers;
    reply.body = last.body;
    reply.from_token_endpoint = true;
  }
  silent_ = reply.status == 0 || reply.cut ? silent_ + 1 : 0;
  co_return reply;
}

async::Task<Page> Context::AskTags(std::string query, bool bare) {
  std::string path = wire::RepositoryPath(*target.repository, "tags/list");
  if (!query.empty()) path += "?" + query;
  co_return co_await AskTagsAt(std::move(path), bare);
}

async::Task<Page> Context::AskTagsAt(std::string path, bool bare) {
  if (bare) co_return co_await FetchTags(std::move(path), true);
  if (const auto known = pages_.find(path); known != pages_.end()) co_return known->second;
  Page page = co_await FetchTags(path, false);
  pages_.emplace(std::move(path), page);
  co_return page;
}

async::Task<Page> Context::FetchTags(std::string path, bool bare) {
  Page page;
  page.path = path;
  page.reply = co_await Ask({.path = std::move(path), .bare = bare});
  if (!page.reply.ok() || page.reply.cut) co_return page;
  wire::ListParser parser("tags", limits_,
                          [&](std::string_view tag) { page.tags.emplace_back(tag); });
  const Status read = parser.Feed(page.reply.body);
  page.is_list = read && parser.Finish();
  page.link = page.reply.headers.Get("Link");
  if (!page.link.empty()) page.next = wire::NextTarget(page.reply.headers.GetAll("Link"));
  co_return page;
}

async::Task<std::string> Context::FetchToken() {
  if (std::string why = Ended(); !why.empty()) co_return why;
  const Result<client::TokenInfo> token = co_await registries_.FetchToken(target, {});
  co_return token ? std::string() : Printable(token.error().message);
}

}  // namespace portolan::probe
