#include "portolan/store/account_store.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "portolan/store/testing/temporary_folder.h"

namespace portolan::store {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

oci::Sha256Bytes HashOf(std::string_view text) { return oci::Sha256(text); }

class AccountStoreTest : public testing::Test {
 protected:
  std::unique_ptr<AccountStore> Open() {
    auto opened = AccountStore::Open(AccountStore::PathIn(folder_.path()), clock_);
    EXPECT_TRUE(opened) << opened.error().message;
    return *std::move(opened);
  }
  void Add(const std::string& name) {
    const Status added = store_->AddAccount({.name = name, .password_hash = "hash of " + name});
    ASSERT_TRUE(added) << added.error().message;
  }
  std::int64_t AddKey(const std::string& account, const std::string& text,
                      std::optional<Millis> expires = std::nullopt) {
    const auto id = store_->AddKey(
        {.account = account, .name = "of a test", .secret = HashOf(text), .expires = expires});
    EXPECT_TRUE(id) << id.error().message;
    return id ? *id : 0;
  }
  Millis In(Clock::Duration time) const {
    return ToMillis(clock_.WallNow() + std::chrono::duration_cast<std::chrono::microseconds>(time));
  }
  RefreshTokenRow TokenOf(const std::string& account, std::int64_t key = 0) const {
    return {.account = account,
            .api_key = key,
            .service = "registry",
            .client_id = "docker",
            .expires = In(hours(1))};
  }
  bool HasToken(std::string_view text) {
    const auto found = store_->FindRefreshToken(HashOf(text));
    EXPECT_TRUE(found) << found.error().message;
    return found && found->has_value();
  }
  bool HasKey(std::string_view text) {
    const auto found = store_->FindKey(HashOf(text));
    EXPECT_TRUE(found) << found.error().message;
    return found && found->has_value();
  }
  std::int64_t EpochOf(const std::string& name) { return (*store_->FindAccount(name))->epoch; }

  TemporaryFolder folder_;
  ManualClock clock_;
  std::unique_ptr<AccountStore> store_ = Open();
};

TEST_F(AccountStoreTest, KeepsAccounts) {
  EXPECT_TRUE(store_->ListAccounts()->empty());
  EXPECT_EQ(*store_->FindAccount("kim"), std::nullopt);
  Add("kim");
  ASSERT_TRUE(store_->AddAccount({.name = "apps+ci", .robot = true}));
  store_ = Open();
  const auto kim = *store_->FindAccount("kim");
  ASSERT_TRUE(kim);
  EXPECT_EQ(kim->password_hash, "hash of kim");
  EXPECT_FALSE(kim->robot);
  EXPECT_EQ(kim->disabled, std::nullopt);
  EXPECT_EQ(kim->created, ToMillis(clock_.WallNow()));
  EXPECT_EQ(*store_->FindAccount("Kim"), std::nullopt);
  const auto all = store_->ListAccounts();
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ((*all)[0].name, "apps+ci");
  EXPECT_TRUE((*all)[0].robot);
  EXPECT_EQ((*all)[0].password_hash, "");
  EXPECT_NE((*all)[0].epoch, (*all)[1].epoch);
}

TEST_F(AccountStoreTest, SaysWhatIsWrong) {
  Add("kim");
  const Status twice = store_->AddAccount({.name = "kim"});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, ErrorCode::kUsage);
  EXPECT_EQ(twice.error().message, "there is an account kim already");
  EXPECT_EQ((*store_->FindAccount("kim"))->password_hash, "hash of kim");
  const Error unknown[] = {
      store_->RemoveAccount("eve").error(), store_->SetPassword("eve", "x").error(),
      store_->SetDisabled("eve", true).error(), store_->AddKey({.account = "eve"}).error(),
      store_->ListKeys("eve").error()};
  for (const Error& error : unknown) {
    EXPECT_EQ(error.code, ErrorCode::kNameUnknown);
    EXPECT_EQ(error.message, "there is no account eve");
    EXPECT_NE(error.hint, "");
  }
  EXPECT_EQ(store_->RevokeKey(7).error().message, "there is no API key 7 to revoke");
}

TEST_F(AccountStoreTest, AKeyCountsUntilItsEnd) {
  Add("kim");
  const std::int64_t forever = AddKey("kim", "forever");
  const std::int64_t hour = AddKey("kim", "hour", In(hours(1)));
  EXPECT_NE(forever, hour);
  const auto found = *store_->FindKey(HashOf("forever"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->account, "kim");
  EXPECT_EQ(found->id, forever);
  EXPECT_EQ((*store_->FindKey(HashOf("hour")))->expires, In(hours(1)));
  EXPECT_FALSE(HasKey("another"));
  EXPECT_EQ((*store_->ListAccounts())[0].keys, 2);
  clock_.Advance(hours(1));
  EXPECT_FALSE(HasKey("hour"));
  EXPECT_EQ((*store_->ListAccounts())[0].keys, 1);
  const auto revoked = store_->RevokeKey(forever);
  ASSERT_TRUE(revoked);
  EXPECT_EQ(revoked->account, "kim");
  EXPECT_FALSE(HasKey("forever"));
  EXPECT_FALSE(store_->RevokeKey(forever));
  EXPECT_EQ(store_->ListKeys("")->size(), 2U);
  EXPECT_EQ((*store_->ListKeys("kim"))[0].revoked, ToMillis(clock_.WallNow()));
}

TEST_F(AccountStoreTest, AKeysUseIsNotedOnceAMinute) {
  Add("kim");
  AddKey("kim", "key");
  const auto used = [&] { return (*store_->ListKeys("kim"))[0].used; };
  EXPECT_EQ(used(), std::nullopt);
  const Millis first = In({});
  EXPECT_TRUE(HasKey("key"));
  EXPECT_EQ(used(), first);
  clock_.Advance(seconds(59));
  EXPECT_TRUE(HasKey("key"));
  EXPECT_EQ(used(), first);
  clock_.Advance(seconds(1));
  EXPECT_TRUE(HasKey("key"));
  EXPECT_EQ(used(), first + 60'000);
}

TEST_F(AccountStoreTest, RefreshTokensEnd) {
  Add("kim");
  ASSERT_TRUE(store_->AddRefreshToken(HashOf("a"), TokenOf("kim")));
  ASSERT_TRUE(store_->AddRefreshToken(HashOf("b"), TokenOf("kim")));
  EXPECT_EQ(*store_->FindRefreshToken(HashOf("a")), TokenOf("kim"));
  EXPECT_TRUE(*store_->RemoveRefreshToken(HashOf("a")));
  EXPECT_FALSE(*store_->RemoveRefreshToken(HashOf("a")));
  EXPECT_FALSE(HasToken("a"));
  EXPECT_TRUE(HasToken("b"));
  clock_.Advance(hours(1));
  EXPECT_FALSE(HasToken("b"));
}

TEST_F(AccountStoreTest, ARefreshTokenNeedsWhatItStandsFor) {
  Add("kim");
  Add("lee");
  const std::int64_t key = AddKey("kim", "key");
  const auto code = [&](const RefreshTokenRow& token) {
    const Status added = store_->AddRefreshToken(HashOf("t"), token);
    return added ? std::nullopt : std::optional(added.error().code);
  };
  EXPECT_EQ(code(TokenOf("eve")), ErrorCode::kDenied);
  EXPECT_EQ(code(TokenOf("lee", key)), ErrorCode::kDenied);  // another's key
  EXPECT_EQ(code(TokenOf("kim", key + 1)), ErrorCode::kDenied);
  ASSERT_TRUE(*store_->SetDisabled("kim", true));
  EXPECT_EQ(code(TokenOf("kim")), ErrorCode::kDenied);
  ASSERT_TRUE(*store_->SetDisabled("kim", false));
  ASSERT_TRUE(store_->RevokeKey(key));
  EXPECT_EQ(code(TokenOf("kim", key)), ErrorCode::kDenied);
  EXPECT_FALSE(HasToken("t"));
}

TEST_F(AccountStoreTest, ARefreshTokenEndsWithItsKey) {
  Add("kim");
  const std::int64_t revoked = AddKey("kim", "revoked");
  const std::int64_t ending = AddKey("kim", "ending", In(minutes(1)));
  ASSERT_TRUE(store_->AddRefreshToken(HashOf("by password"), TokenOf("kim")));
  ASSERT_TRUE(store_->AddRefreshToken(HashOf("by revoked"), TokenOf("kim", revoked)));
  ASSERT_TRUE(store_->AddRefreshToken(HashOf("by ending"), TokenOf("kim", ending)));
  const std::int64_t before = EpochOf("kim");
  ASSERT_TRUE(store_->RevokeKey(revoked));
  EXPECT_NE(EpochOf("kim"), before);
  EXPECT_FALSE(HasToken("by revoked"));
  EXPECT_TRUE(HasToken("by ending"));
  clock_.Advance(minutes(1));
  EXPECT_FALSE(HasToken("by ending"));
  EXPECT_TRUE(HasToken("by password"));
}

TEST_F(AccountStoreTest, TheOldestRefreshTokensGo) {
  Add("kim");
  for (int i = 0; i < AccountStore::kMaxRefreshTokens + 2; ++i) {
    ASSERT_TRUE(store_->AddRefreshToken(HashOf(std::to_string(i)), TokenOf("kim")));
    clock_.Advance(std::chrono::milliseconds(1));
  }
  EXPECT_FALSE(HasToken("0"));
  EXPECT_FALSE(HasToken("1"));
  EXPECT_TRUE(HasToken("2"));
  EXPECT_TRUE(HasToken(std::to_string(AccountStore::kMaxRefreshTokens + 1)));
}

TEST_F(AccountStoreTest, WhatTakesRightsAwayVoidsWhatWasIssued) {
  struct Row {
    const char* name;
    bool (*change)(AccountStore& store);
    bool key_stays;
  };
  const Row rows[] = {
      {"password", [](AccountStore& s) { return s.SetPassword("kim", "new").has_value(); }, true},
      {"disabled and enabled",
       [](AccountStore& s) { return *s.SetDisabled("kim", true) && *s.SetDisabled("kim", false); },
       true},
      {"removed and added again",
       [](AccountStore& s) {
         return s.RemoveAccount("kim").has_value() && s.AddAccount({.name = "kim"}).has_value();
       },
       false},
  };
  Add("kim");
  Add("lee");
  std::vector<std::int64_t> epochs = {EpochOf("kim"), EpochOf("lee")};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    ASSERT_TRUE(store_->AddRefreshToken(HashOf("t"), TokenOf("kim")));
    AddKey("kim", row.name);
    ASSERT_TRUE(row.change(*store_));
    const std::int64_t epoch = EpochOf("kim");
    EXPECT_EQ(std::ranges::find(epochs, epoch), epochs.end());
    epochs.push_back(epoch);
    EXPECT_FALSE(HasToken("t"));
    EXPECT_EQ(HasKey(row.name), row.key_stays);
  }
  EXPECT_EQ(EpochOf("lee"), epochs[1]);
}

TEST_F(AccountStoreTest, ADisabledAccountsKeysDoNotCount) {
  Add("kim");
  AddKey("kim", "key");
  EXPECT_TRUE(*store_->SetDisabled("kim", true));
  EXPECT_FALSE(*store_->SetDisabled("kim", true));
  EXPECT_EQ((*store_->FindAccount("kim"))->disabled, In({}));
  EXPECT_FALSE(HasKey("key"));
  EXPECT_TRUE(*store_->SetDisabled("kim", false));
  EXPECT_TRUE(HasKey("key"));
}

TEST_F(AccountStoreTest, ChangesOfOthersShowInTheGeneration) {
  const auto other = Open();
  Add("kim");
  clock_.Advance(seconds(1));
  std::uint64_t last = other->Generation();
  const auto changes = [&](const auto& change) {
    EXPECT_TRUE(change());
    EXPECT_EQ(other->Generation(), last);  // not looked at yet
    clock_.Advance(seconds(1));
    const bool changed = other->Generation() != last;
    last = other->Generation();
    return changed;
  };
  EXPECT_TRUE(changes([&] { return store_->SetPassword("kim", "x").has_value(); }));
  EXPECT_TRUE(changes([&] { return store_->SetDisabled("kim", true).has_value(); }));
  EXPECT_TRUE(changes([&] { return store_->SetDisabled("kim", false).has_value(); }));
  EXPECT_FALSE(changes([&] { return AddKey("kim", "key") > 0; }));
  EXPECT_FALSE(changes([&] { return HasKey("key"); }));
  EXPECT_FALSE(
      changes([&] { return store_->AddRefreshToken(HashOf("t"), TokenOf("kim")).has_value(); }));
  EXPECT_TRUE(changes([&] { return store_->RevokeKey(1).has_value(); }));
  EXPECT_TRUE(changes([&] { return store_->RemoveAccount("kim").has_value(); }));
  EXPECT_TRUE(changes([&] { return store_->AddAccount({.name = "kim"}).has_value(); }));
}

TEST_F(AccountStoreTest, OnesOwnChangesShowAtOnce) {
  const std::uint64_t before = store_->Generation();
  Add("kim");
  EXPECT_NE(store_->Generation(), before);
}

TEST_F(AccountStoreTest, TheFilesAreTheOwners) {
  Add("kim");
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat info{};
    const std::string path = AccountStore::PathIn(folder_.path()) + suffix;
    ASSERT_EQ(::stat(path.c_str(), &info), 0) << path;
    EXPECT_EQ(info.st_mode & 0777, 0600U) << path;
  }
}

TEST_F(AccountStoreTest, NoSecretIsInTheFiles) {
  Add("kim");
  AddKey("kim", "ptk_secret");
  ASSERT_TRUE(store_->AddRefreshToken(HashOf("refresh-secret"), TokenOf("kim")));
  for (const char* suffix : {"", "-wal"}) {
    std::ifstream file(AccountStore::PathIn(folder_.path()) + suffix, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    EXPECT_FALSE(text.empty());
    EXPECT_FALSE(text.contains("ptk_secret"));
    EXPECT_FALSE(text.contains("refresh-secret"));
  }
}

TEST_F(AccountStoreTest, RefusesAnothersFile) {
  const std::string path = folder_.path() + "/other.db";
  std::ofstream(path) << std::string(4096, 'x');
  EXPECT_FALSE(AccountStore::Open(path, clock_));
}

// Several processes begin at once, on a file that is not there yet, and each change is there.
TEST(AccountStoreProcessesTest, ManyMayWrite) {
  const TemporaryFolder folder;
  constexpr int kProcesses = 4;
  constexpr int kEach = 10;
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      const auto store = AccountStore::Open(AccountStore::PathIn(folder.path()), SystemClock());
      bool good = store.has_value();
      for (int n = 0; good && n < kEach; ++n) {
        good = (*store)->AddAccount({.name = std::to_string((i * kEach) + n)}).has_value();
      }
      ::_exit(good ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  const auto store = AccountStore::Open(AccountStore::PathIn(folder.path()), SystemClock());
  ASSERT_TRUE(store);
  EXPECT_EQ((*store)->ListAccounts()->size(), static_cast<std::size_t>(kProcesses * kEach));
}

TEST(AccountStoreThreadsTest, ReadersDoNotWaitForAWriter) {
  const TemporaryFolder folder;
  const auto store = *AccountStore::Open(AccountStore::PathIn(folder.path()), SystemClock());
  ASSERT_TRUE(store->AddAccount({.name = "kim", .password_hash = "0"}));
  std::atomic<bool> stop = false;
  std::atomic<int> failures = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        const auto found = store->FindAccount("kim");
        if (!found || !*found) ++failures;
        store->Generation();
      }
    });
  }
  for (int i = 1; i <= 20; ++i) EXPECT_TRUE(store->SetPassword("kim", std::to_string(i)));
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(failures, 0);
}

}  // namespace
}  // namespace portolan::store
