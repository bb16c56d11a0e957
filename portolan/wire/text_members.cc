#include "portolan/wire/text_members.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace portolan::wire {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxDepth = 32;

}  // namespace

Result<TextMembers> ReadTextMembers(std::string_view body) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::error_code ec;
  const json::value value = json::parse({body.data(), body.size()}, ec, {}, options);
  if (ec || !value.is_object()) {
    return Fail(ErrorCode::kProtocol, "the request's body is no JSON object");
  }
  TextMembers members;
  for (const auto& [name, member] : value.get_object()) {
    std::optional<std::string>& text = members[std::string(name.data(), name.size())];
    if (member.is_string()) text.emplace(member.get_string().data(), member.get_string().size());
  }
  return members;
}

std::string TextOf(const TextMembers& members, std::string_view name) {
  const auto member = members.find(name);
  if (member == members.end()) return {};
  return member->second.value_or(std::string());
}

}  // namespace portolan::wire
