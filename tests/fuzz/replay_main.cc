// Stands in for libFuzzer's main: feeds every file that is named, or lies in a folder that is
// named, to the fuzz target. A crash or an abort of the target fails the test.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

// Sorted, so that a failure shows at the same place every time. Empty if nothing is there.
std::vector<std::filesystem::path> FilesOf(const std::filesystem::path& argument) {
  if (std::filesystem::is_regular_file(argument)) return {argument};
  std::vector<std::filesystem::path> files;
  if (!std::filesystem::is_directory(argument)) return files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(argument)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

bool Replay(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<std::uint8_t> content{std::istreambuf_iterator<char>(file), {}};
  if (!file) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    return false;
  }
  LLVMFuzzerTestOneInput(content.data(), content.size());
  return true;
}

int ReplayAll(const std::vector<std::string>& arguments) {
  std::size_t count = 0;
  for (const std::string& argument : arguments) {
    const auto files = FilesOf(argument);
    if (files.empty()) {
      std::fprintf(stderr, "no input in %s\n", argument.c_str());
      return 1;
    }
    for (const auto& file : files) {
      if (!Replay(file)) return 1;
      ++count;
    }
  }
  if (count == 0) {
    std::fprintf(stderr, "name the files or folders to replay\n");
    return 1;
  }
  std::printf("replayed %zu inputs\n", count);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return ReplayAll({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
