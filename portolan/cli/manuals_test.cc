// Every manual says what the program really takes, and nothing else.
#include <algorithm>

#include <gtest/gtest.h>

#include "portolan/cli/command_line.h"
#include "portolan/cli/manual_text.h"
#include "portolan/cli/testing/whole_program.h"

namespace portolan::cli {
namespace {

std::vector<std::string> Sorted(std::vector<std::string> words) {
  std::ranges::sort(words);
  return words;
}

TEST(Manuals, NameExactlyTheDeclaredOptions) {
  for (const std::unique_ptr<Command>& command : AllCommands()) {
    SCOPED_TRACE(command->name());
    EXPECT_EQ(Sorted(ManualOptions(command->manual())), Sorted(DeclaredOptions(*command)));
  }
}

TEST(Manuals, HaveTheSectionsThatAReaderLooksFor) {
  for (const std::unique_ptr<Command>& command : AllCommands()) {
    SCOPED_TRACE(command->name());
    const std::string title = "# portolan " + std::string(command->name()) + " -- ";
    EXPECT_TRUE(command->manual().starts_with(title));
    for (const char* section : {"Synopsis", "Description", "Examples"}) {
      EXPECT_FALSE(ManualSection(command->manual(), section).empty()) << section;
    }
  }
}

TEST(Manuals, AreReadableOnAScreen) {
  for (const std::unique_ptr<Command>& command : AllCommands()) {
    SCOPED_TRACE(command->name());
    const std::string text = RenderManual(command->manual(), {});
    EXPECT_FALSE(text.contains("**"));
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = text.find('\n', begin);
      EXPECT_LE(end - begin, 100U) << text.substr(begin, end - begin);
      begin = end + 1;
    }
  }
}

}  // namespace
}  // namespace portolan::cli
