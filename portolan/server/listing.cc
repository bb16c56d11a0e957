// Lists of tags and of repositories. Spec: "Listing Tags"; distribution: "Catalog".
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "portolan/async/pool.h"
#include "portolan/base/date.h"
#include "portolan/base/url.h"
#include "portolan/dialect/fernet.h"
#include "portolan/dialect/served.h"
#include "portolan/http/body.h"
#include "portolan/server/handlers.h"
#include "portolan/server/list_members.h"
#include "portolan/server/paging.h"
#include "portolan/server/reply.h"
#include "portolan/wire/reply.h"
#include "portolan/wire/route.h"

namespace portolan::server {
namespace {

// A page up to this is read on the loop: it takes less time than the way to the pool and back.
constexpr std::size_t kQuickPage = 256;
// What is read at a time of a list without a page size.
constexpr std::size_t kStreamPage = 10'000;
// Repositories that are looked at together, once some were not to be shown.
constexpr std::size_t kHiddenBatch = 1'000;

// Where a list goes on, and whether it does.
struct Cursor {
  std::string last;
  std::int64_t place = std::numeric_limits<std::int64_t>::min();  // in the order of places: there
  bool more = false;
};

// Adds tags by their places, from the cursor's on.
Result<Cursor> AddTagsByPlace(Backend& backend, const oci::RepositoryName& repository,
                              std::int64_t from, std::size_t limit, wire::ListBody& body) {
  Cursor cursor;
  std::size_t count = 0;
  PORTOLAN_CHECK(backend.storage().metadata().ListTagsByPlace(
      repository, from, limit + 1, [&](std::string_view tag, std::int64_t place) {
        if (++count > limit) {
          cursor.place = place;
          cursor.more = true;
          return;
        }
        body.Add(tag);
        if (count == limit) cursor.last = tag;
      }));
  return cursor;
}

// Adds tags after `last`, `limit` at most. One more is asked for, to know whether there are more.
Result<Cursor> AddTags(Backend& backend, const oci::RepositoryName& repository,
                       std::string_view last, std::size_t limit, wire::ListBody& body) {
  Cursor cursor;
  std::size_t count = 0;
  PORTOLAN_CHECK(
      backend.storage().metadata().ListTags(repository, last, limit + 1, [&](std::string_view tag) {
        if (++count > limit) {
          cursor.more = true;
          return;
        }
        body.Add(tag);
        if (count == limit) cursor.last = tag;
      }));
  return cursor;
}

std::string_view LineEnd(const Backend& backend) {
  return backend.parts.served != nullptr ? backend.parts.served->line_end : std::string_view();
}

// All tags, however many: read from the pool piece by piece, at the client's pace.
class TagStream final : public http::BodyReader {
 public:
  TagStream(Backend& backend, oci::RepositoryName repository, wire::ListBody body, Cursor cursor)
      : backend_(backend),
        repository_(std::move(repository)),
        body_(std::move(body)),
        cursor_(std::move(cursor)) {}

  async::Task<Result<std::string_view>> Next() override {
    if (body_.size() == 0) {
      if (!cursor_.more) co_return std::string_view();
      PORTOLAN_CO_TRY(cursor_, co_await async::OnPool(backend_.pool(), [this] {
                        return AddTags(backend_, repository_, cursor_.last, kStreamPage, body_);
                      }));
      if (!cursor_.more) body_.End(LineEnd(backend_));
    }
    piece_ = body_.Take();
    co_return std::string_view(piece_);
  }

 private:
  Backend& backend_;
  oci::RepositoryName repository_;
  wire::ListBody body_;
  Cursor cursor_;
  std::string piece_;
};

// Lists of tags are the same query in every dialect; how their pages are asked for differs.
const dialect::TagPages& PagesOf(const Backend& backend) {
  return backend.parts.served != nullptr ? backend.parts.served->tags : dialect::OwnTagPages();
}

// Where the request wants its list to begin. A cursor that cannot be opened begins anew.
Result<Cursor> StartOf(Backend& backend, const Call& call, const dialect::TagPages& pages) {
  Cursor start;
  start.last = call.query.Get("last").value_or("");
  if (pages.order == dialect::TagPages::Order::kName) return start;
  if (pages.read_cursor != nullptr) {
    const std::string_view token = call.query.Get("next_page").value_or(start.last);
    const std::optional<std::string> plain =
        dialect::FernetOpen(backend.cursor_key, token, UnixSeconds(backend.parts.clock.WallNow()),
                            pages.cursor_lifetime);
    if (plain) start.place = pages.read_cursor(*plain).value_or(start.place);
    return start;
  }
  if (start.last.empty()) return start;
  PORTOLAN_TRY(const std::optional<std::int64_t> place,
               backend.storage().metadata().FindTagPlace(call.repository(), start.last));
  start.place = place ? *place + 1 : std::numeric_limits<std::int64_t>::max();
  return start;
}

std::string NextQuery(const Backend& backend, const dialect::TagPages& pages, std::int64_t n,
                      const Cursor& cursor) {
  if (pages.write_cursor == nullptr) return pages.next({.n = n, .last = cursor.last});
  dialect::FernetIv iv{};
  backend.parts.random->Fill(iv);
  const std::string sealed =
      dialect::FernetSeal(backend.cursor_key, pages.write_cursor(cursor.place),
                          UnixSeconds(backend.parts.clock.WallNow()), iv);
  return pages.next({.n = n, .cursor = sealed});
}

std::string NextPath(std::string path, std::size_t n, std::string_view last) {
  return fmt::format("{}?n={}&last={}", path, n, PercentEncode(last));
}

Answer ListAllTags(Backend& backend, Call& call, std::string_view last) {
  wire::ListBody body = wire::ListBody::Tags(call.repository().text());
  PORTOLAN_CO_TRY(Cursor cursor, co_await async::OnPool(backend.pool(), [&] {
                    return AddTags(backend, call.repository(), last, kStreamPage, body);
                  }));
  if (!cursor.more) {
    body.End(LineEnd(backend));
    co_return JsonReply(200, body.Take());
  }
  http::Response response = JsonReply(200, {});
  response.body =
      std::make_unique<TagStream>(backend, call.repository(), std::move(body), std::move(cursor));
  co_return response;
}

// One page of the catalog: repositories that the client may pull from.
Result<Cursor> AddRepositories(Backend& backend, const Call& call, std::string last,
                               std::size_t limit, wire::ListBody& body) {
  const auth::AccessRules& rules = *call.rules;
  std::size_t count = 0;
  // Whoever may pull little makes us look at much.
  for (std::size_t batch = limit + 1;; batch = std::max(batch, kHiddenBatch)) {
    std::size_t seen = 0;
    bool full = false;
    std::string reached;
    PORTOLAN_CHECK(
        backend.storage().metadata().ListRepositories(last, batch, [&](std::string_view name) {
          ++seen;
          if (full) return;
          const Result<oci::RepositoryName> repository = oci::RepositoryName::Parse(name);
          const bool visible = repository && rules.Shows(call.identity, *repository);
          if (visible && count == limit) {
            full = true;
            return;
          }
          reached = name;
          if (!visible) return;
          body.Add(name);
          ++count;
        }));
    if (full) return Cursor{.last = std::move(reached), .more = true};
    if (seen < batch) return Cursor{};
    last = std::move(reached);
  }
}

}  // namespace

Answer ListTags(Backend& backend, Call& call) {
  const dialect::TagPages& pages = PagesOf(backend);
  const std::optional<dialect::PageSize> size = pages.size(call.query.Get("n"));
  if (!size) co_return PageNumberInvalid(call);
  PORTOLAN_CO_TRY(const Cursor start, StartOf(backend, call, pages));
  if (!size->limit) co_return co_await ListAllTags(backend, call, start.last);

  const std::size_t limit = std::min(*size->limit, backend.options.page_size);
  wire::ListBody body = wire::ListBody::Tags(call.repository().text());
  const auto add = [&] {
    return pages.order == dialect::TagPages::Order::kName
               ? AddTags(backend, call.repository(), start.last, limit, body)
               : AddTagsByPlace(backend, call.repository(), start.place, limit, body);
  };
  Result<Cursor> cursor = Cursor{};
  if (limit <= kQuickPage) {
    cursor = add();
  } else {
    cursor = co_await async::OnPool(backend.pool(), add);
  }
  if (!cursor) co_return std::move(cursor).error();
  body.End(LineEnd(backend));
  std::string text = body.Take();
  if (backend.parts.served != nullptr && backend.parts.served->list_members != nullptr) {
    PORTOLAN_CO_TRY(const std::string members, co_await async::OnPool(backend.pool(), [&] {
                      return ListMembers(backend, call);
                    }));
    text.insert(1, members);
  }
  http::Response response = JsonReply(200, std::move(text));
  const bool full = !cursor->last.empty();
  if (limit > 0 && (cursor->more || (full && pages.full_page_has_next))) {
    const auto n = std::min(size->shown, static_cast<std::int64_t>(backend.options.page_size));
    SetNextPage(
        response, backend,
        wire::TagListPath(call.repository(), std::nullopt) + NextQuery(backend, pages, n, *cursor));
  }
  co_return response;
}

Answer ListRepositories(Backend& backend, Call& call) {
  PORTOLAN_CO_TRY(const std::optional<std::size_t> n, PageSizeOf(call));
  const std::string last(call.query.Get("last").value_or(""));
  const std::size_t limit =
      std::min(n.value_or(backend.options.page_size), backend.options.page_size);
  wire::ListBody body = wire::ListBody::Repositories();
  Cursor cursor;
  const bool hidden = backend.parts.served != nullptr &&
                      backend.parts.served->catalog == dialect::Catalog::kOwn &&
                      call.identity.anonymous();
  if (limit > 0 && !hidden) {
    PORTOLAN_CO_TRY(cursor, co_await async::OnPool(backend.pool(), [&] {
                      return AddRepositories(backend, call, last, limit, body);
                    }));
  }
  body.End(LineEnd(backend));
  http::Response response = JsonReply(200, body.Take());
  if (cursor.more) {
    SetNextPage(response, backend, NextPath(wire::CatalogPath(std::nullopt), limit, cursor.last));
  }
  co_return response;
}

}  // namespace portolan::server
