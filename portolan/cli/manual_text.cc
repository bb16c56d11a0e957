#include "portolan/cli/manual_text.h"

#include <algorithm>
#include <cstdint>

#include "portolan/base/text.h"

namespace portolan::cli {
namespace {

constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kUnderlined = "\x1b[4m";
constexpr std::string_view kPlain = "\x1b[0m";
constexpr std::size_t kIndent = 4;

std::string_view TakeLine(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// Columns on the screen: bytes that begin a character, outside of escape sequences.
std::size_t Width(std::string_view text) {
  std::size_t width = 0;
  bool escape = false;
  for (const char c : text) {
    if (c == '\x1b') escape = true;
    if (!escape && (static_cast<std::uint8_t>(c) & 0xc0U) != 0x80) ++width;
    if (escape && c == 'm') escape = false;
  }
  return width;
}

std::string Inline(std::string_view text, bool styled) {
  std::string out;
  bool bold = false;
  bool emphasis = false;
  const auto toggle = [&](bool& state, std::string_view start) {
    state = !state;
    if (styled) out += state ? start : kPlain;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '\\' && i + 1 < text.size() && !IsAsciiAlnum(text[i + 1]);
    if (escaped) {
      out += text[++i];
    } else if (text[i] == '`') {
      // Code keeps its stars and underscores.
      const std::size_t end = std::min(text.find('`', i + 1), text.size());
      if (styled) out += kBold;
      out += text.substr(i + 1, end - i - 1);
      if (styled) out += kPlain;
      i = end;
    } else if (text.substr(i).starts_with("**")) {
      toggle(bold, kBold);
      ++i;
    } else if (text[i] == '*') {
      toggle(emphasis, kUnderlined);
    } else {
      out += text[i];
    }
  }
  return out;
}

std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words;
  while (!(text = TrimSpace(text)).empty()) {
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

class Renderer {
 public:
  explicit Renderer(const ManualStyle& style)
      : styled_(style.styled),
        columns_(static_cast<std::size_t>(std::clamp(style.columns, 40, 100))) {}

  std::string Render(std::string_view markdown);

 private:
  // Fills lines with the words of `text`; all but the first begin at `indent`, the first where
  // `lead` ends.
  void Fill(std::string_view text, std::string lead, std::size_t indent);
  void FillStyled(std::string_view text, std::string lead, std::size_t indent);
  void EndParagraph();
  void Blank();
  void Line(std::string_view line, std::string_view next);
  void Table(const std::vector<std::string_view>& rows);

  bool styled_;
  std::size_t columns_;
  std::string out_;
  std::string paragraph_;
  std::string lead_;
  std::size_t indent_ = kIndent;
  bool in_code_ = false;
  bool in_definition_ = false;
};

void Renderer::Fill(std::string_view text, std::string lead, std::size_t indent) {
  FillStyled(Inline(text, styled_), std::move(lead), indent);
}

void Renderer::FillStyled(std::string_view text, std::string lead, std::size_t indent) {
  std::string line = std::move(lead);
  bool begun = false;
  for (const std::string& word : Words(text)) {
    if (begun && Width(line) + 1 + Width(word) > columns_) {
      out_ += line + "\n";
      line = std::string(indent, ' ');
      begun = false;
    }
    if (begun) line += ' ';
    line += word;
    begun = true;
  }
  out_ += line + "\n";
}

void Renderer::EndParagraph() {
  if (paragraph_.empty()) return;
  std::string lead = lead_.empty() ? std::string(indent_, ' ') : lead_;
  Fill(paragraph_, std::move(lead), indent_);
  paragraph_.clear();
  lead_.clear();
}

void Renderer::Blank() {
  if (!out_.empty() && !out_.ends_with("\n\n")) out_ += '\n';
}

void Renderer::Table(const std::vector<std::string_view>& rows) {
  std::vector<std::vector<std::string>> cells;
  std::vector<std::size_t> widths;
  for (std::string_view row : rows) {
    if (row.find_first_not_of("|-: ") == std::string_view::npos)
      continue;  // the rule below the head
    row.remove_prefix(1);
    std::vector<std::string>& line = cells.emplace_back();
    while (!TrimSpace(row).empty()) {
      const std::size_t end = std::min(row.find('|'), row.size());
      line.push_back(Inline(TrimSpace(row.substr(0, end)), styled_));
      row.remove_prefix(std::min(end + 1, row.size()));
      if (widths.size() < line.size()) widths.push_back(0);
      widths[line.size() - 1] = std::max(widths[line.size() - 1], Width(line.back()));
    }
  }
  for (const std::vector<std::string>& line : cells) {
    std::string text(kIndent, ' ');
    for (std::size_t i = 0; i + 1 < line.size(); ++i) {
      text += line[i];
      text.append(widths[i] - Width(line[i]) + 2, ' ');
    }
    const std::size_t indent = Width(text);
    if (!line.empty()) FillStyled(line.back(), std::move(text), indent);
  }
}

void Renderer::Line(std::string_view line, std::string_view next) {
  if (line.starts_with("```")) {
    EndParagraph();
    in_code_ = !in_code_;
    return;
  }
  const bool indented_code = paragraph_.empty() && !in_definition_ && line.starts_with("    ");
  if (in_code_ || indented_code) {
    if (in_code_) out_ += std::string(kIndent, ' ');
    out_ += line;
    out_ += '\n';
    return;
  }
  if (line.empty()) {
    EndParagraph();
    Blank();
    indent_ = kIndent;
    in_definition_ = false;
  } else if (line.starts_with('#')) {
    EndParagraph();
    Blank();
    line.remove_prefix(std::min(line.find_first_not_of("# "), line.size()));
    Fill("**" + std::string(line) + "**", "", 0);
  } else if (line.starts_with(":   ")) {
    EndParagraph();
    indent_ = 2 * kIndent;
    in_definition_ = true;
    paragraph_ = line.substr(4);
  } else if (next.starts_with(":   ")) {
    EndParagraph();
    Fill(line, std::string(kIndent, ' '), 2 * kIndent);
  } else if (line.starts_with("* ") || line.starts_with("- ")) {
    EndParagraph();
    lead_ = std::string(kIndent, ' ') + "* ";
    indent_ = kIndent + 2;
    paragraph_ = line.substr(2);
  } else {
    if (!paragraph_.empty()) paragraph_ += ' ';
    paragraph_ += TrimSpace(line);
  }
}

std::string Renderer::Render(std::string_view markdown) {
  while (!markdown.empty()) {
    const std::string_view line = TakeLine(markdown);
    if (!in_code_ && line.starts_with('|')) {
      std::vector<std::string_view> rows = {line};
      while (markdown.starts_with('|')) rows.push_back(TakeLine(markdown));
      EndParagraph();
      Table(rows);
      continue;
    }
    std::string_view rest = markdown;
    Line(line, TakeLine(rest));
  }
  EndParagraph();
  while (out_.ends_with("\n\n")) out_.pop_back();
  return std::move(out_);
}

}  // namespace

std::string RenderManual(std::string_view markdown, const ManualStyle& style) {
  return Renderer(style).Render(markdown);
}

std::string_view ManualSection(std::string_view markdown, std::string_view name) {
  std::size_t begin = std::string_view::npos;
  for (std::string_view rest = markdown; !rest.empty();) {
    const auto position = markdown.size() - rest.size();
    const std::string_view line = TakeLine(rest);
    if (begin != std::string_view::npos && line.starts_with("## ")) {
      return markdown.substr(begin, position - begin);
    }
    if (line.starts_with("## ") && line.substr(3) == name) begin = markdown.size() - rest.size();
  }
  return begin == std::string_view::npos ? std::string_view() : markdown.substr(begin);
}

std::string_view ManualTitle(std::string_view markdown) {
  const std::string_view line = TakeLine(markdown);
  const std::size_t dashes = line.find(" -- ");
  return dashes == std::string_view::npos ? std::string_view() : line.substr(dashes + 4);
}

std::vector<std::string> ManualOptions(std::string_view markdown) {
  std::vector<std::string> options;
  std::string_view section = ManualSection(markdown, "Options");
  while (!section.empty()) {
    std::string_view line = TakeLine(section);
    if (!section.starts_with(":   ")) continue;
    for (std::size_t at = line.find("**-"); at != std::string_view::npos; at = line.find("**-")) {
      line.remove_prefix(at + 2);
      options.emplace_back(line.substr(0, line.find_first_of("*[= ")));
      line.remove_prefix(std::min(line.find("**"), line.size()));
      line.remove_prefix(std::min<std::size_t>(2, line.size()));
    }
  }
  return options;
}

}  // namespace portolan::cli
