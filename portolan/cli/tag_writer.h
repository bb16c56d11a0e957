// Tags and what is known of them, as text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "portolan/base/clock.h"
#include "portolan/client/tag_info.h"

namespace portolan::cli {

/// What all rows have in common.
struct TagDocument {
  std::string repository;  ///< `quay.io/a/b`
  std::string source;      ///< TagSource::name
};

/// An object `{"repository":…,"source":…,"tags":[{…}]}` on several lines. Members of a tag are
/// always there, and null where they are not known, except `error`.
std::string TagsAsJson(const TagDocument& document, const std::vector<client::TagInfo>& rows);

/// A line for each tag: the members of the document, and those of the tag.
std::string TagsAsNdjson(const TagDocument& document, const std::vector<client::TagInfo>& rows);

/// A table for people: sizes and ages rounded, digests cut, platforms counted.
std::string TagsAsTable(const std::vector<client::TagInfo>& rows, Clock::WallTime now);

/// The same table for programs: nothing is rounded or cut, and nothing depends on the time of day.
std::string TagsAsPlainTable(const std::vector<client::TagInfo>& rows);

/// Columns padded to the widest cell, two spaces between them, the last one not padded.
std::string AlignedTable(const std::vector<std::vector<std::string>>& lines);

/// `sha256:1a2b3c4d5e6f`.
std::string ShortDigest(std::string_view digest);

}  // namespace portolan::cli
