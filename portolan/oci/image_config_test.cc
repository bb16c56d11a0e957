#include "portolan/oci/image_config.h"

#include <string>

#include <gtest/gtest.h>

namespace portolan::oci {
namespace {

TEST(ImageConfigTest, PlatformIsRead) {
  EXPECT_EQ(PlatformOfConfig(R"({"os":"linux","architecture":"arm","variant":"v7","rootfs":{}})"),
            (Platform{.os = "linux", .architecture = "arm", .variant = "v7"}));
  EXPECT_EQ(PlatformOfConfig(R"({"os":1,"architecture":null})"), Platform{});
  EXPECT_EQ(PlatformOfConfig("{}"), Platform{});
}

TEST(ImageConfigTest, OtherContentIsRefused) {
  for (const std::string& content :
       {std::string(), std::string("[]"), std::string("{"), std::string("layer"),
        "{\"a\":" + std::string(100, '['), "{}" + std::string(kMaxImageConfig, ' ')}) {
    const Result<Platform> platform = PlatformOfConfig(content);
    ASSERT_FALSE(platform) << content.substr(0, 20);
    EXPECT_EQ(platform.error().code, ErrorCode::kManifestInvalid);
  }
}

}  // namespace
}  // namespace portolan::oci
