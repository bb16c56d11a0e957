#include "portolan/dialect/habits.h"

#include <algorithm>
#include <set>
#include <string_view>

#include <gtest/gtest.h>

namespace portolan::dialect {
namespace {

TEST(Habits, AnswerQuestionsThatAreAsked) {
  for (const Habits* habits : AllHabits()) {
    for (const Habit& habit : habits->own) {
      EXPECT_NE(std::ranges::find(Questions(), habit.question, &Question::name), Questions().end())
          << habits->name << ": " << habit.question;
      EXPECT_FALSE(habit.answer.empty()) << habits->name << ": " << habit.question;
    }
  }
}

TEST(Habits, HaveOneAnswerAndOneNameEach) {
  std::set<std::string_view> names;
  for (const Habits* habits : AllHabits()) {
    EXPECT_TRUE(names.insert(habits->name).second) << habits->name;
    std::set<std::string_view> questions;
    for (const Habit& habit : habits->own) {
      EXPECT_TRUE(questions.insert(habit.question).second)
          << habits->name << ": " << habit.question;
    }
  }
}

TEST(Habits, AreThoseOfTheBaseWhereThereAreNoneOfItsOwn) {
  const Habits* quay = FindHabits("quay@2024-06");
  ASSERT_NE(quay, nullptr);
  EXPECT_EQ(quay->Answer("page.default"), "100");
  EXPECT_EQ(quay->Answer("challenge.service"), "quay.io");
  EXPECT_EQ(quay->Answer("tls.issuer"), "");
}

TEST(Habits, AreFoundByTheNameWithoutItsTime) {
  ASSERT_NE(FindHabits("quay"), nullptr);
  EXPECT_EQ(FindHabits("quay")->name, "quay@2023-03");
  EXPECT_EQ(FindHabits("nobody"), nullptr);
}

TEST(Compare, TakesOneOfSeveralAnswers) {
  EXPECT_EQ(Compare("sent", "sent"), Agreement::kAgrees);
  EXPECT_EQ(Compare("redirect 307 | sent", "sent"), Agreement::kAgrees);
  EXPECT_EQ(Compare("redirect 307 | sent", "redirect 302"), Agreement::kDiffers);
  EXPECT_EQ(Compare("sent", "sen"), Agreement::kDiffers);
}

TEST(Compare, LeavesOpenWhatTooFewTagsDoNotShow) {
  EXPECT_EQ(Compare("all", "at least 120"), Agreement::kAgrees);
  EXPECT_EQ(Compare("100", "at least 120"), Agreement::kDiffers);
  EXPECT_EQ(Compare("120", "at least 120"), Agreement::kOpen);
  EXPECT_EQ(Compare("1000", "at least 120"), Agreement::kOpen);
  EXPECT_EQ(Compare("all", "100"), Agreement::kDiffers);
  EXPECT_EQ(Compare("empty", "at least 120"), Agreement::kDiffers);
}

}  // namespace
}  // namespace portolan::dialect
