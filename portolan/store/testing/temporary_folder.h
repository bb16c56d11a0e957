// A folder of the machine for one test.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace portolan::store {

/// Empty at first; removed with all that is in it at the end. In memory where the machine has such
/// a place and TMPDIR does not say otherwise: tests commit thousands of times.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    const bool memory = std::getenv("TMPDIR") == nullptr && ::access("/dev/shm", W_OK | X_OK) == 0;
    const std::filesystem::path parent =
        memory ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path();
    std::string name = (parent / "portolan-store-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }
  std::string Under(std::string_view name) const { return path_ + "/" + std::string(name); }

  /// Makes a file, and the folders in which it is.
  void Write(std::string_view name, std::string_view content) const {
    std::filesystem::create_directories(std::filesystem::path(Under(name)).parent_path());
    std::ofstream(Under(name), std::ios::binary) << content;
  }
  std::string Read(std::string_view name) const {
    std::ifstream in(Under(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  std::string path_;
};

}  // namespace portolan::store
