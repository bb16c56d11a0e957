#include "portolan/probe/finding.h"

#include <algorithm>
#include <utility>

namespace portolan::probe {

void Findings::Found(std::string_view question, std::string value, std::vector<int> exchanges,
                     std::string note) {
  const auto known = std::ranges::find(all_, question, &Finding::question);
  if (known != all_.end() && known->value) return;
  if (known != all_.end()) all_.erase(known);
  all_.push_back({.question = std::string(question),
                  .value = std::move(value),
                  .note = std::move(note),
                  .exchanges = std::move(exchanges)});
}

void Findings::Unknown(std::string_view question, std::string why, std::vector<int> exchanges) {
  if (Get(question) != nullptr) return;
  all_.push_back({.question = std::string(question),
                  .value = std::nullopt,
                  .note = std::move(why),
                  .exchanges = std::move(exchanges)});
}

const Finding* Findings::Get(std::string_view question) const {
  const auto found = std::ranges::find(all_, question, &Finding::question);
  return found == all_.end() ? nullptr : &*found;
}

std::string_view Findings::Value(std::string_view question) const {
  const Finding* finding = Get(question);
  return finding != nullptr && finding->value ? std::string_view(*finding->value)
                                              : std::string_view();
}

}  // namespace portolan::probe
