#include "portolan/cli/go_json.h"

#include <gtest/gtest.h>

namespace portolan::cli {
namespace {

TEST(AppendGoJson, EscapesAsGoDoes) {
  struct Row {
    const char* name;
    std::string text;
    const char* expected;
  };
  const Row rows[] = {
      {"plain", "v1.0_a-b", R"("v1.0_a-b")"},
      {"empty", "", R"("")"},
      {"quotes", "a\"b\\c", R"("a\"b\\c")"},
      {"controls", std::string("\n\r\t\b\f\x01\x7f\0", 8),
       R"("\n\r\t\u0008\u000c\u0001\u007f\u0000")"},
      {"controls beyond ASCII, which Go would pass", "\u009b31m\u00a0", "\"\\u009b31m\u00a0\""},
      {"for browsers", "<a>&", R"("\u003ca\u003e\u0026")"},
      {"line separators", "\u2028\u2029\u2030", "\"\\u2028\\u2029\u2030\""},
      {"UTF-8", "ä€😀", "\"ä€😀\""},
      {"not UTF-8", "a\xff\xc3", R"("a\ufffd\ufffd")"},
      {"overlong and surrogate", "\xc0\xaf\xed\xa0\x80", R"("\ufffd\ufffd\ufffd\ufffd\ufffd")"}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    std::string out;
    AppendGoJson(out, row.text);
    EXPECT_EQ(out, row.expected);
  }
}

}  // namespace
}  // namespace portolan::cli
