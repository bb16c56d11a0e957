// Every cap on what a peer or a file can make this program do, in one place.
#pragma once

#include <chrono>
#include <cstddef>

namespace portolan {

/// Sizes in bytes unless said. The defaults are far above what real registries send, and low enough
/// that a hostile one cannot exhaust a machine.
struct Limits {
  std::size_t config_file = 4U << 20U;       ///< auth.json, registries.conf and its kind
  std::size_t seed_tags_file = 256U << 20U;  ///< names of tags to be made
  std::size_t response_head = 256U << 10U;   ///< status line and header fields of one answer
  std::size_t error_body = 64U << 10U;       ///< what is read of an answer that is not a success
  std::size_t token_reply = 1U << 20U;       ///< a token endpoint's answer
  std::size_t list_page = 512U << 20U;       ///< one page of tags or repositories, read as a stream
  std::size_t tag_size = 4096;               ///< one string of a list, before it is judged as a tag
  std::size_t helper_output = 1U << 20U;     ///< what a credential helper prints
  std::size_t max_items = 20'000'000;        ///< tags or repositories of one listing
  int max_pages = 100'000;                   ///< pages of one listing
  int max_redirects = 5;                     ///< of one request
  std::chrono::seconds connect_timeout{20};  ///< name resolution, TCP and TLS
  std::chrono::seconds idle_timeout{60};     ///< no byte for so long ends a transfer
  std::chrono::seconds helper_timeout{60};   ///< a credential helper (it may ask the user)
};

}  // namespace portolan
