#include "portolan/auth/bcrypt.h"

#include <string>

#include <gtest/gtest.h>

namespace portolan::auth {
namespace {

const std::string kSecret = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

TEST(BcryptTest, KnowsItsCost) {
  struct Row {
    const char* name;
    std::string hash;
    std::optional<int> want;
  };
  const Row rows[] = {
      {"2y", kSecret, 4},
      {"2a", "$2a" + kSecret.substr(3), 4},
      {"2b", "$2b" + kSecret.substr(3), 4},
      {"cost 31", "$2y$31" + kSecret.substr(6), 31},
      {"cost 3", "$2y$03" + kSecret.substr(6), std::nullopt},
      {"cost 32", "$2y$32" + kSecret.substr(6), std::nullopt},
      {"cost of letters", "$2y$0a" + kSecret.substr(6), std::nullopt},
      {"2x, the broken one", "$2x" + kSecret.substr(3), std::nullopt},
      {"empty", "", std::nullopt},
      {"short", kSecret.substr(0, 59), std::nullopt},
      {"long", kSecret + "x", std::nullopt},
      {"other character", kSecret.substr(0, 59) + ":", std::nullopt},
      {"MD5", "$apr1$abcdefgh$0123456789012345678901", std::nullopt},
  };
  for (const Row& row : rows) EXPECT_EQ(BcryptCost(row.hash), row.want) << row.name;
}

TEST(BcryptTest, Matches) {
  struct Row {
    const char* name;
    std::string password;
    std::string hash;
    bool want;
  };
  const std::string of_72 = "$2a$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i";
  const Row rows[] = {
      {"right", "secret", kSecret, true},
      {"wrong", "secres", kSecret, false},
      {"beginning", "secre", kSecret, false},
      {"empty", "", kSecret, false},
      {"NUL after it", std::string("secret\0x", 8), kSecret, false},
      {"empty password", "", "$2y$04$abcdefghijklmnopqrstuubyCG3zY1GIXMyxfivm.ClDiInHzxjiq", true},
      {"NUL is not empty", std::string(1, '\0'),
       "$2y$04$abcdefghijklmnopqrstuubyCG3zY1GIXMyxfivm.ClDiInHzxjiq", false},
      {"2b", "other", "$2b$04$ABCDEFGHIJKLMNOPQRSTUubdTkc8VfDg3xLFFedNQLivmNw6I3T6K", true},
      {"not ASCII", "pä:ss", "$2y$05$abcdefghijklmnopqrstuudtY5L58DJw/vZi5DBaPop8khzotnulK", true},
      {"72 bytes", std::string(72, 'x'), of_72, true},
      {"71 bytes", std::string(71, 'x'), of_72, false},
      {"73 bytes, which bcrypt cuts", std::string(73, 'x'), of_72, false},
      // From crypt_blowfish's own tests.
      {"U*U", "U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", true},
      {"U*U*", "U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", true},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(BcryptMatches(Secret(row.password), row.hash), row.want) << row.name;
  }
}

TEST(BcryptHashTest, MakesWhatMatches) {
  FixedRandom random;
  const Secret password("correct horse");
  const auto first = BcryptHash(password, random, 4);
  const auto second = BcryptHash(password, random, 4);
  ASSERT_TRUE(first && second);
  EXPECT_NE(*first, *second);  // salted
  EXPECT_TRUE(first->starts_with("$2b$04$"));
  EXPECT_TRUE(BcryptMatches(password, *first));
  EXPECT_FALSE(BcryptMatches(Secret("correct horsf"), *first));
  EXPECT_EQ(BcryptCost(*BcryptHash(password, random)), kBcryptCost);
}

TEST(BcryptHashTest, RefusesWhatBcryptWouldCut) {
  FixedRandom random;
  const auto message = [&](std::string text) {
    const auto made = BcryptHash(Secret(std::move(text)), random, 4);
    return made ? "" : made.error().message;
  };
  EXPECT_EQ(message(""), "the password is empty");
  EXPECT_EQ(message(std::string(72, 'x')), "");
  EXPECT_EQ(message(std::string(73, 'x')), "a password may have at most 72 bytes");
  EXPECT_EQ(message(std::string("a\0b", 3)), "a password may have no NUL");
}

}  // namespace
}  // namespace portolan::auth
