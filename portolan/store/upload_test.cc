// Uploads, from their first byte to the blob, and everything that may go wrong on the way.
#include <optional>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "portolan/store/storage.h"
#include "portolan/store/testing/storage_fixture.h"

namespace portolan::store {
namespace {

using oci::HashAlgorithm;

class UploadTest : public testing::Test, public StorageFixture {
 protected:
  std::string Start() {
    const auto state = storage().StartUpload(kRepository, HashAlgorithm::kSha256, Someone());
    EXPECT_TRUE(state) << state.error().message;
    EXPECT_EQ(state->offset, 0U);
    return state->id;
  }
  Result<std::unique_ptr<UploadWriter>> Continue(const std::string& id) {
    return storage().ContinueUpload(kRepository, id, Someone());
  }
  // One PATCH.
  void Add(const std::string& id, std::string_view piece) {
    const auto writer = Continue(id);
    ASSERT_TRUE(writer) << writer.error().message;
    ASSERT_TRUE(Feed(**writer, piece));
    const auto state = (*writer)->Acknowledge();
    ASSERT_TRUE(state) << state.error().message;
    EXPECT_EQ(state->id, id);
    EXPECT_EQ(state->offset, (*writer)->offset());
  }
  Status Finish(const std::string& id, const oci::Digest& digest, std::string_view last = "") {
    PORTOLAN_TRY(const auto writer, Continue(id));
    PORTOLAN_CHECK(Feed(*writer, last));
    return writer->Finish(digest, Someone());
  }
  ErrorCode CodeOf(const auto& result) { return result ? ErrorCode::kUsage : result.error().code; }
  std::optional<std::uint64_t> OffsetOf(const std::string& id) {
    const auto state = storage().FindUpload(kRepository, id, Someone());
    return state ? std::optional(state->offset) : std::nullopt;
  }
  Result<std::string> Pull(const oci::Digest& digest) { return PullBlob(storage(), "a/b", digest); }

  const oci::RepositoryName kRepository = RepositoryNamed("a/b");
  const std::string small_ = "small content";
  const std::string large_ = RandomContent(100'000, 1);
};

TEST_F(UploadTest, SmallBlobIsOneCommitAndNoFile) {
  const std::uint64_t before = plan.operations();
  EXPECT_TRUE(PushBlob(storage(), "a/b", small_, Someone()));
  EXPECT_EQ(plan.operations() - before, 1U);
  EXPECT_TRUE(disk.Files().empty());
  EXPECT_EQ(Pull(Sha256Of(small_)), small_);
}

TEST_F(UploadTest, SmallSessionIsThreeCommitsAndNoFile) {
  const std::uint64_t before = plan.operations();
  const std::string id = Start();
  Add(id, small_);
  EXPECT_TRUE(Finish(id, Sha256Of(small_)));
  EXPECT_EQ(plan.operations() - before, 3U);
  EXPECT_TRUE(disk.Files().empty());
  EXPECT_EQ(Pull(Sha256Of(small_)), small_);
  EXPECT_EQ(OffsetOf(id), std::nullopt);
}

TEST_F(UploadTest, EmptyBlob) {
  EXPECT_TRUE(PushBlob(storage(), "a/b", "", Someone()));
  EXPECT_EQ(Pull(Sha256Of("")), "");
}

TEST_F(UploadTest, LargeBlobIsAnObject) {
  EXPECT_TRUE(PushBlob(storage(), "a/b", large_, Someone()));
  const auto row = storage().StatBlob(kRepository, Sha256Of(large_), kPoolPatience);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->size, large_.size());
  EXPECT_EQ(disk.Files(), (std::map<std::string, std::string>{{"blobs/" + row->object, large_}}));
  EXPECT_EQ(Pull(Sha256Of(large_)), large_);
}

TEST_F(UploadTest, PushedAgainItHealsWhatWasLost) {
  EXPECT_TRUE(PushBlob(storage(), "a/b", large_, Someone()));
  const auto row = storage().StatBlob(kRepository, Sha256Of(large_), kPoolPatience);
  ASSERT_TRUE(storage().blobs().Remove({row->object}));
  ASSERT_FALSE(PullBlob(storage(), "a/b", Sha256Of(large_)));
  EXPECT_TRUE(PushBlob(storage(), "other", large_, Someone()));
  LosePower(FaultyDisk::Survival::kNothing);
  EXPECT_EQ(Pull(Sha256Of(large_)), large_);
  EXPECT_EQ(disk.Files().size(), 1U);
}

TEST_F(UploadTest, SessionGrowsOutOfItsRow) {
  const std::string id = Start();
  Add(id, large_.substr(0, 10));
  EXPECT_TRUE(disk.Files().empty());
  Add(id, large_.substr(10, 10));
  EXPECT_EQ(disk.Files()["uploads/" + id], large_.substr(0, 20));
  Add(id, large_.substr(20));
  EXPECT_EQ(OffsetOf(id), large_.size());
  EXPECT_TRUE(Finish(id, Sha256Of(large_)));
  EXPECT_EQ(Pull(Sha256Of(large_)), large_);
  EXPECT_EQ(storage().blobs().ListStaged(), std::vector<std::string>());
}

TEST_F(UploadTest, SessionGoesOnAfterPowerLoss) {
  for (const std::size_t first : {std::size_t{7}, std::size_t{70'000}}) {
    const std::string content = RandomContent(90'000, first);
    const std::string id = Start();
    Add(id, content.substr(0, first));
    LosePower(FaultyDisk::Survival::kNothing);
    EXPECT_EQ(OffsetOf(id), first);
    EXPECT_TRUE(Finish(id, Sha256Of(content), content.substr(first)));
    EXPECT_EQ(Pull(Sha256Of(content)), content);
  }
}

TEST_F(UploadTest, WhatIsNotAcknowledgedIsCutOff) {
  const std::string id = Start();
  Add(id, large_.substr(0, 50'000));
  {
    const auto writer = Continue(id);
    ASSERT_TRUE(writer);
    EXPECT_TRUE(Feed(**writer, "more bytes of a connection that broke than are still to come"));
  }
  EXPECT_EQ(OffsetOf(id), 50'000U);
  const std::string content = large_.substr(0, 50'010);
  EXPECT_TRUE(Finish(id, Sha256Of(content), content.substr(50'000)));
  EXPECT_EQ(Pull(Sha256Of(content)), content);
}

// The bytes were more than a row holds when the connection broke: the staging file is stale.
TEST_F(UploadTest, SpilledButNotAcknowledgedIsForgotten) {
  const std::string id = Start();
  Add(id, "12345");
  {
    const auto writer = Continue(id);
    EXPECT_TRUE(Feed(**writer, large_));
    EXPECT_EQ(disk.Files().size(), 1U);
  }
  EXPECT_TRUE(disk.Files().empty());
  EXPECT_TRUE(Finish(id, Sha256Of("1234567"), "67"));
  EXPECT_EQ(Pull(Sha256Of("1234567")), "1234567");
}

TEST_F(UploadTest, AcknowledgingNothingNewIsFree) {
  const std::string id = Start();
  const auto writer = Continue(id);
  const std::uint64_t before = plan.operations();
  const auto state = (*writer)->Acknowledge();
  ASSERT_TRUE(state);
  EXPECT_EQ(state->offset, 0U);
  EXPECT_EQ(plan.operations(), before);
}

TEST_F(UploadTest, OneWriterAtATime) {
  const std::string id = Start();
  {
    const auto writer = Continue(id);
    ASSERT_TRUE(writer);
    EXPECT_EQ(CodeOf(Continue(id)), ErrorCode::kBlobUploadInvalid);
    EXPECT_EQ(CodeOf(storage().CancelUpload(kRepository, id, Someone())),
              ErrorCode::kBlobUploadInvalid);
    EXPECT_EQ(OffsetOf(id), 0U);
  }
  EXPECT_TRUE(Continue(id));
}

TEST_F(UploadTest, BelongsToOneRepositoryAndPrincipal) {
  const std::string id = Start();
  const oci::RepositoryName other = RepositoryNamed("a/c");
  const Actor bob = Someone("bob");
  const auto writer = Continue(id);  // that it is busy is nobody else's business either
  EXPECT_EQ(CodeOf(storage().FindUpload(other, id, Someone())), ErrorCode::kBlobUploadUnknown);
  EXPECT_EQ(CodeOf(storage().FindUpload(kRepository, id, bob)), ErrorCode::kBlobUploadUnknown);
  EXPECT_EQ(CodeOf(storage().ContinueUpload(other, id, Someone())), ErrorCode::kBlobUploadUnknown);
  EXPECT_EQ(CodeOf(storage().ContinueUpload(kRepository, id, bob)), ErrorCode::kBlobUploadUnknown);
  EXPECT_EQ(CodeOf(storage().CancelUpload(kRepository, id, bob)), ErrorCode::kBlobUploadUnknown);
  EXPECT_EQ(CodeOf(storage().FindUpload(kRepository, std::string(32, '0'), Someone())),
            ErrorCode::kBlobUploadUnknown);
  EXPECT_EQ(id.size(), 32U);
}

TEST_F(UploadTest, WrongDigestKeepsTheSession) {
  for (const std::size_t first : {std::size_t{5}, std::size_t{50'000}}) {
    const std::string content = RandomContent(80'000, first);
    const std::string id = Start();
    Add(id, content.substr(0, first));
    const Status finished = Finish(id, Sha256Of(content), "not the rest");
    ASSERT_FALSE(finished);
    EXPECT_EQ(finished.error().code, ErrorCode::kDigestInvalid);
    EXPECT_EQ(OffsetOf(id), first);
    EXPECT_EQ(CodeOf(Pull(Sha256Of(content))), ErrorCode::kBlobUnknown);
    EXPECT_TRUE(Finish(id, Sha256Of(content), content.substr(first)));
    EXPECT_EQ(Pull(Sha256Of(content)), content);
  }
}

TEST_F(UploadTest, WrongDigestOfOneRequestLeavesNothing) {
  const auto writer = storage().WriteBlob(kRepository, HashAlgorithm::kSha256);
  ASSERT_TRUE(Feed(**writer, large_));
  EXPECT_EQ(CodeOf((*writer)->Finish(Sha256Of(small_), Someone())), ErrorCode::kDigestInvalid);
  const_cast<std::unique_ptr<UploadWriter>&>(*writer).reset();
  EXPECT_TRUE(disk.Files().empty());
}

TEST_F(UploadTest, DigestOfAnotherAlgorithmReadsAgain) {
  for (const std::string& content : {small_, large_}) {
    const oci::Digest digest = oci::DigestOf(HashAlgorithm::kSha512, content);
    const std::string id = Start();
    Add(id, content.substr(0, 5));
    EXPECT_EQ(CodeOf(Finish(id, oci::DigestOf(HashAlgorithm::kSha512, "other"), "x")),
              ErrorCode::kDigestInvalid);
    EXPECT_TRUE(Finish(id, digest, content.substr(5)));
    EXPECT_EQ(Pull(digest), content);
    EXPECT_EQ(CodeOf(Pull(Sha256Of(content))), ErrorCode::kBlobUnknown);
  }
}

TEST_F(UploadTest, HashedWithTheAlgorithmOfTheStart) {
  const auto state = storage().StartUpload(kRepository, HashAlgorithm::kSha512, Someone());
  Add(state->id, large_);
  Reopen();
  const oci::Digest digest = oci::DigestOf(HashAlgorithm::kSha512, large_);
  EXPECT_TRUE(Finish(state->id, digest));
  EXPECT_EQ(Pull(digest), large_);
}

TEST_F(UploadTest, AlgorithmsThatNobodyCanCompute) {
  const auto blake = oci::Digest::Parse("blake9:" + std::string(64, '0'));
  const std::string id = Start();
  EXPECT_EQ(CodeOf(Finish(id, *blake, "x")), ErrorCode::kUnsupported);
  EXPECT_EQ(OffsetOf(id), 0U);
}

TEST_F(UploadTest, HashAndAppendMustHaveSeenTheSame) {
  const std::string id = Start();
  const auto writer = Continue(id);
  (*writer)->Hash("12");
  ASSERT_TRUE((*writer)->Append("1"));
  EXPECT_EQ(CodeOf((*writer)->Acknowledge()), ErrorCode::kInternal);
  EXPECT_EQ(CodeOf((*writer)->Finish(Sha256Of("12"), Someone())), ErrorCode::kInternal);
  ASSERT_TRUE((*writer)->Append("2"));
  EXPECT_TRUE((*writer)->Finish(Sha256Of("12"), Someone()));
  EXPECT_EQ(CodeOf((*writer)->Finish(Sha256Of("12"), Someone())), ErrorCode::kInternal);
}

TEST_F(UploadTest, HashAndAppendOnTwoThreads) {
  const auto writer = storage().WriteBlob(kRepository, HashAlgorithm::kSha256);
  std::thread pool([&] {
    for (std::size_t i = 0; i < large_.size(); i += 1000) {
      ASSERT_TRUE((*writer)->Append(std::string_view(large_).substr(i, 1000)));
    }
  });
  for (std::size_t i = 0; i < large_.size(); i += 700) {
    (*writer)->Hash(std::string_view(large_).substr(i, 700));
    EXPECT_LE((*writer)->offset(), large_.size());
  }
  pool.join();
  EXPECT_TRUE((*writer)->Finish(Sha256Of(large_), Someone()));
  EXPECT_EQ(Pull(Sha256Of(large_)), large_);
}

TEST_F(UploadTest, OneRequestHasNothingToAcknowledge) {
  const auto writer = storage().WriteBlob(kRepository, HashAlgorithm::kSha256);
  EXPECT_EQ(CodeOf((*writer)->Acknowledge()), ErrorCode::kInternal);
}

TEST_F(UploadTest, DroppedRequestLeavesNothing) {
  {
    const auto writer = storage().WriteBlob(kRepository, HashAlgorithm::kSha256);
    ASSERT_TRUE(Feed(**writer, large_));
    EXPECT_EQ(disk.Files().size(), 1U);
  }
  EXPECT_TRUE(disk.Files().empty());
}

TEST_F(UploadTest, SecondPushOfTheSameContentKeepsTheFirstObject) {
  ASSERT_TRUE(PushBlob(storage(), "a/b", large_, Someone()));
  const auto files = disk.Files();
  EXPECT_TRUE(PushBlob(storage(), "a/c", large_, Someone()));
  EXPECT_EQ(disk.Files(), files);
  EXPECT_EQ(PullBlob(storage(), "a/c", Sha256Of(large_)), large_);
}

TEST_F(UploadTest, CancelRemovesAll) {
  const std::string id = Start();
  Add(id, large_);
  EXPECT_TRUE(storage().CancelUpload(kRepository, id, Someone()));
  EXPECT_TRUE(disk.Files().empty());
  EXPECT_EQ(OffsetOf(id), std::nullopt);
  EXPECT_EQ(CodeOf(storage().CancelUpload(kRepository, id, Someone())),
            ErrorCode::kBlobUploadUnknown);
}

TEST_F(UploadTest, LostContentEndsTheUpload) {
  const std::string gone = Start();
  Add(gone, large_);
  ASSERT_TRUE(disk.Remove("uploads/" + gone));
  EXPECT_EQ(CodeOf(Continue(gone)), ErrorCode::kBlobUploadUnknown);
  EXPECT_EQ(OffsetOf(gone), std::nullopt);
  const std::string shorter = Start();
  Add(shorter, large_);
  ASSERT_TRUE((*disk.Open("uploads/" + shorter, true))->Truncate(99));
  EXPECT_EQ(CodeOf(Continue(shorter)), ErrorCode::kBlobUploadUnknown);
  EXPECT_EQ(OffsetOf(shorter), std::nullopt);
}

TEST_F(UploadTest, FailedWriteFailsForEver) {
  const auto writer = storage().WriteBlob(kRepository, HashAlgorithm::kSha256);
  ASSERT_TRUE(Feed(**writer, large_));
  plan.FailAt(1, FaultPlan::How::kOnce, ErrorCode::kIo);  // SyncData; the next would succeed
  EXPECT_EQ(CodeOf((*writer)->Finish(Sha256Of(large_), Someone())), ErrorCode::kIo);
  EXPECT_EQ(CodeOf((*writer)->Finish(Sha256Of(large_), Someone())), ErrorCode::kIo);
  EXPECT_EQ(CodeOf((*writer)->Append("x")), ErrorCode::kIo);
}

// Whatever operation finds the disk full: the session stays as it was acknowledged, and goes on to
// its end when there is space again.
TEST_F(UploadTest, FullDiskLosesNothing) {
  for (const std::uint64_t acknowledged : {10U, 5000U}) {
    bool failed = true;
    for (std::uint64_t i = 1; failed; ++i) {
      SCOPED_TRACE(i);
      const std::string content = RandomContent(8000, i + acknowledged);
      const std::string id = Start();
      Add(id, content.substr(0, acknowledged));
      plan.FailAt(i, FaultPlan::How::kOnce, ErrorCode::kInsufficientStorage);
      Status finished = Finish(id, Sha256Of(content), content.substr(acknowledged));
      failed = plan.operations() >= i;
      plan.Clear();
      if (!finished) {
        EXPECT_EQ(finished.error().code, ErrorCode::kInsufficientStorage);
        ASSERT_EQ(OffsetOf(id), acknowledged);
        finished = Finish(id, Sha256Of(content), content.substr(acknowledged));
      }
      ASSERT_TRUE(finished) << finished.error().message;
      EXPECT_EQ(Pull(Sha256Of(content)), content);
    }
  }
  EXPECT_EQ(storage().blobs().ListStaged(), std::vector<std::string>());
}

TEST_F(UploadTest, FinishLeases) {
  EndLeases();
  ASSERT_TRUE(PushBlob(storage(), "a/b", large_, Someone()));
  EXPECT_FALSE(storage().leases().Condemn(Sha256Of(large_)));
  EXPECT_EQ(CodeOf(Finish(Start(), Sha256Of("x"), "y")), ErrorCode::kDigestInvalid);
  EXPECT_TRUE(storage().leases().Condemn(Sha256Of("x")));
}

TEST_F(UploadTest, FinishWaitsForTheCollector) {
  EndLeases();
  ASSERT_TRUE(storage().leases().Condemn(Sha256Of(small_)));
  std::thread collector([&] { storage().leases().Release(Sha256Of(small_)); });
  EXPECT_TRUE(PushBlob(storage(), "a/b", small_, Someone()));
  collector.join();
}

}  // namespace
}  // namespace portolan::store
