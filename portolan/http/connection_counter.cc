#include "portolan/http/connection_counter.h"

namespace portolan::http {

bool ConnectionCounter::Add(const std::string& address) {
  if (++total_ > max_total_) {
    --total_;
    return false;
  }
  if (address.empty()) return true;
  auto by_address = by_address_.Lock();
  int& count = (*by_address)[address];
  if (count < max_per_address_) {
    ++count;
    return true;
  }
  if (count == 0) by_address->erase(address);
  --total_;
  return false;
}

void ConnectionCounter::Remove(const std::string& address) {
  --total_;
  if (address.empty()) return;
  auto by_address = by_address_.Lock();
  const auto found = by_address->find(address);
  if (found != by_address->end() && --found->second == 0) by_address->erase(found);
}

}  // namespace portolan::http
