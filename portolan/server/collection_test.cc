// Requests for what the collector is about to remove at that moment.
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "portolan/server/testing/test_registry.h"

namespace portolan::server {
namespace {

struct Ask {
  const char* name;
  const char* method;
  bool manifest;
  http::Headers headers;
  int status;
};

TEST(Collection, WhoAsksMeanwhileWaitsAndHasALease) {
  TestRegistry registry;
  const std::string image = registry.PushImage("a", "t", "layer");
  const oci::Digest manifest = *oci::Digest::Parse(image);
  const oci::Digest layer = *oci::Digest::Parse(Sha256Of("layer"));
  const std::vector<Ask> asks = {
      {"head blob", "HEAD", false, {}, 200},
      {"get blob", "GET", false, {}, 200},
      {"part of a blob", "GET", false, {{"Range", "bytes=0-0"}}, 206},
      {"unchanged blob", "GET", false, {{"If-None-Match", "*"}}, 304},
      {"head blob, changed", "HEAD", false, {{"If-None-Match", "\"x\""}}, 200},
      {"head manifest", "HEAD", true, {}, 200},
      {"get manifest", "GET", true, {}, 200},
      {"unchanged manifest", "HEAD", true, {{"If-None-Match", "*"}}, 304},
  };
  store::LeaseTable& leases = registry.storage().leases();
  for (const Ask& ask : asks) {
    SCOPED_TRACE(ask.name);
    const oci::Digest& digest = ask.manifest ? manifest : layer;
    registry.clock.Advance(registry.storage().options().lease);
    ASSERT_TRUE(leases.Condemn(digest));
    std::thread collector([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      leases.Release(digest);
    });
    const std::string target = std::string("/v2/a/") + (ask.manifest ? "manifests/" : "blobs/");
    const Answered answered = registry.Send(
        {.method = ask.method, .target = target + digest.text(), .headers = ask.headers});
    collector.join();
    EXPECT_EQ(answered.status, ask.status);
    EXPECT_FALSE(leases.Condemn(digest));
  }
}

}  // namespace
}  // namespace portolan::server
