#include "portolan/store/testing/faulty_disk.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace portolan::store {
namespace {

// A write that is not durable yet; with no bytes, a new size.
struct Change {
  std::uint64_t offset = 0;  // or the new size
  std::string bytes;
};

void Apply(const Change& change, std::string& content) {
  if (change.bytes.empty()) {
    content.resize(change.offset);
    return;
  }
  content.resize(std::max<std::size_t>(content.size(), change.offset + change.bytes.size()));
  content.replace(change.offset, change.bytes.size(), change.bytes);
}

Error NoSuch(const std::string& path) {
  return Fail(ErrorCode::kBlobUnknown, "there is no file " + path);
}

}  // namespace

// A file or a folder.
struct FaultyDisk::Node {
  using Names = std::map<std::string, std::shared_ptr<Node>>;
  bool folder = false;
  Names names;
  Names durable_names;
  std::string content;
  std::string durable_content;
  std::vector<Change> pending;

  void Lose(Survival survival, Random& random) {
    const auto survives = [&] {
      return survival == Survival::kEverything ||
             (survival == Survival::kSome && random.Fraction() < 0.5);
    };
    for (const Change& change : pending) {
      if (survives()) Apply(change, durable_content);
    }
    pending.clear();
    content = durable_content;
    Names now = durable_names;
    for (const auto& [name, node] : durable_names) {
      if (!names.contains(name) && survives()) now.erase(name);
    }
    for (const auto& [name, node] : names) {
      const auto old = durable_names.find(name);
      if ((old == durable_names.end() || old->second != node) && survives()) now[name] = node;
    }
    names = durable_names = now;
    for (const auto& [name, node] : names) node->Lose(survival, random);
  }
};

// Where a path leads: the folder that holds its last name. Null where there is none.
struct FaultyDisk::Place {
  Node* folder = nullptr;
  std::string name;

  std::shared_ptr<Node> node() const {
    if (folder == nullptr) return nullptr;
    const auto found = folder->names.find(name);
    return found == folder->names.end() ? nullptr : found->second;
  }
};

class FaultyDisk::File final : public DiskFile {
 public:
  File(FaultyDisk& disk, std::shared_ptr<Node> node, std::string path)
      : disk_(disk), node_(std::move(node)), path_(std::move(path)), life_(disk.life_) {}

  Status WriteAt(std::uint64_t offset, std::string_view bytes) override {
    PORTOLAN_CHECK(disk_.plan_.Check("writing to " + path_));
    const std::lock_guard lock(disk_.mutex_);
    PORTOLAN_CHECK(Alive());
    if (bytes.empty()) return {};
    node_->pending.push_back({.offset = offset, .bytes = std::string(bytes)});
    Apply(node_->pending.back(), node_->content);
    return {};
  }

  Result<std::size_t> ReadAt(std::uint64_t offset, std::span<char> out) override {
    PORTOLAN_CHECK(disk_.plan_.Check("reading " + path_));
    const std::lock_guard lock(disk_.mutex_);
    PORTOLAN_CHECK(Alive());
    const std::string& content = node_->content;
    if (offset >= content.size()) return std::size_t{0};
    return content.copy(out.data(), out.size(), offset);
  }

  Result<std::uint64_t> Size() override {
    PORTOLAN_CHECK(disk_.plan_.Check("asking for the size of " + path_));
    const std::lock_guard lock(disk_.mutex_);
    PORTOLAN_CHECK(Alive());
    return node_->content.size();
  }

  Status Truncate(std::uint64_t size) override {
    PORTOLAN_CHECK(disk_.plan_.Check("cutting off " + path_));
    const std::lock_guard lock(disk_.mutex_);
    PORTOLAN_CHECK(Alive());
    node_->pending.push_back({.offset = size, .bytes = {}});
    Apply(node_->pending.back(), node_->content);
    return {};
  }

  void StartWriteback(std::uint64_t, std::uint64_t) override {}

  Status SyncData() override {
    const Status verdict = disk_.plan_.Check("making durable " + path_);
    const std::lock_guard lock(disk_.mutex_);
    PORTOLAN_CHECK(Alive());
    for (Change& change : node_->pending) {
      if (!verdict) std::ranges::fill(change.bytes, '\0');  // the pages are lost, the size is not
      Apply(change, node_->durable_content);
    }
    node_->pending.clear();
    return verdict;
  }

  int fd() const override { return -1; }

 private:
  Status Alive() const {
    if (life_ == disk_.life_) return {};
    return Fail(ErrorCode::kIo, path_ + " was open when the power went");
  }

  FaultyDisk& disk_;
  const std::shared_ptr<Node> node_;
  const std::string path_;
  const std::uint64_t life_;
};

FaultyDisk::FaultyDisk(FaultPlan& plan) : plan_(plan), root_(std::make_shared<Node>()) {
  root_->folder = true;
}

FaultyDisk::~FaultyDisk() = default;

FaultyDisk::Node* FaultyDisk::FolderAt(const std::string& path) {
  if (path.empty()) return root_.get();
  const std::shared_ptr<Node> node = Find(path).node();
  return node != nullptr && node->folder ? node.get() : nullptr;
}

FaultyDisk::Place FaultyDisk::Find(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {.folder = root_.get(), .name = path};
  return {.folder = FolderAt(path.substr(0, slash)), .name = path.substr(slash + 1)};
}

void FaultyDisk::LosePower(Survival survival, Random& random) {
  const std::lock_guard lock(mutex_);
  ++life_;
  root_->Lose(survival, random);
}

void FaultyDisk::PutOutside(const std::string& path, std::string content) {
  const std::lock_guard lock(mutex_);
  outside_[path] = std::move(content);
}

std::map<std::string, std::string> FaultyDisk::Files() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::string> files;
  const std::function<void(const Node&, const std::string&)> walk = [&](const Node& folder,
                                                                        const std::string& prefix) {
    for (const auto& [name, node] : folder.names) {
      if (node->folder) {
        walk(*node, prefix + name + "/");
      } else {
        files[prefix + name] = node->content;
      }
    }
  };
  walk(*root_, "");
  return files;
}

void FaultyDisk::Damage(const std::string& path, std::size_t offset) {
  const std::lock_guard lock(mutex_);
  const std::shared_ptr<Node> node = Find(path).node();
  if (node == nullptr || offset >= node->content.size()) return;
  node->content[offset] ^= 1;
  node->durable_content = node->content;
}

Result<std::unique_ptr<DiskFile>> FaultyDisk::Create(const std::string& path) {
  PORTOLAN_CHECK(plan_.Check("creating " + path));
  const std::lock_guard lock(mutex_);
  const Place place = Find(path);
  if (place.folder == nullptr || place.node() != nullptr) {
    return Fail(ErrorCode::kIo, "cannot create " + path);
  }
  auto node = std::make_shared<Node>();
  place.folder->names[place.name] = node;
  return std::make_unique<File>(*this, std::move(node), path);
}

Result<std::unique_ptr<DiskFile>> FaultyDisk::Open(const std::string& path, bool /*writable*/) {
  PORTOLAN_CHECK(plan_.Check("opening " + path));
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Node> node = Find(path).node();
  if (node == nullptr) return NoSuch(path);
  return std::make_unique<File>(*this, std::move(node), path);
}

Status FaultyDisk::Rename(const std::string& from, const std::string& to) {
  PORTOLAN_CHECK(plan_.Check("renaming " + from));
  const std::lock_guard lock(mutex_);
  const Place source = Find(from);
  const Place target = Find(to);
  std::shared_ptr<Node> node = source.node();
  if (node == nullptr || target.folder == nullptr) {
    return Fail(ErrorCode::kIo, "cannot rename " + from + " to " + to);
  }
  source.folder->names.erase(source.name);
  target.folder->names[target.name] = std::move(node);
  return {};
}

Status FaultyDisk::Remove(const std::string& path) {
  PORTOLAN_CHECK(plan_.Check("removing " + path));
  const std::lock_guard lock(mutex_);
  const Place place = Find(path);
  if (place.folder != nullptr) place.folder->names.erase(place.name);
  return {};
}

Status FaultyDisk::MakeFolder(const std::string& path) {
  PORTOLAN_CHECK(plan_.Check("making folder " + path));
  const std::lock_guard lock(mutex_);
  const Place place = Find(path);
  if (place.folder == nullptr) return Fail(ErrorCode::kIo, "cannot make folder " + path);
  if (place.node() != nullptr) return {};
  auto node = std::make_shared<Node>();
  node->folder = true;
  place.folder->names[place.name] = std::move(node);
  return {};
}

Status FaultyDisk::SyncFolder(const std::string& path) {
  PORTOLAN_CHECK(plan_.Check("making durable folder " + path));
  const std::lock_guard lock(mutex_);
  Node* const folder = FolderAt(path);
  if (folder == nullptr) return Fail(ErrorCode::kIo, "there is no folder " + path);
  folder->durable_names = folder->names;
  return {};
}

Result<std::vector<std::string>> FaultyDisk::List(const std::string& folder) {
  PORTOLAN_CHECK(plan_.Check("listing " + folder));
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  const Node* const node = FolderAt(folder);
  if (node == nullptr) return names;
  for (const auto& [name, child] : node->names) names.push_back(name);
  return names;
}

Status FaultyDisk::Adopt(const std::string& outside, const std::string& path) {
  PORTOLAN_CHECK(plan_.Check("adopting " + outside));
  const std::lock_guard lock(mutex_);
  const auto source = outside_.find(outside);
  if (source == outside_.end()) return NoSuch(outside);
  const Place place = Find(path);
  if (place.folder == nullptr || place.node() != nullptr) {
    return Fail(ErrorCode::kIo, "cannot create " + path);
  }
  auto node = std::make_shared<Node>();
  node->pending.push_back({.offset = 0, .bytes = source->second});
  node->content = source->second;
  place.folder->names[place.name] = std::move(node);
  return {};
}

}  // namespace portolan::store
