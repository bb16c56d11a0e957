#include "portolan/store/testing/fault_plan.h"

#include <utility>

namespace portolan::store {

void FaultPlan::FailAt(std::uint64_t operation, How how, ErrorCode code) {
  const std::lock_guard lock(mutex_);
  operations_ = 0;
  fail_at_ = operation;
  how_ = how;
  code_ = code;
}

void FaultPlan::Before(std::uint64_t operation, std::function<void()> meanwhile) {
  const std::lock_guard lock(mutex_);
  operations_ = 0;
  before_ = operation;
  meanwhile_ = std::move(meanwhile);
}

void FaultPlan::Clear() {
  const std::lock_guard lock(mutex_);
  fail_at_ = 0;
}

FaultPlan::Verdict FaultPlan::Next() {
  std::unique_lock lock(mutex_);
  ++operations_;
  if (operations_ == before_) {
    before_ = 0;
    lock.unlock();
    meanwhile_();
    lock.lock();
  }
  if (fail_at_ == 0 || operations_ < fail_at_) return Verdict::kWork;
  const bool once = how_ == How::kOnce || how_ == How::kAnswerLostOnce;
  if (operations_ > fail_at_) return once ? Verdict::kWork : Verdict::kFail;
  const bool works = how_ == How::kAnswerLost || how_ == How::kAnswerLostOnce;
  return works ? Verdict::kWorkButFail : Verdict::kFail;
}

Error FaultPlan::Failure(const std::string& what) const {
  const std::lock_guard lock(mutex_);
  return Fail(code_, "made to fail: " + what);
}

Status FaultPlan::Check(const std::string& what) {
  if (Next() == Verdict::kWork) return {};
  return Failure(what);
}

std::uint64_t FaultPlan::operations() const {
  const std::lock_guard lock(mutex_);
  return operations_;
}

}  // namespace portolan::store
