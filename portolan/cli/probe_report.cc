#include "portolan/cli/probe_report.h"

#include <algorithm>
#include <string_view>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "portolan/base/log.h"
#include "portolan/base/text.h"
#include "portolan/cli/pretty_json.h"

namespace portolan::cli {
namespace {

namespace json = boost::json;
using probe::Exchange;
using probe::Finding;
using probe::Likeness;

constexpr std::size_t kShownBody = 1024;
constexpr std::size_t kTitleWidth = 34;
constexpr std::size_t kShownOthers = 5;

// Signed addresses and states of uploads are as good as passwords.
std::string ShownValue(std::string_view name, std::string_view value) {
  if (EqualsIgnoreCase(name, "Set-Cookie")) return "***";
  const std::size_t question = value.find('?');
  if (EqualsIgnoreCase(name, "Location") && question != std::string_view::npos) {
    return std::string(value.substr(0, question)) + "?…";
  }
  return std::string(value);
}

// A redirect's target may be signed; the registry's own queries are part of the evidence.
std::string ShownUrl(const Exchange& exchange, const Origin& registry) {
  const Url& url = exchange.url;
  const bool token = url.Query().contains("service=") || url.Query().contains("scope=");
  if (url.origin == registry || token || url.Query().empty()) return url.ToString();
  return fmt::format("{}{}?…", url.origin.ToString(), url.Path());
}

const dialect::Question& QuestionOf(const Finding& finding) {
  return *std::ranges::find(dialect::Questions(), finding.question, &dialect::Question::name);
}

std::string_view TitleOf(std::string_view question) {
  const auto found = std::ranges::find(dialect::Questions(), question, &dialect::Question::name);
  return found->title;
}

// ---------------------------------------------------------------------------------------- text

std::string Numbers(const std::vector<int>& exchanges) {
  if (exchanges.empty()) return {};
  return fmt::format("  [{}]", fmt::join(exchanges, " "));
}

std::string FindingLine(const Finding& finding, bool evidence) {
  std::string line = fmt::format("  {:<{}} ", QuestionOf(finding).title, kTitleWidth);
  if (finding.value) {
    line += Printable(*finding.value, 512);
    if (!finding.note.empty()) line += fmt::format("  ({})", Printable(finding.note, 512));
  } else {
    line += fmt::format("– not found out: {}", Printable(finding.note, 512));
  }
  if (evidence) line += Numbers(finding.exchanges);
  return line + "\n";
}

// The nearest, with those that fit as well: what tells them apart was not seen.
std::string Verdict(const std::vector<Likeness>& likenesses) {
  const Likeness& likeness = likenesses.front();
  const dialect::Habits& habits = *likeness.habits;
  const std::size_t differing = likeness.differences.size();
  if (differing == 0) {
    std::string out = fmt::format("answers as {} ({}) in all of {} findings\n", habits.name,
                                  habits.title, likeness.agreeing);
    for (const Likeness& other : likenesses) {
      if (&other == &likeness || !other.differences.empty()) continue;
      if (other.agreeing != likeness.agreeing) continue;
      out += fmt::format("or as {} ({}): what tells them apart was not seen\n", other.habits->name,
                         other.habits->title);
    }
    return out;
  }
  std::string out = fmt::format("answers as {} ({}) in {} of {} findings, except\n", habits.name,
                                habits.title, likeness.agreeing, likeness.agreeing + differing);
  for (const Likeness::Difference& difference : likeness.differences) {
    out += fmt::format("  {:<{}} expected {}, found {}\n", TitleOf(difference.question),
                       kTitleWidth, difference.expected, Printable(difference.found, 256));
  }
  return out;
}

std::string OthersLine(const std::vector<Likeness>& likenesses) {
  std::vector<std::string> others;
  for (std::size_t i = 1; i < std::min(likenesses.size(), kShownOthers + 1); ++i) {
    const Likeness& one = likenesses[i];
    others.push_back(fmt::format("{} {} of {}", one.habits->name, one.agreeing,
                                 one.agreeing + static_cast<int>(one.differences.size())));
  }
  return fmt::format("beside others: {}\n", fmt::join(others, ", "));
}

std::string ExchangeLines(const Exchange& exchange, const Origin& registry) {
  std::string out = fmt::format("[{}] {} {}\n", exchange.number, exchange.method,
                                Printable(ShownUrl(exchange, registry), 2048));
  if (exchange.status == 0) return out + "    " + Printable(exchange.failure, 512) + "\n";
  out += fmt::format("    HTTP/{} {}\n", exchange.version, exchange.status);
  for (const auto& field : exchange.headers.fields()) {
    out += fmt::format("    {}: {}\n", Printable(field.name, 128),
                       Printable(ShownValue(field.name, field.value), 1024));
  }
  if (exchange.status >= 400 && !exchange.body.empty()) {
    out += fmt::format("    {}\n", Printable(exchange.body, kShownBody));
  }
  return out;
}

// ---------------------------------------------------------------------------------------- JSON

json::value HeadersJson(const http::Headers& headers) {
  json::array out;
  for (const auto& field : headers.fields()) {
    out.push_back({{"name", Printable(field.name, 256)},
                   {"value", Printable(ShownValue(field.name, field.value), 8192)}});
  }
  return out;
}

json::value ToJson(const Exchange& exchange, const Origin& registry) {
  json::object out{{"number", exchange.number},
                   {"method", exchange.method},
                   {"url", Printable(ShownUrl(exchange, registry), 16384)},
                   {"request_headers", HeadersJson(exchange.sent)}};
  if (exchange.status != 0) {
    out["status"] = exchange.status;
    out["http_version"] = exchange.version;
    out["headers"] = HeadersJson(exchange.headers);
  }
  if (exchange.status >= 400) out["body"] = Printable(exchange.body, kShownBody);
  if (!exchange.failure.empty()) out["failure"] = Printable(exchange.failure, 512);
  return out;
}

json::value ToJson(const Finding& finding) {
  json::object out{{"name", finding.question},
                   {"section", QuestionOf(finding).section},
                   {"title", QuestionOf(finding).title},
                   {"known", finding.value.has_value()}};
  if (finding.value) out["value"] = Printable(*finding.value, 1024);
  if (!finding.note.empty()) out["note"] = Printable(finding.note, 1024);
  out["exchanges"] = json::array(finding.exchanges.begin(), finding.exchanges.end());
  return out;
}

json::value ToJson(const Likeness& likeness) {
  json::array differences;
  for (const Likeness::Difference& one : likeness.differences) {
    differences.push_back({{"name", one.question},
                           {"expected", one.expected},
                           {"found", Printable(one.found, 1024)}});
  }
  return {{"profile", likeness.habits->name},
          {"title", likeness.habits->title},
          {"agreeing", likeness.agreeing},
          {"differences", std::move(differences)}};
}

}  // namespace

std::string ProbeText(const ProbeReport& report, bool evidence) {
  const probe::Investigation& found = report.investigation;
  const Origin& registry = report.registry;
  std::string out = fmt::format("{} at {}", found.target, registry.ToString());
  if (found.repository_found) out += fmt::format(", looking at {}", found.repository);
  out += fmt::format("\n{}", Verdict(found.likenesses));
  out += OthersLine(found.likenesses);
  std::string_view section;
  for (const Finding& finding : found.findings) {
    const std::string_view own = QuestionOf(finding).section;
    if (own != section) out += fmt::format("\n{}\n", own);
    section = own;
    out += FindingLine(finding, evidence);
  }
  out += fmt::format("\n{} requests\n", report.exchanges.size());
  if (!evidence) return out;
  out += "\nExchanges\n";
  for (const auto& exchange : report.exchanges) out += ExchangeLines(*exchange, registry);
  return out;
}

std::string ProbeJson(const ProbeReport& report) {
  const probe::Investigation& found = report.investigation;
  const Origin& registry = report.registry;
  json::array findings;
  for (const Finding& finding : found.findings) findings.push_back(ToJson(finding));
  json::array profiles;
  for (const Likeness& likeness : found.likenesses) profiles.push_back(ToJson(likeness));
  json::array exchanges;
  for (const auto& exchange : report.exchanges) exchanges.push_back(ToJson(*exchange, registry));
  json::object out{{"schema", 1}, {"target", found.target}, {"origin", registry.ToString()}};
  out["repository"] = found.repository.empty() ? json::value() : json::value(found.repository);
  out["verdict"] = {{"profile", found.likenesses.front().habits->name},
                    {"exact", found.likenesses.front().differences.empty()}};
  out["profiles"] = std::move(profiles);
  out["findings"] = std::move(findings);
  out["exchanges"] = std::move(exchanges);
  return PrettyJson(out) + "\n";
}

}  // namespace portolan::cli
