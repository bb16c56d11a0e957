#include "portolan/cli/manual_text.h"

#include <gtest/gtest.h>

namespace portolan::cli {
namespace {

constexpr std::string_view kManual = R"(# portolan x -- do a thing

## Synopsis

    portolan x [OPTION]... **REF**

## Options

**-o**, **--output** *FORMAT*
:   Text with `--code` and
    a second line.

**--tls-verify**[=*BOOL*]
:   More.

**--user** *U*, **--password** *P*
:   Both.

Not **--an-option** here.

## Lists

* one
* two \*star\*

| a | long heading |
|---|---|
| 1 | 2 |

```
  fenced **code**
```
)";

TEST(RenderManual, GivesReadableText) {
  EXPECT_EQ(RenderManual(kManual, {.styled = false, .columns = 40}),
            R"(portolan x -- do a thing

Synopsis

    portolan x [OPTION]... **REF**

Options

    -o, --output FORMAT
        Text with --code and a second
        line.

    --tls-verify[=BOOL]
        More.

    --user U, --password P
        Both.

    Not --an-option here.

Lists

    * one
    * two *star*

    a  long heading
    1  2

      fenced **code**
)");
}

TEST(RenderManual, StylesForTerminals) {
  EXPECT_EQ(RenderManual("a **b** *c* `d`\n", {.styled = true, .columns = 80}),
            "    a \x1b[1mb\x1b[0m \x1b[4mc\x1b[0m \x1b[1md\x1b[0m\n");
}

TEST(RenderManual, HangsTheLastColumnOfATable) {
  EXPECT_EQ(RenderManual("| 1 | " + std::string("word ", 5) + std::string(40, 'x') + " |\n",
                         {.columns = 40}),
            "    1  word\n       " + std::string(40, 'x') + "\n");
}

TEST(RenderManual, SurvivesAnything) {
  for (const char* text : {"", "\n\n", "|", "| a", "`", "**", ":   ", "#", "\\", "```", "* "}) {
    SCOPED_TRACE(text);
    EXPECT_LT(RenderManual(text, {}).size(), 100U);
  }
}

TEST(ManualSection, IsFoundByName) {
  EXPECT_EQ(ManualSection(kManual, "Synopsis"), "\n    portolan x [OPTION]... **REF**\n\n");
  EXPECT_EQ(ManualSection(kManual, "Nothing"), "");
  EXPECT_EQ(ManualTitle(kManual), "do a thing");
  EXPECT_EQ(ManualTitle("# portolan\n"), "");
}

TEST(ManualOptions, AreThoseWithADefinition) {
  EXPECT_EQ(ManualOptions(kManual),
            (std::vector<std::string>{"-o", "--output", "--tls-verify", "--user", "--password"}));
}

}  // namespace
}  // namespace portolan::cli
