#include "portolan/config/testing/fake_helper_runner.h"

#include <boost/json.hpp>

namespace portolan::config {
namespace {

namespace json = boost::json;

std::string Text(const json::value& object, std::string_view member) {
  return std::string(object.as_object().at(member).as_string());
}

}  // namespace

Result<HelperRunner::Output> FakeHelperRunner::Run(const std::string& name,
                                                   const std::string& action,
                                                   const std::string& input) {
  calls.push_back(name + " " + action + (action == "store" ? "" : " " + input));
  if (interrupted.contains(name)) {
    return Fail(ErrorCode::kCancelled, "docker-credential-" + name + " was interrupted");
  }
  if (const auto it = scripted.find(name); it != scripted.end()) return it->second;
  const auto helper = held.find(name);
  if (helper == held.end()) {
    return Fail(ErrorCode::kNameUnknown, "docker-credential-" + name + " is not on PATH");
  }
  if (action == "store") {
    const json::value request = json::parse(input);
    helper->second[Text(request, "ServerURL")] = {Text(request, "Username"),
                                                  Text(request, "Secret")};
    return Output{};
  }
  const auto account = helper->second.find(input);
  if (account == helper->second.end()) {
    return Output{.exit_status = 1,
                  .standard_output = "credentials not found in native keychain\n"};
  }
  if (action == "erase") {
    helper->second.erase(account);
    return Output{};
  }
  const json::object answer = {{"ServerURL", json::string(input)},
                               {"Username", json::string(account->second.first)},
                               {"Secret", json::string(account->second.second)}};
  return Output{.exit_status = 0, .standard_output = json::serialize(answer)};
}

std::unique_ptr<HelperRunner> FakeHelperRunner::NewHandle() {
  class Handle final : public HelperRunner {
   public:
    explicit Handle(HelperRunner& runner) : runner_(runner) {}
    Result<Output> Run(const std::string& name, const std::string& action,
                       const std::string& input) override {
      return runner_.Run(name, action, input);
    }

   private:
    HelperRunner& runner_;
  };
  return std::make_unique<Handle>(*this);
}

}  // namespace portolan::config
