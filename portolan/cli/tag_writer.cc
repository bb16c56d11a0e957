#include "portolan/cli/tag_writer.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "portolan/base/date.h"
#include "portolan/base/error.h"
#include "portolan/base/log.h"
#include "portolan/cli/go_json.h"
#include "portolan/cli/human.h"

namespace portolan::cli {
namespace {

using client::TagInfo;

constexpr std::string_view kNone = "-";

void AppendText(std::string& out, std::string_view member, std::string_view text) {
  out += fmt::format(",\"{}\":", member);
  AppendGoJson(out, text);
}

void AppendTime(std::string& out, std::string_view member,
                const std::optional<Clock::WallTime>& time) {
  if (time) {
    AppendText(out, member, FormatDate(*time));
  } else {
    out += fmt::format(",\"{}\":null", member);
  }
}

// Everything between the braces of a tag's object.
std::string Members(const TagInfo& row) {
  std::string out = "\"tag\":";
  AppendGoJson(out, row.tag);
  if (row.digest) {
    AppendText(out, "digest", row.digest->text());
  } else {
    out += ",\"digest\":null";
  }
  if (row.media_type.empty()) {
    out += ",\"media_type\":null";
  } else {
    AppendText(out, "media_type", row.media_type);
  }
  out += row.size ? fmt::format(",\"size\":{}", *row.size) : ",\"size\":null";
  AppendTime(out, "created", row.created);
  AppendTime(out, "pushed", row.pushed);
  if (row.platform) {
    AppendText(out, "platform", client::PlatformText(*row.platform));
  } else {
    out += ",\"platform\":null";
  }
  out += ",\"platforms\":[";
  for (const client::TagImage& image : row.images) {
    if (out.back() == '}') out += ',';
    out += "{\"platform\":";
    AppendGoJson(out, client::PlatformText(image.platform));
    if (image.digest) {
      AppendText(out, "digest", image.digest->text());
    } else {
      out += ",\"digest\":null";
    }
    out += '}';
  }
  out += ']';
  if (row.failure) {
    out += fmt::format(",\"error\":{{\"code\":\"{}\"", InfoOf(row.failure->code).wire);
    AppendText(out, "message", row.failure->message);
    out += '}';
  }
  return out;
}

std::string DocumentMembers(const TagDocument& document) {
  std::string out = "\"repository\":";
  AppendGoJson(out, document.repository);
  AppendText(out, "source", document.source);
  return out;
}

std::string PlatformsText(const TagInfo& row, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < row.images.size() && i < most; ++i) {
    text += i == 0 ? "" : ",";
    text += Printable(client::PlatformText(row.images[i].platform), 60);
  }
  if (row.images.size() > most) text += fmt::format(" +{}", row.images.size() - most);
  return text.empty() ? std::string(kNone) : text;
}

}  // namespace

std::string ShortDigest(std::string_view digest) {
  const std::size_t colon = digest.find(':');
  if (colon == std::string_view::npos) return Printable(digest, 20);
  return Printable(digest.substr(0, colon + 13), 40);
}

std::string AlignedTable(const std::vector<std::vector<std::string>>& lines) {
  std::vector<std::size_t> widths;
  for (const auto& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string out;
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      out += line[i];
      if (i + 1 < line.size()) out.append(widths[i] - line[i].size() + 2, ' ');
    }
    out += '\n';
  }
  return out;
}

std::string TagsAsJson(const TagDocument& document, const std::vector<TagInfo>& rows) {
  std::string out = "{" + DocumentMembers(document) + ",\"tags\":[";
  for (const TagInfo& row : rows) {
    out += out.back() == '[' ? "\n  {" : ",\n  {";
    out += Members(row) + "}";
  }
  out += rows.empty() ? "]}\n" : "\n]}\n";
  return out;
}

std::string TagsAsNdjson(const TagDocument& document, const std::vector<TagInfo>& rows) {
  const std::string start = "{" + DocumentMembers(document) + ",";
  std::string out;
  for (const TagInfo& row : rows) out += start + Members(row) + "}\n";
  return out;
}

std::string TagsAsTable(const std::vector<TagInfo>& rows, Clock::WallTime now) {
  // A column that no registry but a few can fill is left out where it would be empty.
  const bool pushed =
      std::ranges::any_of(rows, [](const TagInfo& row) { return row.pushed.has_value(); });
  const auto age = [&](const std::optional<Clock::WallTime>& time) {
    return time ? HumanAge(now - *time) : std::string(kNone);
  };
  std::vector<std::vector<std::string>> lines = {{"TAG", "DIGEST", "SIZE", "CREATED"}};
  if (pushed) lines[0].emplace_back("PUSHED");
  lines[0].emplace_back("PLATFORMS");
  for (const TagInfo& row : rows) {
    auto& line = lines.emplace_back();
    line = {row.tag, row.digest ? ShortDigest(row.digest->text()) : std::string(kNone),
            row.size ? HumanSize(*row.size) : std::string(kNone), age(row.created)};
    if (pushed) line.push_back(age(row.pushed));
    line.push_back(PlatformsText(row, 2));
  }
  return AlignedTable(lines);
}

std::string TagsAsPlainTable(const std::vector<TagInfo>& rows) {
  const auto date = [](const std::optional<Clock::WallTime>& time) {
    return time ? FormatDate(*time) : std::string(kNone);
  };
  std::vector<std::vector<std::string>> lines = {
      {"TAG", "DIGEST", "SIZE", "CREATED", "PUSHED", "PLATFORMS"}};
  for (const TagInfo& row : rows) {
    lines.push_back({row.tag, row.digest ? row.digest->text() : std::string(kNone),
                     row.size ? fmt::to_string(*row.size) : std::string(kNone), date(row.created),
                     date(row.pushed), PlatformsText(row, row.images.size())});
  }
  return AlignedTable(lines);
}

}  // namespace portolan::cli
