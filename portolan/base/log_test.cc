#include "portolan/base/log.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace portolan {
namespace {

TEST(PrintableTest, ShowsTextAndEscapesTheRest) {
  struct Row {
    const char* name;
    std::string text;
    std::string expected;
  };
  const Row rows[] = {
      {"empty", "", ""},
      {"plain", "a b~", "a b~"},
      {"two-byte letter", "\xc3\xbc", "\xc3\xbc"},
      {"three-byte letter", "\xe2\x82\xac", "\xe2\x82\xac"},
      {"four-byte letter", "\xf0\x9f\x90\xb3", "\xf0\x9f\x90\xb3"},
      {"highest code point", "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
      {"line end", "a\r\nb", "a\\x0d\\x0ab"},
      {"escape", "\x1b[2J", "\\x1b[2J"},
      {"NUL", std::string(1, '\0'), "\\x00"},
      {"DEL", "\x7f", "\\x7f"},
      {"C1 control", "\xc2\x9b", "\\xc2\\x9b"},
      {"first after C1", "\xc2\xa0", "\xc2\xa0"},
      {"lone continuation", "\x80", "\\x80"},
      {"cut short", "\xe2\x82", "\\xe2\\x82"},
      {"overlong slash", "\xc0\xaf", "\\xc0\\xaf"},
      {"overlong, three bytes", "\xe0\x80\xaf", "\\xe0\\x80\\xaf"},
      {"overlong, four bytes", "\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf"},
      {"surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80"},
      {"beyond Unicode", "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
      {"never a lead", "\xff\xfe", "\\xff\\xfe"},
      {"bad lead before letter", "\xe2z", "\\xe2z"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(Printable(row.text), row.expected);
  }
}

TEST(PrintableTest, IsCutAtTheLimit) {
  EXPECT_EQ(Printable("abc", 3), "abc");
  EXPECT_EQ(Printable("abcd", 3), "abc…");
  EXPECT_EQ(Printable("abc", 0), "…");
  EXPECT_EQ(Printable("", 0), "");
  EXPECT_EQ(Printable("ab\xe2\x82\xac", 4), "ab…") << "a letter is shown whole or not at all";
  EXPECT_EQ(Printable("ab\xe2\x82\xac", 5), "ab\xe2\x82\xac");
  EXPECT_EQ(Printable(std::string(256, 'a')), std::string(256, 'a'));
  EXPECT_EQ(Printable(std::string(257, 'a')), std::string(256, 'a') + "…");
}

TEST(LogTest, WarnsOncePerText) {
  MemoryLog log;
  log.Warn("a");
  log.Warn("b");
  log.Warn("a");
  EXPECT_EQ(log.warnings(), (std::vector<std::string>{"a", "b"}));
}

TEST(LogTest, ManyDifferentWarningsAllArrive) {
  MemoryLog log;
  for (int i = 0; i < 1500; ++i) log.Warn(std::to_string(i));
  log.Warn("0");
  EXPECT_EQ(log.warnings().size(), 1500U);
}

TEST(LogTest, DebugLinesAreNotMerged) {
  MemoryLog log;
  log.Debug("a");
  log.Debug("a");
  EXPECT_EQ(log.lines(), (std::vector<std::string>{"a", "a"}));
  EXPECT_TRUE(log.warnings().empty());
}

class QuietLog final : public Log {
 public:
  bool debugging() const override { return false; }
  int written = 0;

 protected:
  void WriteWarning(std::string_view) override { ++written; }
  void WriteDebug(std::string_view) override { ++written; }
};

TEST(LogTest, DebugIsSilentUnlessAskedFor) {
  QuietLog log;
  log.Debug("a");
  EXPECT_EQ(log.written, 0);
  log.Warn("a");
  EXPECT_EQ(log.written, 1);
  EXPECT_FALSE(NullLog().debugging());
}

}  // namespace
}  // namespace portolan
