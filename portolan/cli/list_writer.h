// Lists of names as text, in every format that can be asked for.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "portolan/base/result.h"
#include "portolan/repo/names.h"

namespace portolan::cli {

enum class ListFormat { kJson, kText, kNdjson, kTable };

/// `json`, `text`, `ndjson` or `table`; kUsage.
Result<ListFormat> ParseListFormat(std::string_view text);

/// Whether what is known can be printed before the end is.
constexpr bool Streams(ListFormat format) {
  return format == ListFormat::kText || format == ListFormat::kNdjson;
}

/// What the members of a list are called.
struct ListNames {
  std::string_view noun;            ///< in messages: `tags`
  std::string_view json_name;       ///< `Repository`
  std::string_view json_items;      ///< `Tags`
  std::string_view json_invalid;    ///< `InvalidTags`
  std::string_view ndjson_name;     ///< `repository`
  std::string_view ndjson_item;     ///< `tag`
  std::string_view ndjson_invalid;  ///< `invalid_tag`
  std::string_view head_name;       ///< `REPOSITORY`
  std::string_view head_item;       ///< `TAG`
};
extern const ListNames kTagNames;
extern const ListNames kRepositoryNames;

/// Writes one list, piece by piece, by appending to a string. For json (byte for byte as skopeo's),
/// text and ndjson.
class ListWriter {
 public:
  /// `names` must outlive the writer.
  ListWriter(ListFormat format, const ListNames& names) : format_(format), names_(&names) {}

  /// Appends items of the list called `name`; the name of the first call counts.
  void Add(std::string& out, std::string_view name, repo::NamesView items);
  void Add(std::string& out, std::string_view name, std::span<const std::string_view> items);
  /// Ends the list. `invalid` are names that the registry should not have.
  void End(std::string& out, std::string_view name, std::span<const std::string> invalid);

 private:
  void BeginJson(std::string& out, std::string_view name);
  template <typename Items>
  void AddAny(std::string& out, std::string_view name, const Items& items);

  ListFormat format_;
  const ListNames* names_;
  bool begun_ = false;
  bool has_items_ = false;
  std::string line_start_;  // of ndjson, the same for every item
};

/// One list of a table.
struct TableList {
  std::string_view name;
  std::span<const std::string_view> items;
};
/// A column of items below a heading, and, if there are several lists, a column with the lists'
/// names.
void AppendTable(std::string& out, const ListNames& names, std::span<const TableList> lists,
                 bool with_name);

/// `12,300`.
std::string WithThousands(std::size_t number);

}  // namespace portolan::cli
