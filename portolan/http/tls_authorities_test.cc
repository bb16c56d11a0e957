#include "portolan/http/tls_authorities.h"

#include <gtest/gtest.h>

#include "portolan/http/testing/certificate.h"

namespace portolan::http {
namespace {

Environment With(std::map<std::string, std::string> variables) {
  return {.variables = std::move(variables), .home = "/", .uid = 0};
}

TEST(TlsAuthorities, ComeFromTheEnvironmentThenTheSystem) {
  struct Row {
    const char* name;
    std::map<std::string, std::string> variables;
    std::vector<std::string> paths;
    TlsAuthorities found;
  };
  const Row rows[] = {
      {"nothing", {}, {}, {"", ""}},
      {"folder before bundle",
       {},
       {"/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs/002c0b4f.0"},
       {"", "/etc/ssl/certs"}},
      {"folder without hashed names",
       {},
       {"/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs/x.pem"},
       {"/etc/ssl/certs/ca-certificates.crt", ""}},
      {"another system's bundle",
       {},
       {"/etc/pki/tls/certs/ca-bundle.crt"},
       {"/etc/pki/tls/certs/ca-bundle.crt", ""}},
      {"file of the environment",
       {{"SSL_CERT_FILE", "/a"}},
       {"/etc/ssl/certs/002c0b4f.0"},
       {"/a", ""}},
      {"folder of the environment",
       {{"SSL_CERT_DIR", "/a:/b"}},
       {"/etc/ssl/certs/002c0b4f.0"},
       {"", "/a:/b"}},
      {"both", {{"SSL_CERT_FILE", "/a"}, {"SSL_CERT_DIR", "/b"}}, {}, {"/a", "/b"}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    MemoryFiles files;
    for (const std::string& path : row.paths) files.files[path] = {.content = "x"};
    EXPECT_EQ(FindTlsAuthorities(With(row.variables), files), row.found);
  }
}

TEST(TlsAuthorities, ReadsTheBundleAndTheExtraFiles) {
  const TestAuthority a;
  const TestAuthority b;
  MemoryFiles files;
  files.files["/bundle"] = {.content = a.certificate()};
  files.files["/extra"] = {.content = "a comment\n" + b.certificate()};
  files.files["/garbage"] = {.content = "-----BEGIN CERTIFICATE-----\nnone\n"};
  EXPECT_EQ(ReadAuthorities({"/bundle", ""}, {"/extra"}, files).value(),
            a.certificate() + "\na comment\n" + b.certificate() + "\n");
  EXPECT_EQ(ReadAuthorities({"", "/folder"}, {"/extra"}, files).value(),
            "a comment\n" + b.certificate() + "\n");
  for (const char* path : {"/garbage", "/none"}) {
    SCOPED_TRACE(path);
    const auto read = ReadAuthorities({"/bundle", ""}, {"/extra", path}, files);
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error().code, ErrorCode::kTlsFailed);
    EXPECT_TRUE(read.error().message.contains(path)) << read.error().message;
  }
}

}  // namespace
}  // namespace portolan::http
