#include "portolan/wire/route.h"

#include <gtest/gtest.h>

namespace portolan::wire {
namespace {

TEST(Route, BuildsPaths) {
  const auto repository = oci::RepositoryName::Parse("library/ubuntu");
  ASSERT_TRUE(repository);
  EXPECT_EQ(BasePath(), "/v2/");
  EXPECT_EQ(TagListPath(*repository, std::nullopt), "/v2/library/ubuntu/tags/list");
  EXPECT_EQ(TagListPath(*repository, 1000), "/v2/library/ubuntu/tags/list?n=1000");
  EXPECT_EQ(CatalogPath(std::nullopt), "/v2/_catalog");
  EXPECT_EQ(CatalogPath(2), "/v2/_catalog?n=2");
  EXPECT_EQ(RepositoryPath(*repository, "manifests/latest?x=%2F"),
            "/v2/library/ubuntu/manifests/latest?x=%2F");
}

TEST(Route, ReplacesThePage) {
  struct Row {
    const char* path;
    const char* last;
    const char* want;
  };
  const Row rows[] = {
      {"/v2/a/tags/list", "v1", "/v2/a/tags/list?n=50&last=v1"},
      {"/v2/a/tags/list?n=1000", "v1", "/v2/a/tags/list?n=50&last=v1"},
      {"/v2/a/tags/list?last=v0&n=9&next_page=x%3D", "v1",
       "/v2/a/tags/list?next_page=x%3D&n=50&last=v1"},
      {"/v2/a/tags/list?&&x&n", "v1", "/v2/a/tags/list?x&n=50&last=v1"},
      {"/v2/_catalog?", "a/b&c d", "/v2/_catalog?n=50&last=a%2Fb%26c%20d"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.path);
    EXPECT_EQ(WithLast(row.path, 50, row.last), row.want);
  }
}

}  // namespace
}  // namespace portolan::wire
