#include "portolan/server/testing/route_rows.h"

#include "portolan/server/testing/test_registry.h"

namespace portolan::server {

std::vector<RouteRow> RouteRows(const std::string& digest) {
  using auth::Action;
  using wire::Resource;
  const std::string blob = "/v2/a/b/blobs/" + Sha256Of("missing");
  const std::string layer = "/v2/a/b/blobs/" + Sha256Of("layer");
  const std::string upload = "/v2/a/b/blobs/uploads/00000000000000000000000000000000";
  const std::string manifest = "/v2/a/b/manifests/" + Sha256Of("missing");
  const std::string mount = "/v2/a/b/blobs/uploads/?mount=" + Sha256Of("x");
  const std::vector<Action> pull{Action::kPull};
  const std::vector<Action> push{Action::kCreate, Action::kOverwrite};
  const std::vector<Action> remove{Action::kDelete};
  const std::string to_pull = "repository:a/b:pull";
  const std::string to_push = "repository:a/b:pull,push";
  const std::string to_delete = "repository:a/b:delete";
  return {
      {Resource::kCatalog, "GET", "/v2/_catalog", {Action::kCatalog}, "registry:catalog:*"},
      {Resource::kTagList, "GET", "/v2/a/b/tags/list", pull, to_pull},
      {Resource::kReferrers, "GET", "/v2/a/b/referrers/" + digest, pull, to_pull},
      {Resource::kManifest, "GET", "/v2/a/b/manifests/t", pull, to_pull},
      {Resource::kManifest, "HEAD", "/v2/a/b/manifests/t", pull, to_pull},
      {Resource::kManifest, "GET", "/v2/a/b/manifests/" + digest, pull, to_pull},
      {Resource::kManifest, "PUT", manifest, push, to_push},
      {Resource::kManifest, "DELETE", manifest, remove, to_delete},
      {Resource::kManifest, "DELETE", "/v2/a/b/manifests/nosuch", remove, to_delete},
      {Resource::kBlob, "GET", layer, pull, to_pull},
      {Resource::kBlob, "HEAD", layer, pull, to_pull},
      {Resource::kBlob, "DELETE", blob, remove, to_delete},
      {Resource::kUploads, "POST", "/v2/a/b/blobs/uploads/", push, to_push},
      {Resource::kUploads, "POST", mount, push, to_push},
      {Resource::kUploads, "POST", mount + "&from=c/d", push, to_push + " repository:c/d:pull"},
      {Resource::kUploads, "POST", mount + "&from=c%22d", push, to_push},
      {Resource::kUpload, "GET", upload, push, to_push},
      {Resource::kUpload, "PATCH", upload, push, to_push},
      {Resource::kUpload, "PUT", upload + "?digest=" + Sha256Of("x"), push, to_push},
      {Resource::kUpload, "DELETE", upload, push, to_push},
      {Resource::kTagHistory, "GET", "/v2/a/b/_portolan/tags/history", pull, to_pull},
      {Resource::kTagRestore, "POST", "/v2/a/b/_portolan/tags/restore?tag=nosuch", push, to_push},
  };
}

}  // namespace portolan::server
