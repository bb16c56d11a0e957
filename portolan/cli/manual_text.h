// Manuals as text for a screen.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace portolan::cli {

struct ManualStyle {
  bool styled = false;  ///< bold and underlined, for a terminal
  int columns = 80;     ///< lines are broken before; 40 to 100
};

/// Renders the Markdown that our manuals use: headings, paragraphs, lists, definitions (`:   text`
/// below a term), fenced and indented code, tables, and `**bold**`, `*emphasis*`, `` `code` ``
/// inside a line. Anything else is shown as it is.
std::string RenderManual(std::string_view markdown, const ManualStyle& style);

/// The text of one `## NAME` section without its heading; empty if there is none.
std::string_view ManualSection(std::string_view markdown, std::string_view name);

/// What follows ` -- ` in the title.
std::string_view ManualTitle(std::string_view markdown);

/// The options that a manual's sections Options describe, as written: `-o`, `--output`.
std::vector<std::string> ManualOptions(std::string_view markdown);

}  // namespace portolan::cli
