#include "portolan/cli/command_line.h"

#include <algorithm>
#include <array>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "portolan/base/log.h"
#include "portolan/base/suggestion.h"
#include "portolan/base/text.h"
#include "portolan/cli/duration.h"
#include "portolan/cli/manual_text.h"

namespace portolan::cli {
namespace {

constexpr std::string_view kHelpFlags = "-h,--help";

CompletionOption Describe(const CLI::Option& option) {
  CompletionOption out;
  for (const std::string& name : option.get_snames()) out.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) out.names.push_back("--" + name);
  out.about = option.get_description();
  out.takes_value = option.get_items_expected_max() > 0;
  const std::string type = option.get_type_name();
  out.takes_file = type == "FILE";
  out.takes_folder = type == "FOLDER";
  if (type.contains('|')) {
    for (std::size_t begin = 0; begin <= type.size();) {
      const std::size_t end = std::min(type.find('|', begin), type.size());
      out.values.push_back(type.substr(begin, end - begin));
      begin = end + 1;
    }
  }
  return out;
}

CompletionCommand Describe(std::string name, std::string about, const CLI::App& app) {
  CompletionCommand out{
      .name = std::move(name), .about = std::move(about), .options = {}, .arguments = {}};
  for (const CLI::Option* option : app.get_options()) {
    CompletionOption described = Describe(*option);
    (described.names.empty() ? out.arguments : out.options).push_back(std::move(described));
  }
  return out;
}

std::vector<std::string> OptionNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* at = &app; at != nullptr; at = at->get_parent()) {
    for (const CLI::Option* option : at->get_options()) {
      for (std::string& name : Describe(*option).names) names.push_back(std::move(name));
    }
  }
  return names;
}

std::vector<std::string> CommandNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* below : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(below->get_name());
  }
  return names;
}

Error UsageError(std::string message, std::string hint = {}) {
  return Fail(ErrorCode::kUsage, std::move(message), std::move(hint));
}

std::string DidYouMean(std::string_view word, const std::vector<std::string>& candidates,
                       std::string otherwise) {
  const std::optional<std::string> nearest = NearestWord(word, candidates);
  return nearest ? fmt::format("did you mean {}?", *nearest) : std::move(otherwise);
}

// Scripts give defaults and then "$@": of an option that takes one value the last counts, as in
// skopeo.
void LetTheLastWin(CLI::App& app) {
  for (CLI::Option* option : app.get_options([](const CLI::Option*) { return true; })) {
    const bool single = option->get_items_expected_max() <= 1 && option->nonpositional();
    if (single && option->get_multi_option_policy() == CLI::MultiOptionPolicy::Throw) {
      option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    }
  }
}

void CollectFlags(const CLI::App& app, std::vector<std::string>& names) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_items_expected_max() != 0) continue;
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  for (const CLI::App* below : app.get_subcommands([](const CLI::App*) { return true; })) {
    CollectFlags(*below, names);
  }
}

// Values of flags in the spellings that Go's flags take, as CLI11 takes them.
Status NormaliseFlags(const CLI::App& app, std::vector<std::string>& arguments) {
  std::vector<std::string> flags;
  CollectFlags(app, flags);
  for (std::string& argument : arguments) {
    if (argument == "--") break;
    const std::size_t equals = argument.find('=');
    if (equals == std::string::npos) continue;
    const std::string name = argument.substr(0, equals);
    if (std::ranges::find(flags, name) == flags.end()) continue;
    const std::string value = AsciiLower(std::string_view(argument).substr(equals + 1));
    const bool yes = value == "true" || value == "t" || value == "1";
    if (!yes && value != "false" && value != "f" && value != "0") {
      return UsageError(fmt::format("{}: \"{}\" is not true or false", name,
                                    Printable(argument.substr(equals + 1))),
                        fmt::format("write {0}, {0}=true or {0}=false", name));
    }
    argument = name + (yes ? "=true" : "=false");
  }
  return {};
}

// CLI11 words its complaints for programmers; the common ones are said again for users.
std::string Complaint(const CLI::ParseError& error) {
  const std::string text = error.what();
  const std::string option = text.substr(0, text.find(':'));
  if (error.get_name() == "ArgumentMismatch" && option.starts_with('-')) {
    return text.contains("missing") || text.contains("least")
               ? fmt::format("{} needs a value", option)
               : fmt::format("{} is given too often", option);
  }
  if (error.get_name() == "ConversionError" && text.contains("Could not convert: ")) {
    return fmt::format("not a number: {}", Printable(text.substr(text.find(": ") + 2)));
  }
  return Printable(text);
}

}  // namespace

struct CommandLine::State {
  CLI::App app{"", "portolan"};
  GlobalFlags global;
  // skopeo's global options that mean nothing to the commands here.
  bool ignored_flag = false;
  std::string ignored;
  std::optional<std::string> timeout;
  bool version = false;
  std::vector<std::string> arguments;
  std::vector<std::string> help_words;
  std::string shell;
  CLI::App* help = nullptr;
  CLI::App* completion = nullptr;
  struct Declared {
    CLI::App* app;
    Command* command;
  };
  std::vector<Declared> declared;

  CLI::App* Below(CLI::App& parent, const std::string& word);
  void DeclareGlobal();
  void DeclareCommand(Command& command, bool wanted);
  void DeclareBuiltIn();
  /// The deepest command that was named.
  CLI::App& Named();
  std::vector<std::string> NamedWords();
  Status CheckRest();
};

CLI::App* CommandLine::State::Below(CLI::App& parent, const std::string& word) {
  for (CLI::App* there :
       parent.get_subcommands([&](const CLI::App* each) { return each->get_name() == word; })) {
    return there;
  }
  CLI::App* app_below = parent.add_subcommand(word);
  app_below->fallthrough();
  app_below->require_subcommand(0, 1);
  app_below->allow_extras();
  app_below->set_help_flag(std::string(kHelpFlags), "show the manual");
  return app_below;
}

void CommandLine::State::DeclareGlobal() {
  app.set_help_flag(std::string(kHelpFlags), "show the manual");
  app.require_subcommand(0, 1);  // more would take an image called `login` for a command
  app.allow_extras();
  app.add_flag("-v,--version", version, "print the version");
  app.add_flag("--debug", global.debug, "tell what is done on standard error");
  app.add_option("--command-timeout", timeout, "give up after this time")->type_name("DURATION");
  app.add_option("--registries-conf", global.registries_conf, "registries.conf to read")
      ->type_name("FILE");
  app.add_option("--user-agent-prefix", global.user_agent_prefix, "put before our User-Agent")
      ->type_name("TEXT");
  app.add_flag("--insecure-policy", ignored_flag, "accepted for skopeo's sake");
  for (const char* name : {"--policy", "--override-arch", "--override-os", "--override-variant",
                           "--registries.d", "--tmpdir"}) {
    app.add_option(name, ignored, "accepted for skopeo's sake")->type_name("VALUE");
  }
  LetTheLastWin(app);
}

void CommandLine::State::DeclareCommand(Command& command, bool wanted) {
  CLI::App* at = &app;
  for (std::string_view rest = command.name(); !rest.empty();) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    at = Below(*at, std::string(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (wanted) command.Declare(*at);
  LetTheLastWin(*at);
  declared.push_back({.app = at, .command = &command});
}

void CommandLine::State::DeclareBuiltIn() {
  help = Below(app, "help");
  help->add_option("COMMAND", help_words, "what to show the manual of");
  completion = Below(app, "completion");
  completion->add_option("SHELL", shell, "whose completion script to print")
      ->type_name("bash|zsh|fish")
      ->required();
}

CLI::App& CommandLine::State::Named() {
  CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  return *at;
}

std::vector<std::string> CommandLine::State::NamedWords() {
  std::vector<std::string> words;
  for (CLI::App* at = &Named(); at != &app; at = at->get_parent())
    words.insert(words.begin(), at->get_name());
  return words;
}

Status CommandLine::State::CheckRest() {
  CLI::App& named = Named();
  const std::vector<std::string> words = NamedWords();
  const std::string hint =
      fmt::format("portolan help{}{}", words.empty() ? "" : " ", fmt::join(words, " "));
  std::vector<std::string> rest = app.remaining(true);
  if (const auto mark = std::ranges::find(rest, "--"); mark != rest.end()) rest.erase(mark);
  const std::vector<std::string> below = CommandNames(named);
  const std::string name = fmt::format("{}", fmt::join(words, " "));
  if (!rest.empty() && rest.front().starts_with('-') && rest.front().size() > 1) {
    const std::string option = rest.front().substr(0, rest.front().find('='));
    return UsageError(
        fmt::format("unknown option {}", Printable(option)),
        option.starts_with("--") ? DidYouMean(option, OptionNames(named), hint) : hint);
  }
  // Whether it does something by itself, as `tags` does, which has commands below it.
  const bool runs = std::ranges::find(declared, &named, &Declared::app) != declared.end();
  if (!rest.empty() && !below.empty() && !runs) {
    return UsageError(fmt::format("unknown command {}{}{}", name, name.empty() ? "" : " ",
                                  Printable(rest.front())),
                      DidYouMean(rest.front(), below, hint));
  }
  if (!rest.empty()) {
    return UsageError(fmt::format("{}: one argument too many: {}", name, Printable(rest.front())),
                      hint);
  }
  if (&named != &app && !below.empty() && !runs) {
    return UsageError(fmt::format("{} needs one of: {}", name, fmt::join(below, ", ")), hint);
  }
  return {};
}

CommandLine::CommandLine(const std::vector<std::unique_ptr<Command>>& commands,
                         const std::vector<std::string>& arguments)
    : state_(std::make_unique<State>()) {
  state_->arguments = arguments;
  state_->DeclareGlobal();
  const auto given = [&](std::string_view word) {
    return std::ranges::find(arguments, word) != arguments.end();
  };
  // `tags history` is not `tags`, whose options it must not take.
  const auto goes_below = [&](std::string_view name) {
    return std::ranges::any_of(commands, [&](const std::unique_ptr<Command>& other) {
      const std::string_view below = other->name();
      if (!below.starts_with(name) || below.substr(name.size(), 1) != " ") return false;
      const std::array<std::string_view, 2> words = {name, below.substr(name.size() + 1)};
      return !std::ranges::search(arguments, words).empty();
    });
  };
  const bool all = given("completion");
  for (const std::unique_ptr<Command>& command : commands) {
    const std::string_view name = command->name();
    const bool wanted = given(name.substr(0, name.find(' '))) && !goes_below(name);
    state_->DeclareCommand(*command, all || wanted);
  }
  state_->DeclareBuiltIn();
}

CommandLine::~CommandLine() = default;

Result<Wish> CommandLine::Parse() {
  State& state = *state_;
  Wish wish;
  PORTOLAN_CHECK(NormaliseFlags(state.app, state.arguments));
  try {
    state.app.parse(std::vector<std::string>(state.arguments.rbegin(), state.arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    wish.kind = Wish::Kind::kHelp;
    wish.words = state.NamedWords();
    return wish;
  } catch (const CLI::ParseError& error) {
    // A word that is wrong explains more than one that is missing because of it.
    if (!state.version) PORTOLAN_CHECK(state.CheckRest());
    const std::vector<std::string> words = state.NamedWords();
    if (!state.version) {
      return UsageError(
          fmt::format("{}{}{}", fmt::join(words, " "), words.empty() ? "" : ": ", Complaint(error)),
          fmt::format("portolan help{}{}", words.empty() ? "" : " ", fmt::join(words, " ")));
    }
  } catch (const std::exception& error) {
    return UsageError(Printable(error.what()), "portolan help");
  }
  if (state.version) {
    wish.kind = Wish::Kind::kVersion;
    return wish;
  }
  PORTOLAN_CHECK(state.CheckRest());
  if (state.timeout) {
    Result<std::chrono::nanoseconds> timeout = ParseDuration(*state.timeout);
    if (!timeout) return Wrap(std::move(timeout).error(), "--command-timeout");
    state.global.command_timeout_seconds = std::chrono::duration<double>(*timeout).count();
  }
  wish.global = state.global;
  CLI::App& named = state.Named();
  if (&named == state.help) {
    wish.kind = Wish::Kind::kHelp;
    wish.words = state.help_words;
  } else if (&named == state.completion) {
    wish.kind = Wish::Kind::kCompletion;
    wish.words = {state.shell};
  } else if (&named != &state.app) {
    wish.kind = Wish::Kind::kRun;
    wish.command = command();
  }
  return wish;
}

Command* CommandLine::command() const {
  const auto found = std::ranges::find(state_->declared, &state_->Named(), &State::Declared::app);
  return found == state_->declared.end() ? nullptr : found->command;
}

std::vector<CompletionCommand> CommandLine::Describe() const {
  std::vector<CompletionCommand> out = {cli::Describe("", "", state_->app)};
  for (const State::Declared& declared : state_->declared) {
    out.push_back(cli::Describe(std::string(declared.command->name()),
                                std::string(ManualTitle(declared.command->manual())),
                                *declared.app));
  }
  out.push_back(cli::Describe("help", "show a manual", *state_->help));
  std::vector<std::string> topics = CommandNames(state_->app);
  topics.emplace_back("exit-status");
  out.back().arguments.front().values = std::move(topics);
  out.push_back(cli::Describe("completion", "print a completion script", *state_->completion));
  return out;
}

std::vector<std::string> DeclaredOptions(Command& command) {
  CLI::App app;
  app.set_help_flag();
  command.Declare(app);
  return OptionNames(app);
}

}  // namespace portolan::cli
