#include "portolan/wire/scope.h"

#include <gtest/gtest.h>

namespace portolan::wire {
namespace {

TEST(Scope, AsksForWhatTheMethodNeeds) {
  const auto repository = oci::RepositoryName::Parse("library/ubuntu");
  ASSERT_TRUE(repository);
  struct Row {
    const char* method;
    const char* want;
  };
  const Row rows[] = {
      {"GET", "repository:library/ubuntu:pull"},
      {"HEAD", "repository:library/ubuntu:pull"},
      {"POST", "repository:library/ubuntu:pull,push"},
      {"PUT", "repository:library/ubuntu:pull,push"},
      {"PATCH", "repository:library/ubuntu:pull,push"},
      {"DELETE", "repository:library/ubuntu:delete"},
      {"OPTIONS", "repository:library/ubuntu:pull"},
      {"", "repository:library/ubuntu:pull"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.method);
    EXPECT_EQ(Scope::ForRepository(*repository, row.method).ToString(), row.want);
  }
}

TEST(Scope, NamesTheCatalog) { EXPECT_EQ(Scope::ForCatalog().ToString(), "registry:catalog:*"); }

TEST(Scope, PrintsWithoutActions) { EXPECT_EQ((Scope{"a", "b", {}}).ToString(), "a:b:"); }

}  // namespace
}  // namespace portolan::wire
