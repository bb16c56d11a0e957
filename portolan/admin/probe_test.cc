// `portolan probe` against our own registry as it stands in for each known one: what it is told to
// be, it must be found to be.
#include <cstdlib>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "portolan/auth/access.h"
#include "portolan/cli/command.h"
#include "portolan/cli/terminal.h"
#include "portolan/config/testing/fake_helper_runner.h"
#include "portolan/dialect/habits.h"
#include "portolan/dialect/served.h"
#include "portolan/oci/manifest.h"
#include "portolan/server/testing/test_registry.h"

namespace portolan::admin {
namespace {

namespace json = boost::json;

// A registry with one repository of 150 tags, whose order of making is not that of their names.
class ProbedRegistry {
 public:
  ProbedRegistry() {
    registry_.PushImage("team/app", "t000", "content");
    const std::string manifest = server::ImageManifest("{}", {"content"});
    for (int i = 1; i < kTags; ++i) {
      registry_.PushManifest("team/app", fmt::format("t{:03}", i * 7 % kTags), manifest,
                             std::string(oci::kImageManifestType));
    }
  }

  void StandInFor(const dialect::Served& served) {
    auth::ActionSet pull;
    pull.Add(auth::Action::kPull);
    auto rules = auth::AccessRules::Make(
        {{.users = {"anonymous"}, .repositories = {"team/*"}, .allow = pull}});
    ASSERT_TRUE(rules);
    registry_.SetAuth(auth::NewOpenAuthenticator(), *std::move(rules));
    registry_.SetDialect(served);
  }

  json::object Probe(const std::string& target) {
    cli::MemoryTerminal terminal;
    const Environment environment{.variables = {}, .home = "/home/u", .uid = 1000};
    MemoryFiles files;
    FixedRandom random;
    config::FakeHelperRunner helpers;
    const cli::World world{
        .terminal = terminal,
        .environment = environment,
        .files = files,
        .clock = registry_.clock,
        .random = random,
        .new_helper_runner = [&](int, const Limits&) { return helpers.NewHandle(); },
        .new_http_client = [&](async::Loop&,
                               const Limits&) { return http::NewClient(registry_.service()); }};
    std::vector<std::unique_ptr<cli::Command>> commands;
    commands.push_back(cli::NewProbeCommand());
    const int status = cli::RunProgram({"probe", "--delay", "0", "-o", "json", target}, world,
                                       std::move(commands));
    EXPECT_EQ(status, 0) << terminal.error;
    if (status != 0) return {};
    EXPECT_FALSE(terminal.out.contains("eyJ")) << "a token was printed";
    return json::parse(terminal.out).as_object();
  }

 private:
  static constexpr int kTags = 150;
  server::TestRegistry registry_;
};

// The profile of this name among those that came out.
const json::object* ProfileOf(const json::object& report, std::string_view name) {
  for (const json::value& profile : report.at("profiles").as_array()) {
    if (profile.at("profile").as_string() == name) return &profile.as_object();
  }
  return nullptr;
}

// Registries that are served and whose habits are known.
std::vector<const dialect::Served*> KnownAndServed() {
  std::vector<const dialect::Served*> out;
  for (const dialect::Habits* habits : dialect::AllHabits()) {
    for (const dialect::Served* served : dialect::AllServed()) {
      if (served->name == habits->name) out.push_back(served);
    }
  }
  return out;
}

// Of these only so much is known as their clients and documentation tell.
bool IsShort(std::string_view name) { return !name.contains('@') && name != "portolan"; }

class ProbeRoundTrip : public testing::TestWithParam<const dialect::Served*> {};

TEST_P(ProbeRoundTrip, FindsTheDialectThatIsServed) {
  ProbedRegistry registry;
  registry.StandInFor(*GetParam());
  const json::object report = registry.Probe("registry.test/team/app");
  const json::object* own = ProfileOf(report, GetParam()->name);
  ASSERT_NE(own, nullptr);
  EXPECT_EQ(json::serialize(own->at("differences")), "[]");
  EXPECT_GT(own->at("agreeing").to_number<int>(), IsShort(GetParam()->name) ? 20 : 35);
  EXPECT_TRUE(report.at("verdict").at("exact").as_bool());
  EXPECT_LT(report.at("exchanges").as_array().size(), 60U);
  // Of another time nothing may speak against it, either; of another registry something must, and
  // much of one whose every answer is known.
  const std::string_view maker = GetParam()->name.substr(0, GetParam()->name.find('@'));
  for (const json::value& profile : report.at("profiles").as_array()) {
    const std::string_view name = profile.at("profile").as_string();
    if (name.substr(0, name.find('@')) == maker) continue;
    if (maker == "zot" && name == "portolan") continue;
    const std::size_t least = IsShort(maker) || IsShort(name) ? 1 : 4;
    EXPECT_GE(profile.at("differences").as_array().size(), least) << name;
  }
  if (std::getenv("PORTOLAN_SHOW_PROBE") != nullptr) {
    for (const json::value& finding : report.at("findings").as_array()) {
      fmt::print("{:24} {}\n", std::string_view(finding.at("name").as_string()),
                 finding.as_object().contains("value") ? json::serialize(finding.at("value"))
                                                       : json::serialize(finding.at("note")));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Every, ProbeRoundTrip, testing::ValuesIn(KnownAndServed()),
                         [](const auto& info) {
                           std::string name(info.param->name);
                           for (char& c : name) c = c == '@' || c == '-' ? '_' : c;
                           return name;
                         });

TEST(Probe, KnowsOurOwnRegistryAndFindsItsRepository) {
  ProbedRegistry registry;
  const json::object report = registry.Probe("registry.test");
  EXPECT_EQ(report.at("repository").as_string(), "team/app");
  EXPECT_EQ(report.at("verdict").at("profile").as_string(), "portolan");
  const json::object* own = ProfileOf(report, "portolan");
  ASSERT_NE(own, nullptr);
  EXPECT_EQ(json::serialize(own->at("differences")), "[]");
}

}  // namespace
}  // namespace portolan::admin
