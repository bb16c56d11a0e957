#include "portolan/cli/list_writer.h"

#include <algorithm>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/cli/go_json.h"

namespace portolan::cli {
namespace {

constexpr std::string_view kIndent = "    ";

template <typename Items>
void AppendArray(std::string& out, const Items& items, bool& has_items) {
  for (const std::string_view item : items) {
    out += has_items ? ",\n" : "\n";
    has_items = true;
    out += kIndent;
    out += kIndent;
    AppendGoJson(out, item);
  }
}

void AppendMember(std::string& out, std::string_view member) {
  out += kIndent;
  AppendGoJson(out, member);
  out += ": ";
}

// Closes the array as Go does: an empty one stays on its line.
void EndArray(std::string& out, bool has_items) {
  if (has_items) {
    out += '\n';
    out += kIndent;
  }
  out += ']';
}

std::string LineStart(std::string_view member, std::string_view name) {
  std::string out = "{";
  AppendGoJson(out, member);
  out += ':';
  AppendGoJson(out, name);
  out += ',';
  return out;
}

template <typename Items>
void AppendLines(std::string& out, std::string_view line_start, std::string_view member,
                 const Items& items) {
  std::string start(line_start);
  AppendGoJson(start, member);
  start += ':';
  for (const std::string_view item : items) {
    out += start;
    AppendGoJson(out, item);
    out += "}\n";
  }
}

}  // namespace

const ListNames kTagNames = {.noun = "tags",
                             .json_name = "Repository",
                             .json_items = "Tags",
                             .json_invalid = "InvalidTags",
                             .ndjson_name = "repository",
                             .ndjson_item = "tag",
                             .ndjson_invalid = "invalid_tag",
                             .head_name = "REPOSITORY",
                             .head_item = "TAG"};

const ListNames kRepositoryNames = {.noun = "repositories",
                                    .json_name = "Registry",
                                    .json_items = "Repositories",
                                    .json_invalid = "InvalidRepositories",
                                    .ndjson_name = "registry",
                                    .ndjson_item = "repository",
                                    .ndjson_invalid = "invalid_repository",
                                    .head_name = "REGISTRY",
                                    .head_item = "REPOSITORY"};

Result<ListFormat> ParseListFormat(std::string_view text) {
  if (text == "json") return ListFormat::kJson;
  if (text == "text") return ListFormat::kText;
  if (text == "ndjson") return ListFormat::kNdjson;
  if (text == "table") return ListFormat::kTable;
  return Fail(ErrorCode::kUsage, fmt::format("--output: no format \"{}\"", Printable(text)),
              "json, text, ndjson or table");
}

void ListWriter::BeginJson(std::string& out, std::string_view name) {
  if (begun_) return;
  begun_ = true;
  out += "{\n";
  AppendMember(out, names_->json_name);
  AppendGoJson(out, name);
  out += ",\n";
  AppendMember(out, names_->json_items);
  out += '[';
}

template <typename Items>
void ListWriter::AddAny(std::string& out, std::string_view name, const Items& items) {
  switch (format_) {
    case ListFormat::kJson:
      BeginJson(out, name);
      AppendArray(out, items, has_items_);
      break;
    case ListFormat::kNdjson:
      if (line_start_.empty()) line_start_ = LineStart(names_->ndjson_name, name);
      AppendLines(out, line_start_, names_->ndjson_item, items);
      break;
    case ListFormat::kText:
    case ListFormat::kTable:
      for (const std::string_view item : items) {
        out += item;
        out += '\n';
      }
      break;
  }
}

void ListWriter::Add(std::string& out, std::string_view name, repo::NamesView items) {
  AddAny(out, name, items);
}
void ListWriter::Add(std::string& out, std::string_view name,
                     std::span<const std::string_view> items) {
  AddAny(out, name, items);
}

void ListWriter::End(std::string& out, std::string_view name,
                     std::span<const std::string> invalid) {
  if (format_ == ListFormat::kNdjson && !invalid.empty()) {
    AppendLines(out, LineStart(names_->ndjson_name, name), names_->ndjson_invalid, invalid);
  }
  if (format_ != ListFormat::kJson) return;
  BeginJson(out, name);
  EndArray(out, has_items_);
  if (!invalid.empty()) {
    out += ",\n";
    AppendMember(out, names_->json_invalid);
    out += '[';
    bool has_invalid = false;
    AppendArray(out, invalid, has_invalid);
    EndArray(out, has_invalid);
  }
  out += "\n}\n";
}

void AppendTable(std::string& out, const ListNames& names, std::span<const TableList> lists,
                 bool with_name) {
  std::size_t width = names.head_name.size();
  for (const TableList& list : lists) width = std::max(width, list.name.size());
  const auto row = [&](std::string_view name, std::string_view item) {
    if (with_name) {
      out += name;
      out.append(width - name.size() + 2, ' ');
    }
    out += item;
    out += '\n';
  };
  row(names.head_name, names.head_item);
  for (const TableList& list : lists) {
    for (const std::string_view item : list.items) row(list.name, item);
  }
}

std::string WithThousands(std::size_t number) {
  std::string digits = fmt::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

}  // namespace portolan::cli
