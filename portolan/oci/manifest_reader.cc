#include "portolan/oci/manifest_reader.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <boost/json/basic_parser_impl.hpp>
#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"
#include "portolan/oci/manifest_members.h"

namespace portolan::oci {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxDepth = 32;
constexpr std::size_t kMaxDescriptors = 100'000;

// A descriptor of which not everything has been read.
struct Draft {
  Member destination = Member::kUnknown;
  std::string media_type;
  std::optional<Digest> digest;
  std::optional<std::uint64_t> size;
  std::string artifact_type;
  Annotations annotations;
  std::optional<Platform> platform;
  bool has_urls = false;
};

// Receives the events of Boost's push parser: no tree is built, so that the memory is that of what
// is kept. The `bool` functions return false to stop the parser; `failure()` then says why.
class Handler {
 public:
  static constexpr std::size_t max_array_size = SIZE_MAX;
  static constexpr std::size_t max_object_size = SIZE_MAX;
  static constexpr std::size_t max_string_size = SIZE_MAX;
  static constexpr std::size_t max_key_size = SIZE_MAX;

  explicit Handler(Manifest::Kind kind) { text_.manifest.kind = kind; }

  ManifestText Take() && { return std::move(text_); }
  const std::optional<Error>& failure() const { return failure_; }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }

  bool on_object_begin(json::error_code& ec) {
    if (frames_.empty()) return Push(Place::kRoot);
    const std::optional<Member> member = NextValue(Type::kObject, ec);
    if (!member) return false;
    switch (*member) {
      case Member::kConfig:
      case Member::kSubject:
        return BeginDescriptor(*member, ec);
      case Member::kDescriptor:
        return BeginDescriptor(CurrentMember(frames_.size() - 2), ec);
      case Member::kAnnotations:
        return Push(Place::kAnnotations);
      case Member::kPlatform:
        draft_.platform.emplace();
        return Push(Place::kPlatform);
      default:
        return Push(Place::kUnknown);
    }
  }

  bool on_object_end(std::size_t size, json::error_code& ec) {
    if (!CheckDuplicates(size, ec)) return false;
    if (frames_.back().place == Place::kDescriptor && !EndDescriptor(ec)) return false;
    Pop();
    return true;
  }

  bool on_array_begin(json::error_code& ec) {
    const std::optional<Member> member = NextValue(Type::kArray, ec);
    if (!member) return false;
    switch (*member) {
      case Member::kLayers:
        text_.has_layers = true;
        return Push(Place::kDescriptors);
      case Member::kManifests:
        text_.has_manifests = true;
        return Push(Place::kDescriptors);
      case Member::kUrls:
        return Push(Place::kUrls);
      default:
        return Push(Place::kUnknown);
    }
  }
  bool on_array_end(std::size_t, json::error_code&) {
    Pop();
    return true;
  }

  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    if (!key_open_) keys_.push_back({.begin = key_text_.size(), .size = 0});
    key_open_ = true;
    key_text_.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, std::size_t size, json::error_code& ec) {
    on_key_part(part, size, ec);
    key_open_ = false;
    keys_.back().size = key_text_.size() - keys_.back().begin;
    return true;
  }

  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    buffer_.append(part.data(), part.size());
    return true;
  }
  bool on_string(json::string_view part, std::size_t, json::error_code& ec) {
    const std::optional<Member> member = NextValue(Type::kText, ec);
    if (!member) return false;
    if (*member == Member::kUnknown) {
      buffer_.clear();
      return true;
    }
    buffer_.append(part.data(), part.size());
    return SetText(*member, std::exchange(buffer_, {}), ec);
  }

  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t number, json::string_view, json::error_code& ec) {
    const std::optional<Member> member = NextValue(Type::kInteger, ec);
    if (member == Member::kSchemaVersion) text_.schema_version = number;
    if (member != Member::kSize) return member.has_value();
    if (number < 0) return FailHere("must not be negative", ec);
    draft_.size = static_cast<std::uint64_t>(number);
    return true;
  }
  // Numbers beyond the range of the signed ones.
  bool on_uint64(std::uint64_t, json::string_view, json::error_code& ec) {
    const std::optional<Member> member = NextValue(Type::kInteger, ec);
    if (member == Member::kSize) {
      return FailHere("must not be more than 9223372036854775807", ec);
    }
    return member.has_value();
  }
  bool on_double(double, json::string_view, json::error_code& ec) {
    return NextValue(Type::kOther, ec).has_value();
  }
  bool on_bool(bool, json::error_code& ec) { return NextValue(Type::kOther, ec).has_value(); }
  bool on_null(json::error_code& ec) {
    if (frames_.empty()) return FailHere("is not a JSON object", ec);
    const Place place = frames_.back().place;
    const bool in_list = place != Place::kRoot && place != Place::kDescriptor &&
                         place != Place::kPlatform && place != Place::kUnknown;
    if (in_list) return NextValue(Type::kOther, ec).has_value();
    const std::optional<Known> known = CurrentKnown(ec);
    if (known && known->member == Member::kManifests) text_.null_manifests = true;
    return known.has_value();
  }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  // An object or array that is open.
  struct Frame {
    Place place = Place::kUnknown;
    std::size_t keys = 0;      // of the frames around it: where its own begin
    std::size_t elements = 0;  // of an array, the current one included
  };
  struct Key {
    std::size_t begin;  // in key_text_
    std::size_t size;
  };

  bool Push(Place place) {
    frames_.push_back({.place = place, .keys = keys_.size(), .elements = 0});
    return true;
  }
  void Pop() {
    const std::size_t keys = frames_.back().keys;
    if (keys < keys_.size()) key_text_.resize(keys_[keys].begin);
    keys_.resize(keys);
    frames_.pop_back();
  }

  std::string_view TextOf(const Key& key) const {
    return std::string_view(key_text_).substr(key.begin, key.size);
  }
  // The key that the frame is at; empty for an array.
  std::string_view CurrentKey(std::size_t frame) const {
    const std::size_t end = frame + 1 < frames_.size() ? frames_[frame + 1].keys : keys_.size();
    return end > frames_[frame].keys ? TextOf(keys_[end - 1]) : std::string_view();
  }

  bool IsOther() const { return text_.manifest.kind == Manifest::Kind::kOther; }
  // Which of an object's known members the frame is at.
  Member CurrentMember(std::size_t frame) const {
    const std::span<const Known> known = KnownMembers(frames_[frame].place, IsOther());
    const auto* const it = std::ranges::find(known, CurrentKey(frame), &Known::name).base();
    return it == known.data() + known.size() ? Member::kUnknown : it->member;
  }

  // What the value that comes is, by the place that it stands in; nothing if it must not be there.
  std::optional<Known> CurrentKnown(json::error_code& ec) {
    constexpr Known kUnknown{.name = {}, .member = Member::kUnknown, .type = Type::kOther};
    const Place place = frames_.back().place;
    switch (place) {
      case Place::kUnknown:
        return kUnknown;
      case Place::kDescriptors:
        return Known{.name = {}, .member = Member::kDescriptor, .type = Type::kObject};
      case Place::kUrls:
        return Known{.name = {}, .member = Member::kUrl, .type = Type::kText};
      case Place::kAnnotations:
        return Known{.name = {}, .member = Member::kAnnotation, .type = Type::kText};
      default:
        break;
    }
    const std::string_view key = CurrentKey(frames_.size() - 1);
    const std::span<const Known> known = KnownMembers(place, IsOther());
    for (const Known& member : known) {
      if (member.name == key) return member;
    }
    for (const Known& member : known) {
      if (GoTakesFor(key, member.name) && !(IsOther() && place == Place::kRoot)) {
        FailHere(fmt::format("differs from \"{}\" only in case", member.name), ec);
        return std::nullopt;
      }
    }
    return kUnknown;
  }

  // To be called once for every value; kUnknown for one that does not matter.
  std::optional<Member> NextValue(Type type, json::error_code& ec) {
    if (frames_.empty()) {
      FailHere("is not a JSON object", ec);
      return std::nullopt;
    }
    ++frames_.back().elements;
    const std::optional<Known> known = CurrentKnown(ec);
    if (!known) return std::nullopt;
    if (known->member == Member::kUnknown || known->type == type) return known->member;
    if (MayBeAnything(known->member)) return Member::kUnknown;
    FailHere(fmt::format("must be {}", Expected(known->type)), ec);
    return std::nullopt;
  }

  // Members that an unknown media type may use for something else.
  bool MayBeAnything(Member member) const {
    if (!IsOther()) return false;
    if (frames_.size() == 1) {
      return member == Member::kSchemaVersion || member == Member::kArtifactType ||
             member == Member::kAnnotations;
    }
    return frames_.size() == 2 && frames_.back().place == Place::kAnnotations;
  }

  bool SetText(Member member, std::string text, json::error_code& ec) {
    const bool at_root = frames_.size() == 1;
    switch (member) {
      case Member::kMediaType:
        (at_root ? text_.media_type : draft_.media_type) = std::move(text);
        break;
      case Member::kArtifactType:
        (at_root ? text_.manifest.artifact_type : draft_.artifact_type) = std::move(text);
        break;
      case Member::kDigest:
        if (Result<Digest> digest = Digest::Parse(text); digest) {
          draft_.digest = *std::move(digest);
        } else {
          return Stop(fmt::format("{}: {}", PathOf(frames_.size()), digest.error().message), ec);
        }
        break;
      case Member::kUrl:
        draft_.has_urls = true;
        break;
      case Member::kAnnotation:
        (frames_.size() == 2 ? text_.manifest.annotations : draft_.annotations)
            .emplace_back(CurrentKey(frames_.size() - 1), std::move(text));
        break;
      case Member::kOs:
        draft_.platform->os = std::move(text);
        break;
      case Member::kArchitecture:
        draft_.platform->architecture = std::move(text);
        break;
      case Member::kVariant:
        draft_.platform->variant = std::move(text);
        break;
      default:
        break;
    }
    return true;
  }

  bool BeginDescriptor(Member destination, json::error_code& ec) {
    if (++descriptors_ > kMaxDescriptors) {
      return FailHere(
          fmt::format("is one descriptor too many: at most {} are allowed", kMaxDescriptors), ec);
    }
    draft_ = Draft();
    draft_.destination = destination;
    return Push(Place::kDescriptor);
  }

  bool EndDescriptor(json::error_code& ec) {
    const std::size_t frame = frames_.size() - 1;
    if (draft_.media_type.empty()) return FailAt(frame, "needs a mediaType", ec);
    if (!draft_.digest) return FailAt(frame, "needs a digest", ec);
    if (!draft_.size) return FailAt(frame, "needs a size", ec);
    Descriptor descriptor{.media_type = std::move(draft_.media_type),
                          .digest = *std::move(draft_.digest),
                          .size = *draft_.size,
                          .artifact_type = std::move(draft_.artifact_type),
                          .annotations = std::move(draft_.annotations),
                          .platform = std::move(draft_.platform),
                          .has_urls = draft_.has_urls};
    Manifest& manifest = text_.manifest;
    if (draft_.destination == Member::kConfig) {
      manifest.config = std::move(descriptor);
    } else if (draft_.destination == Member::kSubject) {
      manifest.subject = std::move(descriptor);
    } else if (draft_.destination == Member::kLayers) {
      manifest.layers.push_back(std::move(descriptor));
    } else {
      manifest.manifests.push_back(std::move(descriptor));
    }
    return true;
  }

  // Parsers differ in which of two members of the same name they take: what was checked must be
  // what is used.
  bool CheckDuplicates(std::size_t size, json::error_code& ec) {
    if (size < 2) return true;
    sorted_.clear();
    for (const Key& key : std::span(keys_).subspan(frames_.back().keys)) {
      sorted_.push_back(TextOf(key));
    }
    std::ranges::sort(sorted_);
    const auto twice = std::ranges::adjacent_find(sorted_);
    if (twice == sorted_.end()) return true;
    std::string place = PathOf(frames_.size() - 1);
    if (!place.empty()) place = fmt::format(" of {}", place);
    return Stop(fmt::format("the member \"{}\"{} is there twice", Printable(*twice), place), ec);
  }

  // `layers[3].annotations`: the way to the frame.
  std::string PathOf(std::size_t frame) const {
    std::string path;
    for (std::size_t i = 0; i < frame; ++i) {
      if (frames_[i].keys == (i + 1 < frames_.size() ? frames_[i + 1].keys : keys_.size())) {
        path += fmt::format("[{}]", frames_[i].elements - 1);
      } else {
        if (!path.empty()) path += '.';
        path += Printable(CurrentKey(i), 64);
      }
    }
    return path;
  }

  bool FailAt(std::size_t frame, std::string_view what, json::error_code& ec) {
    const std::string path = PathOf(frame);
    return Stop(path.empty() ? fmt::format("it {}", what) : fmt::format("{} {}", path, what), ec);
  }
  // About the value that the innermost frame is at.
  bool FailHere(std::string_view what, json::error_code& ec) {
    return FailAt(frames_.size(), what, ec);
  }
  bool Stop(std::string_view what, json::error_code& ec) {
    failure_ = Fail(ErrorCode::kManifestInvalid, fmt::format("invalid manifest: {}", what));
    ec = json::make_error_code(json::error::syntax);
    return false;
  }

  ManifestText text_;
  Draft draft_;  // one descriptor is never inside another
  std::size_t descriptors_ = 0;
  std::vector<Frame> frames_;
  std::vector<Key> keys_;  // of all objects that are open, outermost first
  std::string key_text_;   // the characters of keys_
  bool key_open_ = false;
  std::vector<std::string_view> sorted_;
  std::string buffer_;  // the beginning of a text that came in parts
  std::optional<Error> failure_;
};

Error NotJson(const json::error_code& ec, std::size_t at) {
  std::string reason =
      ec == json::error::too_deep ? fmt::format("it is nested deeper than {}", kMaxDepth)
      : ec == json::error::incomplete
          ? "it ends too early"
          : fmt::format("it is not JSON in UTF-8 ({} near byte {})", ec.message(), at);
  return Fail(ErrorCode::kManifestInvalid, fmt::format("invalid manifest: {}", reason));
}

}  // namespace

Result<ManifestText> ReadManifest(std::string_view content, Manifest::Kind kind) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::basic_parser<Handler> parser(options, kind);
  json::error_code ec;
  const std::size_t size = parser.write_some(false, content.data(), content.size(), ec);
  if (const std::optional<Error>& failure = parser.handler().failure(); failure) return *failure;
  if (ec) return NotJson(ec, size);
  if (!TrimSpace(content.substr(size)).empty()) {
    return NotJson(json::make_error_code(json::error::extra_data), size);
  }
  return std::move(parser.handler()).Take();
}

}  // namespace portolan::oci
