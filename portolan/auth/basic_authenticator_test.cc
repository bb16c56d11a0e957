#include "portolan/auth/basic_authenticator.h"

#include <atomic>
#include <map>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/auth/bcrypt.h"
#include "portolan/auth/single_flight.h"
#include "portolan/base/base64.h"

namespace portolan::auth {
namespace {

const std::string kKey = "ptk_" + std::string(40, 'k');
const std::string kAda = "ada:$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW\n";

std::string Basic(const std::string& text) { return "Basic " + Base64Encode(text); }

// Accounts in a map.
class MapAccounts final : public Accounts {
 public:
  std::map<std::string, Account, std::less<>> accounts;
  std::map<oci::Sha256Bytes, ApiKey> keys;
  std::atomic<std::uint64_t> generation = 1;
  std::atomic<int> finds = 0;
  bool broken = false;

  Result<std::optional<Account>> Find(std::string_view name) override {
    if (broken) return portolan::Fail(ErrorCode::kIo, "no disk");
    ++finds;
    const auto it = accounts.find(name);
    return it == accounts.end() ? std::nullopt : std::optional(it->second);
  }
  Result<std::optional<ApiKey>> FindKey(const oci::Sha256Bytes& secret) override {
    const auto it = keys.find(secret);
    return it == keys.end() ? std::nullopt : std::optional(it->second);
  }
  Status SaveRefreshToken(const oci::Sha256Bytes&, const RefreshToken&) override { return {}; }
  Result<std::optional<RefreshToken>> FindRefreshToken(const oci::Sha256Bytes&) override {
    return std::optional<RefreshToken>();
  }
  Result<bool> RevokeRefreshToken(const oci::Sha256Bytes&) override { return false; }
  Result<std::optional<std::int64_t>> EpochOf(std::string_view) override {
    return std::optional<std::int64_t>();
  }
  std::uint64_t Generation() override { return generation; }
};

class BasicAuthenticatorTest : public testing::Test {
 protected:
  BasicAuthenticatorTest() {
    files_.files["/users"] = {.content = kAda};
    accounts_.accounts["kim"] = {.name = "kim", .password_hash = Hash("harbour")};
    accounts_.accounts["apps+ci"] = {.name = "apps+ci", .robot = true};
    accounts_.keys[oci::Sha256(kKey)] = {.id = 7, .account = "apps+ci"};
  }
  std::string Hash(const std::string& password) {
    return *BcryptHash(Secret(password), random_, 4);
  }
  std::unique_ptr<Authenticator> Make(bool with_file = true) {
    auto made = NewBasicAuthenticator(
        {.accounts = &accounts_,
         .htpasswd = with_file ? std::optional<std::string>("/users") : std::nullopt},
        "Portolan", {.files = files_, .clock = clock_, .random = random_, .log = log_});
    EXPECT_TRUE(made) << made.error().message;
    return *std::move(made);
  }

  MapAccounts accounts_;
  MemoryFiles files_;
  ManualClock clock_;
  FixedRandom random_;
  MemoryLog log_;
};

TEST_F(BasicAuthenticatorTest, ProvesNames) {
  accounts_.accounts["gone"] = {.name = "gone", .disabled = true, .password_hash = Hash("harbour")};
  const auto authenticator = Make();
  struct Row {
    std::string text;
    const char* user;  // empty: refused
    std::int64_t key = 0;
  };
  const Row rows[] = {
      {"kim:harbour", "kim"},
      {"kim:secret", ""},
      {"Kim:harbour", ""},
      {"ada:secret", "ada"},
      {"ada:harbour", ""},
      {"eve:harbour", ""},
      {"gone:harbour", ""},
      {"apps+ci:", ""},
      {"apps+ci:secret", ""},
      {"apps+ci:" + kKey, "apps+ci", 7},
      {":" + kKey, "apps+ci", 7},
      {"kim:" + kKey, ""},
      {"apps+ci:ptk_" + std::string(40, 'x'), ""},
      {"apps+ci:" + kKey + "k", ""},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    const Result<Identity> identity = authenticator->Authenticate(Basic(row.text));
    ASSERT_EQ(identity.has_value(), *row.user != '\0');
    if (identity) {
      EXPECT_EQ(*identity, (Identity{.name = row.user, .api_key = row.key}));
      EXPECT_EQ(authenticator->Known(Basic(row.text)), *identity);
    } else {
      EXPECT_EQ(identity.error().code, ErrorCode::kUnauthorized);
      EXPECT_EQ(identity.error().message, "wrong user name or password");
      EXPECT_EQ(authenticator->Known(Basic(row.text)), std::nullopt);
    }
  }
  EXPECT_FALSE(authenticator->Authenticate("Bearer x"));
}

TEST_F(BasicAuthenticatorTest, AnAccountHidesTheFilesUser) {
  accounts_.accounts["ada"] = {.name = "ada", .password_hash = Hash("other")};
  const auto authenticator = Make();
  EXPECT_FALSE(authenticator->Authenticate(Basic("ada:secret")));
  EXPECT_TRUE(authenticator->Authenticate(Basic("ada:other")));
  accounts_.accounts["ada"].disabled = true;
  ++accounts_.generation;
  EXPECT_FALSE(authenticator->Authenticate(Basic("ada:other")));
  EXPECT_FALSE(authenticator->Authenticate(Basic("ada:secret")));
  accounts_.accounts.erase("ada");
  ++accounts_.generation;
  EXPECT_TRUE(authenticator->Authenticate(Basic("ada:secret")));
}

TEST_F(BasicAuthenticatorTest, AccountsAlone) {
  const auto authenticator = Make(false);
  EXPECT_TRUE(authenticator->Authenticate(Basic("kim:harbour")));
  EXPECT_FALSE(authenticator->Authenticate(Basic("ada:secret")));
  clock_.Advance(std::chrono::minutes(1));  // no file must be looked at
  EXPECT_NE(authenticator->Known(Basic("kim:harbour")), std::nullopt);
  EXPECT_EQ(authenticator->Challenge(), "Basic realm=\"Portolan\"");
}

TEST_F(BasicAuthenticatorTest, AnotherGenerationForgetsAll) {
  const auto authenticator = Make();
  const std::string kim = Basic("kim:harbour");
  ASSERT_TRUE(authenticator->Authenticate(kim));
  ASSERT_NE(authenticator->Known(kim), std::nullopt);
  accounts_.accounts["kim"].password_hash = Hash("new");
  ++accounts_.generation;
  EXPECT_EQ(authenticator->Known(kim), std::nullopt);
  EXPECT_FALSE(authenticator->Authenticate(kim));
  EXPECT_TRUE(authenticator->Authenticate(Basic("kim:new")));
}

TEST_F(BasicAuthenticatorTest, AKeyIsRememberedNoLongerThanItLives) {
  accounts_.keys[oci::Sha256(kKey)].expires = clock_.WallNow() + std::chrono::seconds(90);
  const auto authenticator = Make(false);
  const std::string ci = Basic(":" + kKey);
  ASSERT_TRUE(authenticator->Authenticate(ci));
  clock_.Advance(std::chrono::seconds(89));
  EXPECT_NE(authenticator->Known(ci), std::nullopt);
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(authenticator->Known(ci), std::nullopt);
}

TEST_F(BasicAuthenticatorTest, AccountsThatCannotBeReadAreNoWrongPassword) {
  const auto authenticator = Make();
  accounts_.broken = true;
  const auto identity = authenticator->Authenticate(Basic("kim:harbour"));
  ASSERT_FALSE(identity);
  EXPECT_EQ(identity.error().code, ErrorCode::kIo);
}

TEST_F(BasicAuthenticatorTest, IsForSeveralThreads) {
  const auto authenticator = Make();
  std::atomic<int> proved = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 20; ++round) {
        const bool right = (i + round) % 2 == 0;
        const std::string field = Basic(right ? "kim:harbour" : "kim:wrong");
        if (authenticator->Authenticate(field).has_value() == right) ++proved;
        if (!right && authenticator->Known(field)) proved = -1000;
        if (round == 10) ++accounts_.generation;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(proved, 80);
}

TEST(SingleFlightTest, ManyShareTheWorkOfOne) {
  SingleFlight<int, int> flights;
  std::atomic<int> begun = 0;
  std::atomic<int> runs = 0;
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      ++begun;
      const int value = flights.Do(1, [&] {
        ++runs;
        // The others have called by then, but for a moment's bad luck, which costs a run.
        while (begun < 4) std::this_thread::yield();
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        return 42;
      });
      if (value == 42) ++right;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 4);
  EXPECT_LT(runs, 4);
  EXPECT_EQ(flights.Do(1, [] { return 43; }), 43);  // nothing is remembered
}

}  // namespace
}  // namespace portolan::auth
