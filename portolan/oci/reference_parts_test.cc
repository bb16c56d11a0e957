// RegistryName, RepositoryName and Tag: the parts of a reference.
#include <string>

#include <gtest/gtest.h>

#include "portolan/oci/reference.h"

namespace portolan::oci {
namespace {

TEST(RegistryNameTest, Accepts) {
  struct Row {
    const char* text;
    const char* expected;
    const char* host;
  };
  const Row rows[] = {
      {"quay.io", "quay.io", "quay.io"},
      {"QUAY.io", "quay.io", "quay.io"},
      {"localhost", "localhost", "localhost"},
      {"localhost:5000", "localhost:5000", "localhost"},
      {"registry", "registry", "registry"},
      {"a-b.c-d", "a-b.c-d", "a-b.c-d"},
      {"a--b.example", "a--b.example", "a--b.example"},
      {"1.2.3.4:1", "1.2.3.4:1", "1.2.3.4"},
      {"h:65535", "h:65535", "h"},
      {"[::1]", "[::1]", "[::1]"},
      {"[::1]:5000", "[::1]:5000", "[::1]"},
      {"[2001:DB8::A]:443", "[2001:db8::a]:443", "[2001:db8::a]"},
      {"docker.io", "docker.io", "docker.io"},
      {"index.docker.io", "docker.io", "docker.io"},
      {"Index.Docker.IO", "docker.io", "docker.io"},
      {"registry-1.docker.io", "registry-1.docker.io", "registry-1.docker.io"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    const Result<RegistryName> name = RegistryName::Parse(row.text);
    ASSERT_TRUE(name) << name.error().message;
    EXPECT_EQ(name->text(), row.expected);
    EXPECT_EQ(name->host(), row.host);
  }
}

TEST(RegistryNameTest, HostLength) {
  std::string host;
  for (int i = 0; i < 126; ++i) host += "a.";
  EXPECT_TRUE(RegistryName::Parse(host + "a"));
  EXPECT_TRUE(RegistryName::Parse(host + "a:5000"));
  EXPECT_FALSE(RegistryName::Parse(host + "aa"));
}

TEST(RegistryNameTest, Refuses) {
  struct Row {
    const char* name;
    std::string text;
    const char* reason;
  };
  const Row rows[] = {
      {"empty", "", "missing"},
      {"port alone", ":5000", "missing"},
      {"empty port", "h:", "port"},
      {"port 0", "h:0", "port"},
      {"port 65536", "h:65536", "port"},
      {"signed port", "h:+1", "port"},
      {"port with leading zero", "h:0443", "port"},
      {"port with letter", "h:50a", "port"},
      {"bare IPv6", "::1", "brackets"},
      {"bare long IPv6", "2001:db8::1", "brackets"},
      {"unclosed bracket", "[::1", "brackets"},
      {"empty brackets", "[]", "brackets"},
      {"name in brackets", "[localhost]", "brackets"},
      {"zone", "[fe80::1%25eth0]", "brackets"},
      {"text after bracket", "[::1]x", "brackets"},
      {"NUL", std::string("[::1\0]", 6), "NUL"},
      {"underscore", "a_b.c", "only letters"},
      {"slash", "a/b", "only letters"},
      {"user", "u@h", "only letters"},
      {"space", "a b", "only letters"},
      {"not ASCII", "münchen.example", "only letters"},
      {"leading dot", ".a", "empty"},
      {"two dots", "a..b", "empty"},
      {"trailing dot", "a.", "empty"},
      {"leading hyphen", "-a.b", "'-'"},
      {"trailing hyphen", "a-.b", "'-'"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Result<RegistryName> name = RegistryName::Parse(row.text);
    ASSERT_FALSE(name);
    EXPECT_EQ(name.error().code, ErrorCode::kReferenceInvalid);
    EXPECT_NE(name.error().message.find(row.reason), std::string::npos) << name.error().message;
  }
}

TEST(RepositoryNameTest, Accepts) {
  const std::string rows[] = {"ubuntu",    "library/ubuntu",
                              "a",         "0",
                              "a.b",       "a_b",
                              "a__b",      "a-b",
                              "a--b",      "a-----b",
                              "a/b/c/d/e", "a.b_c__d-e",
                              "64/x",      std::string(255, 'a')};
  for (const std::string& row : rows) {
    SCOPED_TRACE(row);
    const Result<RepositoryName> name = RepositoryName::Parse(row);
    ASSERT_TRUE(name) << name.error().message;
    EXPECT_EQ(name->text(), row);
  }
}

TEST(RepositoryNameTest, Refuses) {
  struct Row {
    const char* name;
    std::string text;
    const char* reason;
  };
  const Row rows[] = {
      {"empty", "", "it is empty"},
      {"256 characters", std::string(256, 'a'), "255"},
      {"leading slash", "/a", "part between slashes is empty"},
      {"trailing slash", "a/", "part between slashes is empty"},
      {"two slashes", "a//b", "part between slashes is empty"},
      {"upper case", "Ubuntu", "upper-case"},
      {"a___b", "a___b", "joined"},
      {"a..b", "a..b", "joined"},
      {"a._b", "a._b", "joined"},
      {"a-_b", "a-_b", "joined"},
      {"a_-b", "a_-b", "joined"},
      {"leading dot", ".a", "start and end"},
      {"leading hyphen", "-a", "start and end"},
      {"trailing underscore", "a_", "start and end"},
      {"parent folder", "a/../b", "start and end"},
      {"space", "a b", "only lower-case"},
      {"colon", "a:b", "only lower-case"},
      {"percent", "a%2fb", "only lower-case"},
      {"NUL", std::string("a\0b", 3), "only lower-case"},
      {"not ASCII", "über", "only lower-case"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Result<RepositoryName> name = RepositoryName::Parse(row.text);
    ASSERT_FALSE(name);
    EXPECT_EQ(name.error().code, ErrorCode::kReferenceInvalid);
    EXPECT_NE(name.error().message.find(row.reason), std::string::npos) << name.error().message;
  }
}

TEST(RepositoryNameTest, HintOnlyWhereLowerCaseHelps) {
  EXPECT_EQ(RepositoryName::Parse("MyOrg/App").error().hint,
            "repository names are lower case: write \"myorg/app\"");
  EXPECT_EQ(RepositoryName::Parse("My Org").error().hint, "");
  EXPECT_EQ(RepositoryName::Parse("a..b").error().hint, "");
}

TEST(TagTest, Accepts) {
  const std::string rows[] = {
      "latest", "1.0", "_x", "A", "0", "v1.2.3-rc.1_x", "a..b", "a-", std::string(128, 'a')};
  for (const std::string& row : rows) {
    SCOPED_TRACE(row);
    EXPECT_TRUE(Tag::IsValid(row));
    const Result<Tag> tag = Tag::Parse(row);
    ASSERT_TRUE(tag) << tag.error().message;
    EXPECT_EQ(tag->text(), row);
  }
}

TEST(TagTest, Refuses) {
  struct Row {
    const char* name;
    std::string text;
    const char* reason;
  };
  const Row rows[] = {
      {"empty", "", "empty"},
      {"129 characters", std::string(129, 'a'), "128"},
      {"leading dot", ".a", "starts with"},
      {"leading hyphen", "-a", "starts with"},
      {"slash", "a/b", "only letters"},
      {"plus", "1.0+b", "only letters"},
      {"space", "a b", "only letters"},
      {"NUL", std::string("a\0", 2), "only letters"},
      {"not ASCII", "aü", "only letters"},
      {"escape", "a\x1b[0m", "\\x1b"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_FALSE(Tag::IsValid(row.text));
    const Result<Tag> tag = Tag::Parse(row.text);
    ASSERT_FALSE(tag);
    EXPECT_EQ(tag.error().code, ErrorCode::kReferenceInvalid);
    EXPECT_NE(tag.error().message.find(row.reason), std::string::npos) << tag.error().message;
  }
}

}  // namespace
}  // namespace portolan::oci
