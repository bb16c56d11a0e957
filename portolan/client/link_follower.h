// From one page to the next, whatever the Link header looks like.
#pragma once

#include <optional>
#include <string>
#include <unordered_set>

#include "portolan/base/log.h"
#include "portolan/base/url.h"
#include "portolan/http/headers.h"

namespace portolan::client {

/// Follows the Links of one listing (client-landscape §2d, 6 and 7): as written, undecoded, but
/// only ever on the origin that was asked, and never twice to the same place.
class LinkFollower {
 public:
  /// `first` is the URL of the first page. `log` must outlive the follower.
  LinkFollower(Url first, Log& log);

  /// The target of the next page, for the origin of `first`; absent on the last page. `page` is the
  /// URL of the page whose headers these are. A Link to another origin keeps its path and query
  /// only, with a warning; a Link that was followed already, or that cannot be a URL, ends the
  /// listing with a warning.
  std::optional<std::string> Next(const Url& page, const http::Headers& headers);

  /// After the Link's path was refused: the first page's path with the query of `target`, if that
  /// is another place (Artifactory's virtual repositories, Nexus groups).
  std::optional<std::string> Repaired(const std::string& target);

  /// Whether a Link could not be followed, so that what was listed may not be all.
  bool cut_off() const { return cut_off_; }
  /// Whether a Link led back to a page already read.
  bool looped() const { return looped_; }

 private:
  Url first_;
  Log& log_;
  std::unordered_set<std::string> seen_;
  bool cut_off_ = false;
  bool looped_ = false;
};

}  // namespace portolan::client
