#include "portolan/oci/reference.h"

#include <string>

#include <gtest/gtest.h>

namespace portolan::oci {
namespace {

const std::string kHex(64, 'a');
const std::string kDigest = "sha256:" + kHex;

TEST(ReferenceTest, Parses) {
  struct Row {
    std::string text;
    std::string name;
    std::string suffix;  // what ToString adds to Name
  };
  const Row rows[] = {
      {"ubuntu", "docker.io/library/ubuntu", ""},
      {"ubuntu:22.04", "docker.io/library/ubuntu", ":22.04"},
      {"ubuntu@" + kDigest, "docker.io/library/ubuntu", "@" + kDigest},
      {"ubuntu:22.04@" + kDigest, "docker.io/library/ubuntu", ":22.04@" + kDigest},
      {"user/app", "docker.io/user/app", ""},
      {"user/app:1.0", "docker.io/user/app", ":1.0"},
      {"docker.io/ubuntu", "docker.io/library/ubuntu", ""},
      {"docker.io/library/ubuntu", "docker.io/library/ubuntu", ""},
      {"index.docker.io/ubuntu", "docker.io/library/ubuntu", ""},
      {"index.docker.io/user/app", "docker.io/user/app", ""},
      {"DOCKER.IO/ubuntu", "docker.io/library/ubuntu", ""},
      {"registry-1.docker.io/library/ubuntu", "registry-1.docker.io/library/ubuntu", ""},
      {"registry.hub.docker.com/library/ubuntu", "registry.hub.docker.com/library/ubuntu", ""},
      {"docker.io:443/ubuntu", "docker.io:443/ubuntu", ""},
      {"quay.io/foo", "quay.io/foo", ""},
      {"quay.io/a/b@" + kDigest, "quay.io/a/b", "@" + kDigest},
      {"Quay.IO/a/b:1", "quay.io/a/b", ":1"},
      {"ghcr.io/owner/repo/image:Tag_1", "ghcr.io/owner/repo/image", ":Tag_1"},
      {"localhost/x", "localhost/x", ""},
      {"LOCALHOST/x", "localhost/x", ""},
      {"localhost:5000/x", "localhost:5000/x", ""},
      {"localhost:5000/x:5000", "localhost:5000/x", ":5000"},
      {"localhost:5000", "docker.io/library/localhost", ":5000"},
      {"host:5000/x", "host:5000/x", ""},
      {"Host:5000/x", "host:5000/x", ""},
      {"1.2.3.4/x", "1.2.3.4/x", ""},
      {"[::1]/x", "[::1]/x", ""},
      {"[::1]:5000/x", "[::1]:5000/x", ""},
      {"[::1]:5000/x:1@" + kDigest, "[::1]:5000/x", ":1@" + kDigest},
      {"[2001:DB8::1]/x/y", "[2001:db8::1]/x/y", ""},
      {"a__b", "docker.io/library/a__b", ""},
      {"a--b", "docker.io/library/a--b", ""},
      {"quay.io", "docker.io/library/quay.io", ""},
      {"library", "docker.io/library/library", ""},
      {"docker://ubuntu", "docker.io/library/ubuntu", ""},
      {"docker://quay.io/a/b:1", "quay.io/a/b", ":1"},
      {"https://quay.io/repository/a/b", "quay.io/a/b", ""},
      {"https://Quay.io/repository/a/b", "quay.io/a/b", ""},
      {"https://quay.io/a/b", "quay.io/a/b", ""},
      {"https://ghcr.io/a/b", "ghcr.io/a/b", ""},
      {"https://ghcr.io/a/b:1@" + kDigest, "ghcr.io/a/b", ":1@" + kDigest},
      {"https://ghcr.io/repository/a/b", "ghcr.io/repository/a/b", ""},
      {"HTTPS://docker.io/ubuntu", "docker.io/library/ubuntu", ""},
      {"docker.io/library/" + kHex, "docker.io/library/" + kHex, ""},
      {kHex + ":1", "docker.io/library/" + kHex, ":1"},
      {std::string(63, 'a'), "docker.io/library/" + std::string(63, 'a'), ""},
      {"quay.io/" + std::string(255, 'a'), "quay.io/" + std::string(255, 'a'), ""},
      {std::string(247, 'a'), "docker.io/library/" + std::string(247, 'a'), ""},
      {"x:" + std::string(128, 't'), "docker.io/library/x", ":" + std::string(128, 't')},
      {"x@blake3:" + kHex, "docker.io/library/x", "@blake3:" + kHex},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    const Result<Reference> reference = Reference::Parse(row.text);
    ASSERT_TRUE(reference) << reference.error().message;
    EXPECT_EQ(reference->Name(), row.name);
    EXPECT_EQ(reference->ToString(), row.name + row.suffix);
    const Result<Reference> again = Reference::Parse(reference->ToString());
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, *reference);
  }
}

TEST(ReferenceTest, PartsAreTyped) {
  const Result<Reference> reference = Reference::Parse("[::1]:5000/a/b:1@" + kDigest);
  ASSERT_TRUE(reference);
  EXPECT_EQ(reference->registry.text(), "[::1]:5000");
  EXPECT_EQ(reference->registry.host(), "[::1]");
  EXPECT_EQ(reference->repository.text(), "a/b");
  ASSERT_TRUE(reference->tag);
  EXPECT_EQ(reference->tag->text(), "1");
  ASSERT_TRUE(reference->digest);
  EXPECT_EQ(reference->digest->text(), kDigest);
  EXPECT_FALSE(Reference::Parse("ubuntu")->tag);
  EXPECT_FALSE(Reference::Parse("ubuntu")->digest);
}

TEST(ReferenceTest, RefusesAndSaysWhy) {
  struct Row {
    const char* name;
    std::string text;
    const char* message;  // a part of it
    const char* hint;     // a part of it
  };
  const Row rows[] = {
      {"empty", "", "it is empty", "ubuntu"},
      {"docker:// alone", "docker://", "it is empty", "ubuntu"},
      {"https:// alone", "https://", "it is empty", "ubuntu"},
      {"space", "a b", "a space", ""},
      {"space after", "ubuntu ", "a space", ""},
      {"space before", " ubuntu", "a space", ""},
      {"line end", "ubuntu\n", "ubuntu\\x0a", ""},
      {"NUL", std::string("ubuntu\0x", 8), "\\x00", ""},
      {"not ASCII", "übuntu", "plain ASCII", ""},
      {"very long", std::string(5000, 'a'), "too long", ""},
      {"256 characters", "quay.io/" + std::string(256, 'a'), "255", ""},
      {"256 characters with library/", std::string(248, 'a'), "255", ""},
      {"upper-case name", "Ubuntu", "upper-case", "write \"ubuntu\""},
      {"upper-case path", "ghcr.io/MyOrg/App", "\"MyOrg/App\"", "write \"myorg/app\""},
      {"upper-case user", "MyOrg/app", "a dot or a port", "lower case"},
      {"a___b", "a___b", "joined", ""},
      {"a..b", "a..b", "joined", ""},
      {"64 hexadecimal digits", kHex, "image ID", "NAME@sha256:"},
      {"docker:// and 64 digits", "docker://" + kHex, "image ID", ""},
      {"trailing slash", "quay.io/a/", "ends with a slash", "leave"},
      {"registry and slash", "quay.io/", "ends with a slash", "add the repository"},
      {"leading slash", "/a", "part between slashes is empty", ""},
      {"two slashes", "quay.io//a", "part between slashes is empty", ""},
      {"port without path", "[::1]:5000", "invalid repository name", ""},
      {"port 0", "h:0/x", "port must be", ""},
      {"port 65536", "h:65536/x", "port must be", ""},
      {"tag before a slash", "a/b:c/d", "invalid repository name \"a/b:c/d\"", ""},
      {"bare IPv6", "::1/x", "brackets", ""},
      {"bad host", "a..b/x", "host name is empty", ""},
      {"underscore in host", "a_b.c/x", "only letters", ""},
      {"empty tag", "ubuntu:", "a tag cannot be empty", ""},
      {"bad tag", "ubuntu:-x", "invalid tag \"-x\"", ""},
      {"two tags", "ubuntu:a:b", "invalid repository name \"ubuntu:a\"", ""},
      {"empty digest", "ubuntu@", "no colon", ""},
      {"short digest", "ubuntu@sha256:aa", "exactly 64", ""},
      {"two digests", "ubuntu@" + kDigest + "@" + kDigest, "invalid digest", ""},
      {"path after digest", "ubuntu@" + kDigest + "/x", "invalid digest", ""},
      {"digest alone", "@" + kDigest, "it is empty", ""},
      {"tag alone", ":latest", "it is empty", ""},
      {"parent folder", "quay.io/../x", "start and end", ""},
      {"http", "http://localhost:5000/x", "http://",
       "write \"localhost:5000/x\" and add --tls-verify=false"},
      {"HTTP", "HTTP://h/x", "http://", "--tls-verify=false"},
      {"other prefix", "ftp://h/x", "not known", "docker://"},
      {"two prefixes", "docker://https://quay.io/a/b", "not known", ""},
      {"https, no repository", "https://quay.io", "no repository", "quay.io/NAME"},
      {"https, slash", "https://quay.io/", "ends with a slash", ""},
      {"https, bare word host", "https://registry/a/b", "a dot or a port", "registry:443"},
      {"https, query", "https://quay.io/repository/a/b?tab=tags", "'?'", "leave out"},
      {"https, fragment", "https://ghcr.io/a/b#x", "'#'", "leave out"},
      {"quay, no repository", "https://quay.io/repository/", "ends with a slash", ""},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Result<Reference> reference = Reference::Parse(row.text);
    ASSERT_FALSE(reference) << reference->ToString();
    const Error& error = reference.error();
    EXPECT_EQ(error.code, ErrorCode::kReferenceInvalid);
    EXPECT_NE(error.message.find(row.message), std::string::npos) << error.message;
    EXPECT_NE(error.hint.find(row.hint), std::string::npos) << error.hint;
    EXPECT_EQ(error.message.find('\n'), std::string::npos);
  }
}

TEST(ReferenceTest, WholeMessage) {
  const Error error = Reference::Parse("quay.io/Fedora").error();
  EXPECT_EQ(error.message,
            "invalid image name \"quay.io/Fedora\": invalid repository name \"Fedora\": it has an "
            "upper-case letter");
  EXPECT_EQ(error.hint, "repository names are lower case: write \"fedora\"");
}

TEST(ReferenceTest, PasswordsInWebAddressesAreNotShown) {
  for (const char* text : {"https://me:hunter2@quay.io/a/b", "http://me:hunter2@quay.io/a/b"}) {
    SCOPED_TRACE(text);
    const Error error = Reference::Parse(text).error();
    EXPECT_EQ((error.message + error.hint).find("hunter2"), std::string::npos);
    EXPECT_NE(error.hint.find("login"), std::string::npos);
  }
}

TEST(ReferenceTest, IsShortName) {
  struct Row {
    const char* text;
    bool expected;
  };
  const Row rows[] = {
      {"ubuntu", true},           {"ubuntu:1.0", true},
      {"user/app", true},         {"user/app:1.0", true},
      {"quay.io", true},          {"localhost:5000", true},
      {"docker.io/x", false},     {"quay.io/a/b", false},
      {"localhost/x", false},     {"host:5000/x", false},
      {"[::1]/x", false},         {"Host/x", false},
      {"docker://ubuntu", false}, {"https://quay.io/a", false},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    EXPECT_EQ(Reference::IsShortName(row.text), row.expected);
  }
}

}  // namespace
}  // namespace portolan::oci
