#include "portolan/repo/names.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace portolan::repo {
namespace {

TEST(NamesTest, HoldsWhatWasAddedInOrder) {
  Names names{"b", "", "a longer one"};
  names.Add("c");
  ASSERT_EQ(names.size(), 4);
  EXPECT_EQ(names[0], "b");
  EXPECT_EQ(names[1], "");
  EXPECT_EQ(names[2], "a longer one");
  EXPECT_EQ(names[3], "c");
  EXPECT_EQ(names.text_size(), 14);
}

TEST(NamesTest, IteratesAsViews) {
  const Names names{"x", "yy"};
  const std::vector<std::string> copies(names.begin(), names.end());
  EXPECT_EQ(copies, (std::vector<std::string>{"x", "yy"}));
  EXPECT_TRUE(std::ranges::equal(names, std::vector<std::string_view>{"x", "yy"}));
  EXPECT_TRUE(Names().begin() == Names().end() || Names().empty());
}

TEST(NamesTest, TruncateKeepsTheFirst) {
  Names names{"a", "b", "c"};
  names.Truncate(2);
  EXPECT_EQ(names, (Names{"a", "b"}));
  names.Clear();
  EXPECT_TRUE(names.empty());
  names.Add("d");
  EXPECT_EQ(names, Names{"d"});
}

TEST(NamesTest, EqualTextInOtherPiecesIsNotEqual) {
  EXPECT_NE((Names{"ab", "c"}), (Names{"a", "bc"}));
}

}  // namespace
}  // namespace portolan::repo
