#include <algorithm>

#include <fmt/format.h>

#include "portolan/base/files.h"

namespace portolan {
namespace {

std::string ParentOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

Result<std::string> MemoryFiles::Read(const std::string& path, std::size_t max_size) {
  ++reads[path];
  if (std::ranges::find(unreadable, path) != unreadable.end()) {
    return Fail(ErrorCode::kIo, fmt::format("cannot read {}: Permission denied", path));
  }
  const auto it = files.find(path);
  if (it == files.end() && IsFolder(path)) {
    return Fail(ErrorCode::kIo, fmt::format("cannot read {}: not a regular file", path));
  }
  if (it == files.end()) {
    return Fail(ErrorCode::kNameUnknown,
                fmt::format("cannot read {}: No such file or directory", path));
  }
  if (it->second.content.size() > max_size) {
    return Fail(ErrorCode::kTooLarge,
                fmt::format("{} is larger than the {} bytes that are read of it", path, max_size));
  }
  return it->second.content;
}

Status MemoryFiles::Replace(const std::string& path, std::string_view content, std::uint32_t mode) {
  if (IsFolder(path)) {
    return Fail(ErrorCode::kIo, fmt::format("cannot replace {}: Is a directory", path));
  }
  if (!CanCreateIn(ParentOf(path))) {
    return Fail(ErrorCode::kIo, fmt::format("cannot replace {}: Permission denied", path));
  }
  files[path] = {.content = std::string(content), .mode = mode};
  return {};
}

Status MemoryFiles::Remove(const std::string& path) {
  if (IsFolder(path)) {
    return Fail(ErrorCode::kIo, fmt::format("cannot remove {}: Is a directory", path));
  }
  files.erase(path);
  return {};
}

Result<std::vector<std::string>> MemoryFiles::List(const std::string& folder) {
  const std::string prefix = JoinPath(folder, "");
  std::vector<std::string> names;
  for (const auto& [path, file] : files) {
    if (!path.starts_with(prefix)) continue;
    std::string name = path.substr(prefix.size());
    name.resize(std::min(name.size(), name.find('/')));
    if (names.empty() || names.back() != name) names.push_back(std::move(name));
  }
  if (names.empty()) {
    return Fail(ErrorCode::kNameUnknown,
                fmt::format("cannot list {}: No such file or directory", folder));
  }
  std::ranges::sort(names);
  return names;
}

bool MemoryFiles::IsFolder(const std::string& path) { return List(path).has_value(); }

bool MemoryFiles::CanCreateIn(const std::string& path) {
  const auto covers_path = [&](const std::string& above) {
    return path == above || path.starts_with(JoinPath(above, ""));
  };
  return std::ranges::none_of(read_only, covers_path) &&
         std::ranges::none_of(files, [&](const auto& file) { return covers_path(file.first); });
}

bool MemoryFiles::IsPrivate(const std::string& path) {
  const auto it = files.find(path);
  return it != files.end() && (it->second.mode & 077U) == 0;
}

}  // namespace portolan
