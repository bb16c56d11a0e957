#include "portolan/server/routes.h"

namespace portolan::server {
namespace {

using auth::Action;
using wire::Method;
using wire::Resource;

constexpr std::array<std::optional<Action>, 2> kNothing{};
constexpr std::array<std::optional<Action>, 2> kPull{Action::kPull};
constexpr std::array<std::optional<Action>, 2> kPush{Action::kCreate, Action::kOverwrite};
constexpr std::array<std::optional<Action>, 2> kDelete{Action::kDelete};
constexpr std::array<std::optional<Action>, 2> kCatalog{Action::kCatalog};

// clang-format off
constexpr std::array kRoutes{
    Route{Resource::kBase,       Method::kGet,    kNothing, false, GetBase},
    Route{Resource::kDiscover,   Method::kGet,    kNothing, false, GetExtensions},
    Route{Resource::kCatalog,    Method::kGet,    kCatalog, false, ListRepositories},
    Route{Resource::kTagList,    Method::kGet,    kPull,    false, ListTags},
    Route{Resource::kReferrers,  Method::kGet,    kPull,    false, ListReferrers},
    Route{Resource::kManifest,   Method::kGet,    kPull,    false, GetManifest},
    Route{Resource::kManifest,   Method::kPut,    kPush,    true,  PutManifest},
    Route{Resource::kManifest,   Method::kDelete, kDelete,  true,  DeleteManifest},
    Route{Resource::kBlob,       Method::kGet,    kPull,    false, GetBlob},
    Route{Resource::kBlob,       Method::kDelete, kDelete,  true,  DeleteBlob},
    Route{Resource::kUploads,    Method::kPost,   kPush,    true,  StartUpload},
    Route{Resource::kUpload,     Method::kGet,    kPush,    false, GetUpload},
    Route{Resource::kUpload,     Method::kPatch,  kPush,    true,  PatchUpload},
    Route{Resource::kUpload,     Method::kPut,    kPush,    true,  PutUpload},
    Route{Resource::kUpload,     Method::kDelete, kPush,    true,  DeleteUpload},
    Route{Resource::kTagHistory, Method::kGet,    kPull,    false, GetTagHistory},
    Route{Resource::kTagRestore, Method::kPost,   kPush,    true,  RestoreTag},
};
// clang-format on

}  // namespace

bool Admits(const Route& route, auth::ActionSet allowed) {
  bool needs_something = false;
  for (const std::optional<Action>& action : route.needs) {
    if (!action) continue;
    if (allowed.Has(*action)) return true;
    needs_something = true;
  }
  return !needs_something;
}

std::span<const Route> Routes() { return kRoutes; }

const Route* FindRoute(Resource resource, Method method) {
  if (method == Method::kHead) method = Method::kGet;
  for (const Route& route : kRoutes) {
    if (route.resource == resource && route.method == method) return &route;
  }
  return nullptr;
}

}  // namespace portolan::server
