// A registry with images, for tests of the commands that look into them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "portolan/http/message.h"

namespace portolan::cli {

/// One repository, `reg.example/a/b`, as a function for a CommandFixture: tags, manifests by
/// digest, blobs. HEAD, GET, PUT and DELETE work; what a registry may do differently is a member.
class ImageRegistry {
 public:
  /// Pushes an image of one layer and gives its digest; an empty tag pushes it by digest alone.
  std::string Push(std::string_view tag, std::string_view created, std::size_t layer_size,
                   std::string_view architecture = "amd64");
  /// Pushes any manifest.
  std::string PushManifest(std::string_view tag, std::string_view text,
                           std::string_view media_type);
  /// Pushes an index of images, each `digest architecture`.
  std::string PushIndex(std::string_view tag, const std::vector<std::string>& images);

  http::Response operator()(const http::Request& request);

  std::map<std::string, std::string> tags;  ///< tag to digest
  struct Manifest {
    std::string text;
    std::string media_type;
  };
  std::map<std::string, Manifest> manifests;  ///< by digest
  std::map<std::string, std::string> blobs;   ///< by digest
  std::vector<std::string> extra_tags;        ///< listed, but not there
  int delete_by_tag_status = 202;             ///< another status refuses it
  bool deletes_siblings = false;              ///< as old zots did
  int failing_manifests = 0;                  ///< status of every GET of a manifest, if not 0

 private:
  http::Response List() const;
  http::Response ManifestAnswer(const http::Request& request, const std::string& name);
  http::Response Delete(const std::string& name);
  std::string AddBlob(std::string text);
};

}  // namespace portolan::cli
