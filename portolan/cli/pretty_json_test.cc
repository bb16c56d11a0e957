#include "portolan/cli/pretty_json.h"

#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace portolan::cli {
namespace {

TEST(PrettyJson, PutsMembersOnLinesOfTheirOwn) {
  const auto value =
      boost::json::parse(R"({"a":[1,"x",[]],"empty":{},"no":null,"yes":true,"deep":{"b":-1.5}})");
  EXPECT_EQ(PrettyJson(value), R"({
    "a": [
        1,
        "x",
        []
    ],
    "empty": {},
    "no": null,
    "yes": true,
    "deep": {
        "b": -1.5E0
    }
})");
}

TEST(JsonString, EscapesWhatWouldSteerATerminal) {
  struct Row {
    const char* name;
    std::string text;
    const char* expected;
  };
  const Row rows[] = {
      {"plain", "a/b", R"("a/b")"},
      {"quote and backslash", "\"\\", R"("\"\\")"},
      {"line end and tab", "\n\t", R"("\n\t")"},
      {"escape", "\x1b[2J", R"("\u001b[2J")"},
      {"NUL", std::string("\0", 1), R"("\u0000")"},
      {"delete", "\x7f", R"("\u007f")"},
      {"C1 control", "\xc2\x9b", R"("\u009b")"},
      {"first letter after the C1 controls", "\xc2\xa0", "\"\xc2\xa0\""},
      {"letters of 2, 3 and 4 bytes", "é版🚢", "\"é版🚢\""},
      {"lone continuation", "\x80z", R"("\ufffdz")"},
      {"cut off", "\xe7\x89", R"("\ufffd\ufffd")"},
      {"overlong", "\xe0\x80\xaf", R"("\ufffd\ufffd\ufffd")"},
      {"surrogate", "\xed\xa0\x80", R"("\ufffd\ufffd\ufffd")"},
      {"beyond Unicode", "\xf4\x90\x80\x80", R"("\ufffd\ufffd\ufffd\ufffd")"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(JsonString(row.text), row.expected);
    EXPECT_TRUE(boost::json::parse(JsonString(row.text)).is_string());
  }
}

}  // namespace
}  // namespace portolan::cli
