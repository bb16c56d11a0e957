#include <string>

#include <gtest/gtest.h>

#include "portolan/base/url.h"

namespace portolan {
namespace {

struct Row {
  const char* base;
  const char* reference;
  const char* expected;
};

void Check(const Row& row) {
  SCOPED_TRACE(std::string(row.base) + " + " + row.reference);
  const Result<Url> base = Url::Parse(row.base);
  ASSERT_TRUE(base) << base.error().message;
  const Result<Url> url = base->Resolve(row.reference);
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_EQ(url->ToString(), row.expected);
}

// Spec: RFC 3986 §5.4, with http for every scheme and without fragments.
TEST(UrlResolveTest, Rfc3986Examples) {
  constexpr const char* kBase = "http://a/b/c/d;p?q";
  const Row rows[] = {
      {kBase, "http://g", "http://g/"},
      {kBase, "g", "http://a/b/c/g"},
      {kBase, "./g", "http://a/b/c/g"},
      {kBase, "g/", "http://a/b/c/g/"},
      {kBase, "/g", "http://a/g"},
      {kBase, "//g", "http://g/"},
      {kBase, "?y", "http://a/b/c/d;p?y"},
      {kBase, "g?y", "http://a/b/c/g?y"},
      {kBase, "#s", "http://a/b/c/d;p?q"},
      {kBase, "g#s", "http://a/b/c/g"},
      {kBase, "g?y#s", "http://a/b/c/g?y"},
      {kBase, ";x", "http://a/b/c/;x"},
      {kBase, "g;x", "http://a/b/c/g;x"},
      {kBase, "g;x?y#s", "http://a/b/c/g;x?y"},
      {kBase, "", "http://a/b/c/d;p?q"},
      {kBase, ".", "http://a/b/c/"},
      {kBase, "./", "http://a/b/c/"},
      {kBase, "..", "http://a/b/"},
      {kBase, "../", "http://a/b/"},
      {kBase, "../g", "http://a/b/g"},
      {kBase, "../..", "http://a/"},
      {kBase, "../../", "http://a/"},
      {kBase, "../../g", "http://a/g"},
      {kBase, "../../../g", "http://a/g"},
      {kBase, "../../../../g", "http://a/g"},
      {kBase, "g.", "http://a/b/c/g."},
      {kBase, ".g", "http://a/b/c/.g"},
      {kBase, "g..", "http://a/b/c/g.."},
      {kBase, "..g", "http://a/b/c/..g"},
      {kBase, "./../g", "http://a/b/g"},
      {kBase, "./g/.", "http://a/b/c/g/"},
      {kBase, "g/./h", "http://a/b/c/g/h"},
      {kBase, "g/../h", "http://a/b/c/h"},
      {kBase, "g;x=1/./y", "http://a/b/c/g;x=1/y"},
      {kBase, "g;x=1/../y", "http://a/b/c/y"},
      {kBase, "g?y/./x", "http://a/b/c/g?y/./x"},
      {kBase, "g?y/../x", "http://a/b/c/g?y/../x"},
      {kBase, "g#s/../x", "http://a/b/c/g"},
      // Ours: an absolute path goes back as it came.
      {kBase, "/./g", "http://a/./g"},
      {kBase, "/../g", "http://a/../g"},
  };
  for (const Row& row : rows) Check(row);
}

TEST(UrlResolveTest, AsRegistriesWriteThem) {
  constexpr const char* kList = "https://quay.io/v2/a/b/tags/list?n=100";
  const Row rows[] = {
      {kList, "/v2/a/b/tags/list?last=x%2Fy&n=100",
       "https://quay.io/v2/a/b/tags/list?last=x%2Fy&n=100"},
      {kList, "/v2/%61/..%2f/%zz?n=%", "https://quay.io/v2/%61/..%2f/%zz?n=%"},
      {kList, "?a=b", "https://quay.io/v2/a/b/tags/list?a=b"},
      {kList, "?", "https://quay.io/v2/a/b/tags/list?"},
      {kList, "list?last=x", "https://quay.io/v2/a/b/tags/list?last=x"},
      {"https://h", "tags/list?x", "https://h/tags/list?x"},
      {"https://h?q", "tags/list?x", "https://h/tags/list?x"},
      {"https://h/?a/b", "c", "https://h/c"},
      {kList, "//host/p", "https://host/p"},
      {"http://h:5000/a", "//host:1/p", "http://host:1/p"},
      {"http://h:5000/a", "/b", "http://h:5000/b"},
      {"http://[::1]:5000/a/b", "c", "http://[::1]:5000/a/c"},
      {kList, "HTTP://Other:80/P", "http://other/P"},
      {kList, "https://[::1]:5000/x?y#z", "https://[::1]:5000/x?y"},
      {kList, "x/y:z", "https://quay.io/v2/a/b/tags/x/y:z"},
      {kList, "?x:y", "https://quay.io/v2/a/b/tags/list?x:y"},
      {kList, "%2e%2e/x", "https://quay.io/v2/a/b/tags/%2e%2e/x"},
      {kList, "x?http://y@z/", "https://quay.io/v2/a/b/tags/x?http://y@z/"},
      {"https://h/a//b/c", "../d", "https://h/a//d"},
      {"https://h/a/", "b//c", "https://h/a/b//c"},
      {"https://h/a", "/", "https://h/"},
  };
  for (const Row& row : rows) Check(row);
}

TEST(UrlResolveTest, Refuses) {
  struct Bad {
    const char* name;
    std::string reference;
    const char* reason;
  };
  const Bad rows[] = {
      {"other scheme", "ftp://h/a", "scheme"},
      {"scheme without host", "http:g", "does not start"},
      {"script", "javascript:alert(1)", "does not start"},
      {"file", "file:///etc/passwd", "scheme"},
      {"host and port only", "localhost:5000/x", "does not start"},
      {"no host", "///x", "host is missing"},
      {"user", "//u:p@h/", "user name"},
      {"user, absolute", "https://u:p@h/", "user name"},
      {"port", "//h:0/", "port"},
      {"space", "/a b", "space"},
      {"line end", "/a\r\nX: y", "control"},
      {"NUL", std::string("a\0b", 3), "control"},
      {"not ASCII", "?\xc3\xbc", "not ASCII"},
      {"control in fragment", "#\x01", "control"},
  };
  const Url base = *Url::Parse("https://h/a/b");
  for (const Bad& row : rows) {
    SCOPED_TRACE(row.name);
    const Result<Url> url = base.Resolve(row.reference);
    ASSERT_FALSE(url) << url->ToString();
    EXPECT_EQ(url.error().code, ErrorCode::kProtocol);
    EXPECT_NE(url.error().message.find(row.reason), std::string::npos) << url.error().message;
  }
}

}  // namespace
}  // namespace portolan
