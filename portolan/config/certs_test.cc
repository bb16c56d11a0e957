#include "portolan/config/certs.h"

#include <gtest/gtest.h>

namespace portolan::config {
namespace {

struct Fixture {
  MemoryFiles files;
  Environment environment{.variables = {}, .home = "/home/u", .uid = 1000};

  void Touch(const std::string& path) { files.files[path] = {}; }
  Result<Certificates> Find(const char* registry,
                            const std::optional<std::string>& cert_dir = std::nullopt) {
    return FindCertificates(files, environment, cert_dir, *oci::RegistryName::Parse(registry));
  }
};

TEST(CertificatesTest, TheFirstExistingFolderWins) {
  Fixture fixture;
  EXPECT_EQ(*fixture.Find("h.test:5000"), Certificates{});
  const auto expect = [&](const std::string& base) {
    SCOPED_TRACE(base);
    const std::string folder = base + "/certs.d/h.test:5000";
    fixture.Touch(folder + "/ca.crt");
    const auto found = fixture.Find("h.test:5000");
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->folder, folder);
    EXPECT_EQ(found->ca_files, std::vector<std::string>{folder + "/ca.crt"});
  };
  expect("/etc/docker");
  expect("/etc/containers");
  expect("/home/u/.config/containers");
  fixture.environment.variables["XDG_CONFIG_HOME"] = "/c";
  expect("/c/containers");
  // Another port, and no port, are other registries.
  EXPECT_EQ(*fixture.Find("h.test"), Certificates{});
}

TEST(CertificatesTest, ReadsAuthoritiesAndPairs) {
  Fixture fixture;
  for (const char* name :
       {"b.crt", "a.crt", "client.cert", "client.key", "x.cert", "x.key", "README", "old.pem"}) {
    fixture.Touch(std::string("/certs/") + name);
  }
  const auto found = fixture.Find("h.test", "/certs");
  ASSERT_TRUE(found) << found.error().message;
  const Certificates expected{
      .folder = "/certs",
      .ca_files = {"/certs/a.crt", "/certs/b.crt"},
      .client_pairs = {{.certificate = "/certs/client.cert", .key = "/certs/client.key"},
                       {.certificate = "/certs/x.cert", .key = "/certs/x.key"}}};
  EXPECT_EQ(*found, expected);
}

TEST(CertificatesTest, Errors) {
  struct Row {
    const char* name;
    const char* file;
    std::optional<std::string> cert_dir;
    const char* message;
  };
  const Row rows[] = {
      {"no key", "/etc/docker/certs.d/h.test/c.cert", std::nullopt,
       "/etc/docker/certs.d/h.test/c.key is missing: a client certificate needs both it and "
       "c.cert"},
      {"no certificate", "/d/c.key", "/d",
       "/d/c.cert is missing: a client certificate needs both it and c.key"},
      {"no folder", "/d/c.crt", "/e",
       "certificate folder /e: cannot list /e: No such file or directory"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Fixture fixture;
    fixture.Touch(row.file);
    const auto found = fixture.Find("h.test", row.cert_dir);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, ErrorCode::kConfigInvalid);
    EXPECT_EQ(found.error().message, row.message);
  }
}

}  // namespace
}  // namespace portolan::config
