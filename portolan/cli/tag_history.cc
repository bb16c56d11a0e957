#include "portolan/cli/tag_history.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "portolan/base/url.h"
#include "portolan/http/body.h"
#include "portolan/wire/error_body.h"

namespace portolan::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxReply = 8U << 20U;
constexpr std::string_view kNoHistory =
    "only a Portolan registry keeps a history of tags; other registries do not tell";

Error NotUnderstood(const client::Target& target) {
  return Fail(ErrorCode::kProtocol,
              fmt::format("the answer of {} is not a history of tags", target.registry.text()),
              std::string(kNoHistory));
}

// An answer that is not a success. A registry without the extension takes the path for nonsense:
// only ours says in the specification's words what it does not know.
Error Refused(int status, std::string_view body, const client::Target& target) {
  const wire::ErrorBody parsed = wire::ErrorBody::Parse(body);
  const bool from_extension =
      parsed.Has("NAME_UNKNOWN") || parsed.Has("MANIFEST_UNKNOWN") || parsed.Has("TAG_INVALID");
  if (status == 405 || (status == 404 && !from_extension)) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("{} has no history of tags", target.registry.text()),
                std::string(kNoHistory));
  }
  return wire::ToError(status, parsed, "the history of tags of " + target.Name());
}

async::Task<Result<std::pair<client::Registries::RawResponse, std::string>>> Ask(
    client::Registries& registries, const client::Target& target, client::RawRequest request,
    const Limits& limits) {
  PORTOLAN_CO_TRY(client::Registries::RawResponse raw, co_await registries.Send(target, request));
  if (raw.response.status != 200) {
    const std::string body = co_await http::ReadStart(*raw.response.body, limits.error_body);
    co_return Refused(raw.response.status, body, target);
  }
  PORTOLAN_CO_TRY(std::string body, co_await http::ReadAll(*raw.response.body, kMaxReply));
  co_return std::pair(std::move(raw), std::move(body));
}

// A member that is a text, or null or missing (empty).
std::optional<std::string> TextOf(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return std::string();
  if (!value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

std::optional<TagEvent> ParseEvent(const json::value& value) {
  const json::object* const object = value.if_object();
  if (object == nullptr) return std::nullopt;
  TagEvent event;
  const std::pair<std::string_view, std::string*> texts[] = {{"tag", &event.tag},
                                                             {"at", &event.at},
                                                             {"by", &event.by},
                                                             {"before", &event.before},
                                                             {"after", &event.after}};
  for (const auto& [name, text] : texts) {
    std::optional<std::string> found = TextOf(*object, name);
    if (!found) return std::nullopt;
    *text = *std::move(found);
  }
  if (const json::value* id = object->if_contains("id"); id != nullptr && id->is_int64()) {
    event.id = id->get_int64();
  }
  const json::value* const restorable = object->if_contains("restorable");
  event.restorable = restorable != nullptr && restorable->is_bool() && restorable->get_bool();
  return event;
}

// The page's events; empty where it is none.
const json::array* EventsOf(const json::value& page) {
  const json::object* const object = page.if_object();
  const json::value* const events = object == nullptr ? nullptr : object->if_contains("events");
  return events == nullptr ? nullptr : events->if_array();
}

}  // namespace

async::Task<Status> ListTagEvents(
    client::Registries& registries, const client::Target& target, const std::string& tag,
    std::size_t limit, const Limits& limits,
    std::function<Status(const TagEvent& event, const std::string& raw)> sink) {
  constexpr std::size_t kPage = 1000;
  client::RawRequest request;
  request.path = fmt::format("_portolan/tags/history?n={}", std::min(limit, kPage));
  if (!tag.empty()) request.path += "&tag=" + PercentEncode(tag);
  std::size_t given = 0;
  for (int page_number = 1; page_number <= limits.max_pages; ++page_number) {
    PORTOLAN_CO_TRY(const auto reply, co_await Ask(registries, target, request, limits));
    boost::system::error_code error;
    const json::value page = json::parse(reply.second, error);
    const json::array* const events = error ? nullptr : EventsOf(page);
    if (events == nullptr) co_return NotUnderstood(target);
    for (const json::value& value : *events) {
      const std::optional<TagEvent> event = ParseEvent(value);
      if (!event) co_return NotUnderstood(target);
      if (given++ == limit) co_return Status();
      PORTOLAN_CO_CHECK(sink(*event, json::serialize(value)));
    }
    std::optional<std::string> next = registries.NextPage(reply.first);
    if (!next) co_return Status();
    request.path = *std::move(next);
  }
  co_return Fail(ErrorCode::kTooLarge,
                 fmt::format("the history has more than {} pages", limits.max_pages));
}

async::Task<Result<std::string>> RestoreTag(client::Registries& registries,
                                            const client::Target& target, const std::string& tag,
                                            const std::string& digest, const Limits& limits) {
  client::RawRequest request;
  request.method = "POST";
  request.path = "_portolan/tags/restore?tag=" + PercentEncode(tag);
  if (!digest.empty()) request.path += "&digest=" + PercentEncode(digest);
  request.body = [] { return http::NewTextBody({}); };
  request.content_length = 0;
  PORTOLAN_CO_TRY(const auto reply, co_await Ask(registries, target, request, limits));
  boost::system::error_code error;
  const json::value answer = json::parse(reply.second, error);
  const json::object* const object = error ? nullptr : answer.if_object();
  const std::optional<std::string> restored =
      object == nullptr ? std::nullopt : TextOf(*object, "digest");
  if (!restored || restored->empty()) co_return NotUnderstood(target);
  co_return *restored;
}

}  // namespace portolan::cli
