#include "portolan/wire/endpoint.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"

namespace portolan::wire {
namespace {

constexpr std::size_t kMaxParameters = 512;
constexpr std::size_t kMaxUploadId = 64;

// In the order of the enumeration, so that a resource is its own index.
constexpr std::array kEndpoints = {
    EndpointInfo{Resource::kBase, "/v2/", "GET, HEAD"},
    EndpointInfo{Resource::kCatalog, "/v2/_catalog", "GET, HEAD"},
    EndpointInfo{Resource::kDiscover, "/v2/<name>/_oci/ext/discover", "GET, HEAD"},
    EndpointInfo{Resource::kTagList, "/v2/<name>/tags/list", "GET, HEAD"},
    EndpointInfo{Resource::kManifest, "/v2/<name>/manifests/<reference>", "GET, HEAD, PUT, DELETE"},
    EndpointInfo{Resource::kBlob, "/v2/<name>/blobs/<digest>", "GET, HEAD, DELETE"},
    EndpointInfo{Resource::kUploads, "/v2/<name>/blobs/uploads/", "POST"},
    EndpointInfo{Resource::kUpload, "/v2/<name>/blobs/uploads/<id>",
                 "GET, HEAD, PUT, PATCH, DELETE"},
    EndpointInfo{Resource::kReferrers, "/v2/<name>/referrers/<digest>", "GET, HEAD"},
    EndpointInfo{Resource::kTagHistory, "/v2/<name>/_portolan/tags/history", "GET, HEAD"},
    EndpointInfo{Resource::kTagRestore, "/v2/<name>/_portolan/tags/restore", "POST"},
};

constexpr bool TableIsInOrder() {
  for (std::size_t i = 0; i < kEndpoints.size(); ++i) {
    if (std::to_underlying(kEndpoints[i].resource) != i) return false;
  }
  return kEndpoints.size() == std::to_underlying(Resource::kTagRestore) + 1U;
}
static_assert(TableIsInOrder(), "one row per Resource, in the order of the enumeration");

// Resources that are known by a fixed end of the path.
struct Ending {
  std::string_view text;
  Resource resource;
};
constexpr Ending kEndings[] = {
    {"/tags/list", Resource::kTagList},
    {"/blobs/uploads/", Resource::kUploads},
    {"/blobs/uploads", Resource::kUploads},
    {"/_oci/ext/discover", Resource::kDiscover},
    {"/_portolan/tags/history", Resource::kTagHistory},
    {"/_portolan/tags/restore", Resource::kTagRestore},
};

constexpr std::array<std::string_view, 6> kMethods = {"GET", "HEAD",  "POST",
                                                      "PUT", "PATCH", "DELETE"};

int HexDigit(char c) {
  if (IsAsciiDigit(c)) return c - '0';
  const char lower = AsciiLower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// The byte that `%XX` at the start of `text` stands for; -1 if it is not that.
int EncodedByte(std::string_view text) {
  if (text.size() < 3 || text[0] != '%') return -1;
  const int high = HexDigit(text[1]);
  const int low = HexDigit(text[2]);
  return high < 0 || low < 0 ? -1 : (high * 16) + low;
}

// The path without percent-encoding, in `buffer` if there was any.
Result<std::string_view> DecodePath(std::string_view path, std::string& buffer) {
  if (!path.contains('%')) return path;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '%') {
      buffer += path[i];
      continue;
    }
    const int byte = EncodedByte(path.substr(i));
    if (byte < 0 || byte == '/' || byte < ' ' || byte == 0x7f) {
      return Fail(ErrorCode::kNameInvalid,
                  fmt::format("invalid path \"{}\": {}", Printable(path),
                              byte < 0 ? "'%' must be followed by two hexadecimal digits"
                                       : "it may have no encoded slash or control character"));
    }
    buffer += static_cast<char>(byte);
    i += 2;
  }
  return std::string_view(buffer);
}

// A path by its parts, not yet judged.
struct Parts {
  Resource resource = Resource::kBase;
  std::optional<std::string_view> name = std::nullopt;
  std::string_view last = {};  // reference, digest or upload id
};

// By the last two components: `manifests/latest`.
std::optional<Parts> SplitByComponents(std::string_view rest) {
  const std::size_t last = rest.rfind('/');
  if (last == std::string_view::npos || last == 0) return std::nullopt;
  const std::size_t kind = rest.rfind('/', last - 1);
  if (kind == std::string_view::npos) return std::nullopt;
  const std::string_view word = rest.substr(kind + 1, last - kind - 1);
  Parts parts{.name = rest.substr(0, kind), .last = rest.substr(last + 1)};
  if (word == "manifests") {
    parts.resource = Resource::kManifest;
  } else if (word == "blobs") {
    parts.resource = Resource::kBlob;
  } else if (word == "referrers") {
    parts.resource = Resource::kReferrers;
  } else if (constexpr std::string_view kBlobs = "/blobs";
             word == "uploads" && parts.name->ends_with(kBlobs)) {
    parts.resource = Resource::kUpload;
    parts.name->remove_suffix(kBlobs.size());
  } else {
    return std::nullopt;
  }
  return parts;
}

// Nothing if the path is no resource.
std::optional<Parts> Split(std::string_view path) {
  constexpr std::string_view kRoot = "/v2";
  if (!path.starts_with(kRoot)) return std::nullopt;
  std::string_view rest = path.substr(kRoot.size());
  if (rest.empty() || rest == "/") return Parts{.resource = Resource::kBase};
  if (rest[0] != '/') return std::nullopt;
  rest.remove_prefix(1);
  if (rest == "_catalog") return Parts{.resource = Resource::kCatalog};
  if (rest == "_oci/ext/discover") return Parts{.resource = Resource::kDiscover};
  for (const Ending& ending : kEndings) {
    if (rest.ends_with(ending.text) && rest.size() > ending.text.size()) {
      return Parts{.resource = ending.resource,
                   .name = rest.substr(0, rest.size() - ending.text.size())};
    }
  }
  return SplitByComponents(rest);
}

bool IsUploadId(std::string_view text) {
  return !text.empty() && text.size() <= kMaxUploadId &&
         std::ranges::all_of(text, [](char c) { return IsAsciiAlnum(c) || c == '_' || c == '-'; });
}

// The parsers of names speak of references that a user wrote; to a registry they have codes of
// their own.
Error As(ErrorCode code, Error error) {
  error.code = code;
  return error;
}

Status SetDigest(std::string_view text, Endpoint& endpoint) {
  Result<oci::Digest> digest = oci::Digest::Parse(text);
  if (!digest) return As(ErrorCode::kDigestInvalid, std::move(digest).error());
  endpoint.digest = *std::move(digest);
  return {};
}

Status SetLast(std::string_view text, Endpoint& endpoint) {
  switch (endpoint.resource) {
    case Resource::kBlob:
    case Resource::kReferrers:
      return SetDigest(text, endpoint);
    case Resource::kManifest: {
      if (text.contains(':')) return SetDigest(text, endpoint);
      Result<oci::Tag> tag = oci::Tag::Parse(text);
      if (!tag) return As(ErrorCode::kTagInvalid, std::move(tag).error());
      endpoint.tag = *std::move(tag);
      return {};
    }
    case Resource::kUpload:
      if (!IsUploadId(text)) {
        return Fail(ErrorCode::kBlobUploadUnknown,
                    fmt::format("no upload session can be named \"{}\"", Printable(text)),
                    "use the Location that the registry gave");
      }
      endpoint.upload_id = text;
      return {};
    default:
      return {};
  }
}

std::string DecodeParameter(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int byte = EncodedByte(text.substr(i));
    if (byte >= 0) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

}  // namespace

std::optional<Method> MethodOf(std::string_view method) {
  const auto* const it = std::ranges::find(kMethods, method);
  if (it == kMethods.end()) return std::nullopt;
  return static_cast<Method>(it - kMethods.begin());
}

std::string_view NameOf(Method method) { return kMethods[std::to_underlying(method)]; }

std::span<const EndpointInfo> Endpoints() { return kEndpoints; }

Result<Endpoint> ParseEndpoint(std::string_view method, std::string_view path) {
  std::string buffer;
  PORTOLAN_TRY(const std::string_view decoded, DecodePath(path, buffer));
  const std::optional<Parts> parts = Split(decoded);
  if (!parts) {
    return Fail(ErrorCode::kNameUnknown,
                fmt::format("\"{}\" is no resource of the registry API", Printable(path)));
  }
  Endpoint endpoint;
  endpoint.resource = parts->resource;
  const EndpointInfo& info = kEndpoints[std::to_underlying(parts->resource)];
  const std::optional<Method> known = MethodOf(method);
  // No method's name is a part of another's.
  if (!known || !info.methods.contains(method)) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("{} is not supported for {}", Printable(method), info.path),
                fmt::format("supported: {}", info.methods));
  }
  endpoint.method = *known;
  if (parts->name) {
    Result<oci::RepositoryName> name = oci::RepositoryName::Parse(*parts->name);
    if (!name) return As(ErrorCode::kNameInvalid, std::move(name).error());
    endpoint.repository = *std::move(name);
  }
  PORTOLAN_CHECK(SetLast(parts->last, endpoint));
  return endpoint;
}

std::string AllowedMethods(std::string_view path) {
  std::string buffer;
  const Result<std::string_view> decoded = DecodePath(path, buffer);
  const std::optional<Parts> parts = decoded ? Split(*decoded) : std::nullopt;
  return parts ? std::string(kEndpoints[std::to_underlying(parts->resource)].methods) : "";
}

Query::Query(std::string_view text) {
  while (!text.empty() && parameters_.size() < kMaxParameters) {
    const std::string_view parameter = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(parameter.size() + 1, text.size()));
    if (parameter.empty()) continue;
    const std::size_t equals = std::min(parameter.find('='), parameter.size());
    const std::string_view value = parameter.substr(std::min(equals + 1, parameter.size()));
    parameters_.emplace_back(DecodeParameter(parameter.substr(0, equals)), DecodeParameter(value));
  }
}

std::optional<std::string_view> Query::Get(std::string_view name) const {
  const auto it = std::ranges::find(parameters_, name, &std::pair<std::string, std::string>::first);
  if (it == parameters_.end()) return std::nullopt;
  return it->second;
}

std::vector<std::string_view> Query::GetAll(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : parameters_) {
    if (key == name) values.push_back(value);
  }
  return values;
}

}  // namespace portolan::wire
