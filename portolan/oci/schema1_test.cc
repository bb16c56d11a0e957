#include "portolan/oci/schema1.h"

#include <string>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "portolan/oci/hasher.h"

namespace portolan::oci {
namespace {

Manifest ImageOf(int layers) {
  Manifest image{.media_type = std::string(kDockerManifestType)};
  for (int i = 0; i < layers; ++i) {
    const std::string content = "layer " + std::to_string(i);
    image.layers.push_back({.media_type = "application/vnd.docker.image.rootfs.diff.tar.gzip",
                            .digest = DigestOf(HashAlgorithm::kSha256, content),
                            .size = content.size()});
  }
  return image;
}

Result<std::string> Payload(int layers, const std::string& config) {
  return Schema1Payload(*RepositoryName::Parse("a/b"), *Tag::Parse("v1"), ImageOf(layers), config);
}

TEST(Schema1Test, LayersAreNewestFirstAndChained) {
  const auto payload =
      Payload(2, R"({"architecture":"arm64","os":"linux","rootfs":{"type":"layers"},
    "history":[{"created":"2023-03-01T00:00:00Z","created_by":"ADD file"},
               {"created_by":"CMD sh","empty_layer":true},{"created_by":"RUN x"}]})");
  ASSERT_TRUE(payload) << payload.error().message;
  const boost::json::object parsed = boost::json::parse(*payload).as_object();
  EXPECT_EQ(parsed.at("schemaVersion"), 1);
  EXPECT_EQ(parsed.at("name"), "a/b");
  EXPECT_EQ(parsed.at("tag"), "v1");
  EXPECT_EQ(parsed.at("architecture"), "arm64");
  const boost::json::array& layers = parsed.at("fsLayers").as_array();
  const boost::json::array& history = parsed.at("history").as_array();
  ASSERT_EQ(layers.size(), 3U);
  ASSERT_EQ(history.size(), 3U);
  const Manifest image = ImageOf(2);
  EXPECT_EQ(layers[0].at("blobSum"), boost::json::string(image.layers[1].digest.text()));
  EXPECT_EQ(layers[1].at("blobSum"),
            "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4");
  EXPECT_EQ(layers[2].at("blobSum"), boost::json::string(image.layers[0].digest.text()));

  const auto entry = [&](std::size_t i) {
    return boost::json::parse(history[i].at("v1Compatibility").as_string()).as_object();
  };
  EXPECT_EQ(entry(0).at("os"), "linux") << "the newest is the image itself";
  EXPECT_FALSE(entry(0).contains("rootfs"));
  EXPECT_FALSE(entry(0).contains("history"));
  EXPECT_EQ(entry(0).at("parent"), entry(1).at("id"));
  EXPECT_EQ(entry(1).at("parent"), entry(2).at("id"));
  EXPECT_EQ(entry(1).at("throwaway"), true);
  EXPECT_FALSE(entry(2).contains("parent"));
  EXPECT_EQ(entry(2).at("container_config").at("Cmd").at(0), "ADD file");
  EXPECT_EQ(entry(2).at("id").as_string().size(), 64U);
}

TEST(Schema1Test, WithoutAHistoryEveryLayerIsAStep) {
  const auto payload = Payload(2, R"({"os":"linux"})");
  ASSERT_TRUE(payload) << payload.error().message;
  EXPECT_EQ(boost::json::parse(*payload).at("fsLayers").as_array().size(), 2U);
}

TEST(Schema1Test, WhatCannotBeConvertedIsToldSo) {
  EXPECT_EQ(Payload(0, "{}").error().code, ErrorCode::kUnsupported);
  for (const char* config :
       {"", "[]", R"({"history":[{}]})", R"({"history":[{},{},{}]})", R"({"history":[{},1]})"}) {
    const auto payload = Payload(2, config);
    ASSERT_FALSE(payload) << config;
    EXPECT_EQ(payload.error().code, ErrorCode::kManifestInvalid) << config;
  }
}

}  // namespace
}  // namespace portolan::oci
