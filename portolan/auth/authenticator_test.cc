#include "portolan/auth/authenticator.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/base/base64.h"

namespace portolan::auth {
namespace {

const std::string kAda = "ada:$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW\n";
const std::string kBob = "bob:$2b$04$ABCDEFGHIJKLMNOPQRSTUubdTkc8VfDg3xLFFedNQLivmNw6I3T6K\n";

std::string Basic(const std::string& text) { return "Basic " + Base64Encode(text); }

class HtpasswdAuthenticatorTest : public testing::Test {
 protected:
  HtpasswdAuthenticatorTest() { files_.files["/users"] = {.content = kAda}; }

  std::unique_ptr<Authenticator> Make() {
    auto made = NewHtpasswdAuthenticator("/users", "Portolan", files_, clock_, random_, log_);
    EXPECT_TRUE(made) << made.error().message;
    return *std::move(made);
  }

  MemoryFiles files_;
  ManualClock clock_;
  FixedRandom random_;
  MemoryLog log_;
};

TEST(OpenAuthenticatorTest, EverybodyIsAnonymous) {
  const auto open = NewOpenAuthenticator();
  for (const char* field : {"", "Basic YTpi", "nonsense"}) {
    EXPECT_EQ(open->Known(field), Identity{});
    EXPECT_EQ(*open->Authenticate(field), Identity{});
  }
  EXPECT_EQ(open->Challenge(), "");
}

TEST_F(HtpasswdAuthenticatorTest, ProvesNames) {
  const auto authenticator = Make();
  struct Row {
    const char* name;
    std::string field;
    const char* user;     // empty: refused
    const char* message;  // then
  };
  constexpr const char* kWrong = "wrong user name or password";
  constexpr const char* kScheme = "this registry takes a user name and password (Basic)";
  const Row rows[] = {
      {"right", Basic("ada:secret"), "ada", ""},
      {"scheme in lower case", "basic " + Base64Encode("ada:secret"), "ada", ""},
      {"spaces", " Basic   " + Base64Encode("ada:secret") + " ", "ada", ""},
      {"wrong password", Basic("ada:secres"), "", kWrong},
      {"empty password", Basic("ada:"), "", kWrong},
      {"unknown user", Basic("eve:secret"), "", kWrong},
      {"nobody", Basic(":secret"), "", kWrong},
      {"no colon", Basic("ada"), "", kWrong},
      {"not base64", "Basic ada:secret", "", kWrong},
      {"no credentials", "Basic", "", kWrong},
      {"NUL after the password", Basic(std::string("ada:secret\0", 11)), "", kWrong},
      {"NUL after the user", Basic(std::string("ada\0:secret", 11)), "", kWrong},
      {"longest password", Basic("ada:" + std::string(72, 'x')), "", kWrong},
      {"too long a password", Basic("ada:" + std::string(73, 'x')), "",
       "a password may have at most 72 bytes"},
      {"too long a password of an unknown user", Basic("eve:" + std::string(73, 'x')), "",
       "a password may have at most 72 bytes"},
      {"token", "Bearer abc", "", kScheme},
      {"other scheme", "Basically " + Base64Encode("ada:secret"), "", kScheme},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Result<Identity> identity = authenticator->Authenticate(row.field);
    ASSERT_EQ(identity.has_value(), *row.user != '\0');
    if (identity) {
      EXPECT_EQ(identity->name, row.user);
      EXPECT_EQ(authenticator->Known(row.field), *identity);
    } else {
      EXPECT_EQ(identity.error().code, ErrorCode::kUnauthorized);
      EXPECT_EQ(identity.error().message, row.message);
      EXPECT_EQ(authenticator->Known(row.field), std::nullopt);
    }
  }
}

TEST_F(HtpasswdAuthenticatorTest, NoFieldIsAnonymous) {
  const auto authenticator = Make();
  clock_.Advance(std::chrono::hours(1));
  EXPECT_EQ(authenticator->Known(""), Identity{});
  EXPECT_EQ(*authenticator->Authenticate(""), Identity{});
}

TEST_F(HtpasswdAuthenticatorTest, KnowsNothingBeforeItWasProved) {
  const auto authenticator = Make();
  EXPECT_EQ(authenticator->Known(Basic("ada:secret")), std::nullopt);
}

TEST_F(HtpasswdAuthenticatorTest, LooksAtTheFileOnceASecond) {
  const auto authenticator = Make();
  const std::string ada = Basic("ada:secret");
  EXPECT_EQ(files_.reads["/users"], 1);
  ASSERT_TRUE(authenticator->Authenticate(ada));
  ASSERT_TRUE(authenticator->Authenticate(ada));
  EXPECT_EQ(files_.reads["/users"], 1);
  clock_.Advance(std::chrono::milliseconds(999));
  EXPECT_NE(authenticator->Known(ada), std::nullopt);
  clock_.Advance(std::chrono::milliseconds(1));
  EXPECT_EQ(authenticator->Known(ada), std::nullopt);  // somebody must look first
  EXPECT_EQ(files_.reads["/users"], 1);
  ASSERT_TRUE(authenticator->Authenticate(ada));
  EXPECT_EQ(files_.reads["/users"], 2);
  EXPECT_NE(authenticator->Known(ada), std::nullopt);
}

TEST_F(HtpasswdAuthenticatorTest, ChangesOfTheFileCount) {
  const auto authenticator = Make();
  ASSERT_TRUE(authenticator->Authenticate(Basic("ada:secret")));
  files_.files["/users"].content = kBob;
  EXPECT_FALSE(authenticator->Authenticate(Basic("bob:other")));  // not looked at yet
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_TRUE(authenticator->Authenticate(Basic("bob:other")));
  EXPECT_EQ(authenticator->Known(Basic("ada:secret")), std::nullopt);
  EXPECT_FALSE(authenticator->Authenticate(Basic("ada:secret")));
}

TEST_F(HtpasswdAuthenticatorTest, ABrokenFileKeepsTheUsersOfBefore) {
  const auto authenticator = Make();
  files_.files["/users"].content = kBob + "eve:plain\n";
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_TRUE(authenticator->Authenticate(Basic("ada:secret")));
  EXPECT_FALSE(authenticator->Authenticate(Basic("bob:other")));
  EXPECT_EQ(log_.warnings(),
            std::vector<std::string>{
                "/users:2: the line is not a bcrypt entry ($2y$…); the users of before stay"});
  files_.files.erase("/users");
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_TRUE(authenticator->Authenticate(Basic("ada:secret")));
  EXPECT_EQ(log_.warnings().size(), 2U);
  files_.files["/users"] = {.content = kBob};
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_TRUE(authenticator->Authenticate(Basic("bob:other")));
}

TEST_F(HtpasswdAuthenticatorTest, CredentialsEndAfterFiveMinutes) {
  const auto authenticator = Make();
  const std::string ada = Basic("ada:secret");
  ASSERT_TRUE(authenticator->Authenticate(ada));
  clock_.Advance(std::chrono::minutes(5));
  ASSERT_FALSE(authenticator->Authenticate(Basic("eve:x")));  // looks at the file
  EXPECT_EQ(authenticator->Known(ada), std::nullopt);
  EXPECT_TRUE(authenticator->Authenticate(ada));
  EXPECT_NE(authenticator->Known(ada), std::nullopt);
}

TEST_F(HtpasswdAuthenticatorTest, Challenges) {
  EXPECT_EQ(Make()->Challenge(), "Basic realm=\"Portolan\"");
  const auto quoted =
      NewHtpasswdAuthenticator("/users", R"(a "b" \c)", files_, clock_, random_, log_);
  EXPECT_EQ((*quoted)->Challenge(), R"(Basic realm="a \"b\" \\c")");
}

TEST_F(HtpasswdAuthenticatorTest, RefusesToStart) {
  const auto fails = [&](const std::string& path, const std::string& realm) {
    auto made = NewHtpasswdAuthenticator(path, realm, files_, clock_, random_, log_);
    return made ? Error{} : made.error();
  };
  EXPECT_EQ(fails("/none", "x").code, ErrorCode::kConfigInvalid);
  EXPECT_EQ(fails("/none", "x").hint, "make it with: htpasswd -cB /none USER");
  EXPECT_EQ(fails("/users", "a\r\nX: y").code, ErrorCode::kConfigInvalid);
  EXPECT_EQ(fails("/users", "é").code, ErrorCode::kConfigInvalid);
  files_.files["/bad"] = {.content = "ada:secret"};
  EXPECT_EQ(fails("/bad", "x").message, "/bad:1: the line is not a bcrypt entry ($2y$…)");
  files_.unreadable = {"/users"};
  EXPECT_EQ(fails("/users", "x").code, ErrorCode::kIo);
}

TEST_F(HtpasswdAuthenticatorTest, IsForSeveralThreads) {
  const auto authenticator = Make();
  std::atomic<int> proved = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 10; ++round) {
        const bool right = (i + round) % 2 == 0;
        const std::string field = Basic(right ? "ada:secret" : "ada:wrong");
        if (authenticator->Authenticate(field).has_value() == right) ++proved;
        if (!right && authenticator->Known(field)) proved = -1000;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(proved, 40);
}

TEST_F(HtpasswdAuthenticatorTest, EmptyNameAndPasswordAreNobodyInParticular) {
  const auto authenticator = Make();
  EXPECT_EQ(authenticator->Known("Basic Og=="), Identity{});
  const auto identity = authenticator->Authenticate(Basic(":"));
  ASSERT_TRUE(identity);
  EXPECT_TRUE(identity->anonymous());
}

}  // namespace
}  // namespace portolan::auth
