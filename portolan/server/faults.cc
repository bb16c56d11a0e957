#include "portolan/server/faults.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "portolan/auth/access.h"
#include "portolan/base/text.h"

namespace portolan::server {

void Faults::Set(std::vector<Fault> faults) {
  auto list = std::make_shared<List>();
  for (Fault& fault : faults) list->push_back(std::make_shared<Counted>(std::move(fault)));
  *list_.Lock() = std::move(list);
}

Status Faults::SetText(std::string_view text) {
  std::vector<Fault> faults;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = TrimSpace(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    Result<Fault> fault = Fault::Parse(line);
    if (!fault) {
      Error error = std::move(fault).error();
      error.message = fmt::format("line {}: {}", number, error.message);
      return error;
    }
    if (faults.size() == kMaxFaults) {
      return Fail(ErrorCode::kConfigInvalid,
                  fmt::format("there are more than {} faults", kMaxFaults));
    }
    faults.push_back(*std::move(fault));
  }
  Set(std::move(faults));
  return {};
}

std::string Faults::Text() const {
  const std::shared_ptr<const List> list = *list_.Lock();
  std::string text;
  for (const auto& counted : *list) {
    text += fmt::format("{} times of {}: {}\n", counted->made.load(), counted->matched.load(),
                        counted->fault.text);
  }
  return text;
}

std::shared_ptr<const Fault> Faults::For(std::string_view method, std::string_view path) {
  const std::shared_ptr<const List> list = *list_.Lock();
  for (const auto& counted : *list) {
    const Fault& fault = counted->fault;
    if (!fault.method.empty() && fault.method != method) continue;
    if (!fault.path.empty() && !auth::MatchesGlob(fault.path, path)) continue;
    if (++counted->matched % static_cast<std::uint64_t>(fault.every) != 0) continue;
    if (++counted->made > static_cast<std::uint64_t>(fault.times) && fault.times > 0) {
      --counted->made;
      continue;
    }
    return {counted, &fault};
  }
  return nullptr;
}

}  // namespace portolan::server
