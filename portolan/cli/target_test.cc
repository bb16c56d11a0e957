#include "portolan/cli/target.h"

#include <string>

#include <gtest/gtest.h>

namespace portolan::cli {
namespace {

TEST(RegistryAlone, TellsRegistriesFromImages) {
  struct Row {
    const char* name;
    const char* text;
    const char* dotted;            // the registry by kDotted; empty: none
    const char* dotted_or_ported;  // by kDottedOrPorted
  };
  const Row rows[] = {
      {"host", "quay.io", "quay.io", "quay.io"},
      {"host with port", "quay.io:443", "quay.io:443", "quay.io:443"},
      {"transport", "docker://quay.io", "quay.io", "quay.io"},
      {"web address", "https://quay.io", "quay.io", "quay.io"},
      {"web address of the API", "HTTPS://quay.io/v2/", "quay.io", "quay.io"},
      {"web address of a short name", "http://registry/", "registry", "registry"},
      {"web address of a repository", "https://quay.io/a", "", ""},
      {"localhost", "localhost", "localhost", "localhost"},
      {"localhost with port", "localhost:5000", "localhost:5000", "localhost:5000"},
      {"address in brackets", "[::1]:5000", "[::1]:5000", "[::1]:5000"},
      {"Docker Hub", "docker.io", "docker.io", "docker.io"},
      {"image", "ubuntu", "", ""},
      {"image and numeric tag", "redis:7", "", "redis:7"},
      {"image and dotted tag", "ubuntu:22.04", "", ""},
      {"image and tag", "ubuntu:latest", "", ""},
      {"repository", "quay.io/a", "", ""},
      {"digest", "a.b@sha256:0", "", ""},
      {"bad port", "quay.io:0", "", ""},
      {"empty", "", "", ""},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto dotted = RegistryAlone(row.text, RegistryRule::kDotted);
    EXPECT_EQ(dotted ? dotted->text() : "", row.dotted);
    const auto ported = RegistryAlone(row.text, RegistryRule::kDottedOrPorted);
    EXPECT_EQ(ported ? ported->text() : "", row.dotted_or_ported);
  }
}

TEST(ParseHostTarget, TakesRegistriesNamespacesAndWebAddresses) {
  struct Row {
    const char* name;
    const char* text;
    const char* expected;
  };
  const Row rows[] = {
      {"registry", "quay.io", "quay.io"},
      {"transport", "docker://quay.io", "quay.io"},
      {"namespace", "quay.io/team", "quay.io/team"},
      {"repository", "quay.io/team/app", "quay.io/team/app"},
      {"port", "localhost:5000", "localhost:5000"},
      {"docker's own key", "https://index.docker.io/v1/", "docker.io"},
      {"web address", "https://quay.io", "quay.io"},
      {"capitals", "HTTPS://Quay.io/v2/", "quay.io"},
      {"web address of a namespace", "http://localhost:5000/team/", "localhost:5000/team"},
      {"a namespace that looks like a version", "quay.io/v2", "quay.io/v2"},
      {"slash at the end", "quay.io/", "quay.io"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto target = ParseHostTarget(row.text);
    ASSERT_TRUE(target) << target.error().message;
    EXPECT_EQ(target->Name(), row.expected);
  }
}

TEST(ParseHostTarget, RefusesWhatIsNoName) {
  for (const char* text : {"", "/", "https://", "quay.io/Team", "quay.io//a", "qu ay.io", "a:0"}) {
    SCOPED_TRACE(text);
    const auto target = ParseHostTarget(text);
    ASSERT_FALSE(target);
    EXPECT_EQ(target.error().code, ErrorCode::kReferenceInvalid);
  }
}

}  // namespace
}  // namespace portolan::cli
