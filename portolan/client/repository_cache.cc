#include "portolan/client/repository_cache.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "portolan/base/text.h"
#include "portolan/oci/hasher.h"
#include "portolan/oci/reference.h"

namespace portolan::client {
namespace {

// The first line of each kind of file; another version writes another.
constexpr std::string_view kContentHead = "portolan content 1";
constexpr std::string_view kTagsHead = "portolan tags 1";
constexpr std::string_view kUseHead = "portolan use 1";

// Takes a file apart: lines of words, and bytes of a known number.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }
  // Absent if no whole line is left.
  std::optional<std::string_view> Line() {
    const std::size_t end = rest_.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return line;
  }
  // `size` bytes and a line end.
  std::optional<std::string_view> Bytes(std::uint64_t size) {
    if (rest_.size() <= size || rest_[size] != '\n') return std::nullopt;
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size + 1);
    return bytes;
  }
  bool Heads(std::string_view head, std::string_view name) {
    return Line() == head && Line() == name;
  }

 private:
  std::string_view rest_;
};

// `a b c`: exactly so many words.
template <std::size_t kCount>
std::optional<std::array<std::string_view, kCount>> Words(std::string_view line) {
  std::array<std::string_view, kCount> words;
  for (std::size_t i = 0; i < kCount; ++i) {
    const std::size_t end = i + 1 == kCount ? line.size() : line.find(' ');
    if (end == std::string_view::npos) return std::nullopt;
    words[i] = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

template <typename Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

// A media type is a peer's text: what could not be told from the rest of a line is left out.
std::string_view OneWord(std::string_view text) {
  const bool plain =
      text.size() <= 255 && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
  return plain ? text : std::string_view();
}

std::int64_t Seconds(Clock::WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace

RepositoryCache::RepositoryCache(Files& files, const Environment& environment, const Clock& clock,
                                 Log& log, std::string_view name, bool enabled)
    : files_(files), clock_(clock), log_(log), enabled_(enabled), name_(name) {
  const auto cache = environment.Get("XDG_CACHE_HOME");
  folder_ = JoinPath(cache ? *cache : JoinPath(environment.home, ".cache"), "portolan");
  // `quay.io/a/b` is the file `b` of quay.io's `a+`: no name of a repository has a plus.
  file_ = name_;
  const std::size_t host_end = std::min(file_.find('/'), file_.size());
  std::ranges::replace(file_, ':', '_');
  std::replace(file_.begin() + static_cast<std::ptrdiff_t>(std::min(host_end + 1, file_.size())),
               file_.end(), '/', '+');
  if (!enabled_) return;
  LoadContent();
  LoadTags();
}

void RepositoryCache::LoadContent() {
  const std::string path = JoinPath(folder_, "content/" + file_);
  const Result<std::string> text = files_.Read(path, kMaxFile);
  if (!text || !files_.IsPrivate(path)) return;
  Reader reader(*text);
  if (!reader.Heads(kContentHead, name_)) return;
  while (!reader.done()) {
    const auto line = reader.Line();
    const auto words = line ? Words<3>(*line) : std::nullopt;
    const auto size = words ? ParseNumber<std::int64_t>((*words)[1]) : std::nullopt;
    const auto bytes = size ? reader.Bytes(static_cast<std::uint64_t>(*size)) : std::nullopt;
    if (!bytes) return;  // cut short: what came before stands
    const auto entry = entries_.insert(
        entries_.end(),
        Entry{.digest = std::string((*words)[0]),
              .content = {.media_type = std::string((*words)[2]), .text = std::string(*bytes)}});
    if (index_.emplace(entry->digest, entry).second) {
      content_size_ += bytes->size();
    } else {
      entries_.erase(entry);
    }
  }
}

void RepositoryCache::LoadTags() {
  const std::string path = JoinPath(folder_, "tags/" + file_);
  const Result<std::string> text = files_.Read(path, kMaxFile);
  if (!text || !files_.IsPrivate(path)) return;
  Reader reader(*text);
  if (!reader.Heads(kTagsHead, name_)) return;
  while (const auto line = reader.Line()) {
    const auto words = Words<4>(*line);
    if (!words || !oci::Tag::IsValid((*words)[0])) return;
    Result<oci::Digest> digest = oci::Digest::Parse((*words)[1]);
    const auto seen = ParseNumber<std::int64_t>((*words)[2]);
    if (!digest || !seen || *seen > 9'000'000'000) return;  // beyond the clock's range
    tags_.insert_or_assign(std::string((*words)[0]),
                           SeenTag{.digest = *std::move(digest),
                                   .media_type = std::string((*words)[3]),
                                   .seen = Clock::WallTime(std::chrono::seconds(*seen))});
  }
}

const RepositoryCache::Content* RepositoryCache::Find(const oci::Digest& digest) {
  const auto found = index_.find(digest.text());
  if (found == index_.end()) return nullptr;
  Entry& entry = *found->second;
  if (!entry.verified) {
    const auto algorithm = oci::HashAlgorithmOf(digest.algorithm());
    if (!algorithm || oci::DigestOf(*algorithm, entry.content.text) != digest) {
      log_.Debug(fmt::format("content cache: {} is damaged: left out", digest.text()));
      content_size_ -= entry.content.text.size();
      entries_.erase(found->second);
      index_.erase(found);
      content_changed_ = true;
      return nullptr;
    }
    entry.verified = true;
  }
  entries_.splice(entries_.begin(), entries_, found->second);
  return &entry.content;
}

void RepositoryCache::Keep(const oci::Digest& digest, std::string_view media_type,
                           std::string_view text) {
  if (text.size() > kMaxEntry || index_.contains(digest.text())) return;
  entries_.push_front(
      Entry{.digest = digest.text(),
            .content = {.media_type = std::string(OneWord(media_type)), .text = std::string(text)},
            .verified = true});
  index_.emplace(digest.text(), entries_.begin());
  content_size_ += text.size();
  content_changed_ = true;
  while (content_size_ > kMaxFile) DropLast();
}

void RepositoryCache::DropLast() {
  content_size_ -= entries_.back().content.text.size();
  index_.erase(entries_.back().digest);
  entries_.pop_back();
}

const RepositoryCache::SeenTag* RepositoryCache::FindTag(std::string_view tag) const {
  const auto found = tags_.find(tag);
  return found == tags_.end() ? nullptr : &found->second;
}

void RepositoryCache::KeepTag(std::string_view tag, const oci::Digest& digest,
                              std::string_view media_type) {
  tags_.insert_or_assign(std::string(tag), SeenTag{.digest = digest,
                                                   .media_type = std::string(OneWord(media_type)),
                                                   .seen = clock_.WallNow()});
  tags_changed_ = true;
}

void RepositoryCache::ForgetTag(std::string_view tag) {
  const auto found = tags_.find(tag);
  if (found == tags_.end()) return;
  tags_.erase(found);
  tags_changed_ = true;
}

void RepositoryCache::Store() {
  if (!enabled_) return;
  if (content_changed_) StoreContent();
  if (tags_changed_) StoreTags();
}

void RepositoryCache::StoreContent() {
  std::string text = fmt::format("{}\n{}\n", kContentHead, name_);
  for (const Entry& entry : entries_) {
    const std::string head = fmt::format("{} {} {}\n", entry.digest, entry.content.text.size(),
                                         entry.content.media_type);
    if (text.size() + head.size() + entry.content.text.size() + 1 > kMaxFile) continue;
    text += head;
    text += entry.content.text;
    text += '\n';
  }
  MakeRoom(text.size());
  const Status written = files_.Replace(JoinPath(folder_, "content/" + file_), text, 0600);
  if (!written) log_.Debug(fmt::format("content cache: {}", written.error().message));
  content_changed_ = false;
}

void RepositoryCache::StoreTags() {
  std::string text = fmt::format("{}\n{}\n", kTagsHead, name_);
  for (const auto& [tag, seen] : tags_) {
    fmt::format_to(std::back_inserter(text), "{} {} {} {}\n", tag, seen.digest.text(),
                   Seconds(seen.seen), seen.media_type);
    if (text.size() > kMaxFile) return;
  }
  const Status written = files_.Replace(JoinPath(folder_, "tags/" + file_), text, 0600);
  if (!written) log_.Debug(fmt::format("tag cache: {}", written.error().message));
  tags_changed_ = false;
}

// `content/use` says how large the files are, and when each was last written. It may be wrong (two
// processes at once): then a file lives longer or shorter than it should.
void RepositoryCache::MakeRoom(std::uint64_t size) {
  struct Use {
    std::string file;
    std::uint64_t size;
    std::int64_t at;
  };
  const std::string path = JoinPath(folder_, "use");
  std::vector<Use> uses;
  if (const Result<std::string> text = files_.Read(path, kMaxFile)) {
    Reader reader(*text);
    if (reader.Line() == kUseHead) {
      while (const auto line = reader.Line()) {
        const auto words = Words<3>(*line);
        const auto at = words ? ParseNumber<std::int64_t>((*words)[0]) : std::nullopt;
        const auto used = words ? ParseNumber<std::int64_t>((*words)[1]) : std::nullopt;
        if (!at || !used || (*words)[2] == file_ || (*words)[2].contains("..")) continue;
        uses.push_back({.file = std::string((*words)[2]),
                        .size = static_cast<std::uint64_t>(*used),
                        .at = *at});
      }
    }
  }
  uses.push_back({.file = file_, .size = size, .at = Seconds(clock_.WallNow())});
  std::ranges::sort(uses, std::greater(), &Use::at);
  std::string text = fmt::format("{}\n", kUseHead);
  std::uint64_t total = 0;
  for (const Use& use : uses) {
    total += std::min(use.size, kMaxTotal);
    if (total > kMaxTotal && use.file != file_) {
      (void)files_.Remove(JoinPath(folder_, "content/" + use.file));
      continue;
    }
    fmt::format_to(std::back_inserter(text), "{} {} {}\n", use.at, use.size, use.file);
  }
  (void)files_.Replace(path, text, 0600);
}

}  // namespace portolan::client
