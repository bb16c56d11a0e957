// A probed registry, for clients.
#include <algorithm>

#include "portolan/dialect/profile_file.h"
#include "portolan/dialect/served_words.h"

namespace portolan::dialect {
namespace {

// What clients know it by.
std::string_view ClientId(std::string_view like) {
  const std::string_view maker = like.substr(0, like.find('@'));
  return maker == "hub" ? "docker-hub" : maker;
}

}  // namespace

Profile ClientProfile(const ProfileFile& file) {
  Profile profile = ProfileById(ClientId(file.like));
  if (file.Answer("page.n") == "ignored") {
    profile.page_size = profile.max_page_size = 0;
  } else if (const auto largest = NumberOf(file.Answer("page.largest")); largest && *largest > 0) {
    profile.max_page_size = static_cast<int>(std::min<std::int64_t>(*largest, 1'000'000));
    // A page less is a request less.
    profile.page_size = std::max(std::min(profile.page_size, profile.max_page_size),
                                 std::min(profile.max_page_size, 1000));
  } else if (file.Answer("page.largest") == "all") {
    profile.max_page_size = 0;
  }
  const std::string_view without_token = file.Answer("list.without-token");
  if (!without_token.empty()) profile.anonymous_without_token = without_token == "yes";
  if (const std::string_view error = file.Answer("error.token"); !error.empty()) {
    profile.expired_token_is_400 = error.starts_with("400");
  }
  return profile;
}

}  // namespace portolan::dialect
