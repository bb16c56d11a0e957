#include "portolan/cli/completion.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "portolan/base/log.h"

namespace portolan::cli {
namespace {

// bash and zsh get the same `case` branches; this is what differs inside them.
struct Dialect {
  std::string_view offer_begin;
  std::string_view offer_end;
  std::string_view files;
  std::string_view folders;
};
constexpr Dialect kBash = {.offer_begin = "COMPREPLY=($(compgen -W \"",
                           .offer_end = "\" -- \"$cur\"))",
                           .files = "COMPREPLY=($(compgen -f -- \"$cur\"))",
                           .folders = "COMPREPLY=($(compgen -d -- \"$cur\"))"};
constexpr Dialect kZsh = {
    .offer_begin = "compadd -- ", .offer_end = "", .files = "_files", .folders = "_files -/"};

std::string Offer(const Dialect& dialect, const std::vector<std::string>& words) {
  return fmt::format("{}{}{}", dialect.offer_begin, fmt::join(words, " "), dialect.offer_end);
}

// Every first word and every whole name: `auth`, `auth explain`.
std::vector<std::string> NamePrefixes(const std::vector<CompletionCommand>& commands) {
  std::vector<std::string> prefixes;
  for (const CompletionCommand& command : commands) {
    if (command.name.empty()) continue;
    for (const std::string& name : {command.name.substr(0, command.name.find(' ')), command.name}) {
      if (std::ranges::find(prefixes, name) == prefixes.end()) prefixes.push_back(name);
    }
  }
  return prefixes;
}

// What may follow `name` where no option was begun: its subcommands' words and its arguments'
// values.
std::vector<std::string> WordsAfter(std::string_view name,
                                    const std::vector<CompletionCommand>& commands) {
  std::vector<std::string> words;
  const std::string below = name.empty() ? std::string() : std::string(name) + " ";
  for (const std::string& prefix : NamePrefixes(commands)) {
    const bool is_next = prefix.size() > below.size() && prefix.starts_with(below);
    if (is_next && prefix.find(' ', below.size()) == std::string::npos)
      words.push_back(prefix.substr(below.size()));
  }
  for (const CompletionCommand& command : commands) {
    if (command.name != name) continue;
    for (const CompletionOption& argument : command.arguments) {
      words.insert(words.end(), argument.values.begin(), argument.values.end());
    }
  }
  return words;
}

// The options of `name`, and the global ones.
std::vector<std::string> OptionsOf(std::string_view name,
                                   const std::vector<CompletionCommand>& commands) {
  std::vector<std::string> names;
  for (const CompletionCommand& command : commands) {
    if (command.name != name && !command.name.empty()) continue;
    for (const CompletionOption& option : command.options) {
      names.insert(names.end(), option.names.begin(), option.names.end());
    }
  }
  return names;
}

std::string ValueBranches(const Dialect& dialect, const std::vector<CompletionCommand>& commands) {
  std::string out;
  for (const CompletionCommand& command : commands) {
    for (const CompletionOption& option : command.options) {
      if (!option.takes_value) continue;
      std::vector<std::string> patterns;
      for (const std::string& name : option.names) {
        patterns.push_back(command.name.empty() ? fmt::format("*:{}", name)
                                                : fmt::format("\"{}\":{}", command.name, name));
      }
      std::string action = ":";
      if (!option.values.empty()) action = Offer(dialect, option.values);
      if (option.takes_file) action = dialect.files;
      if (option.takes_folder) action = dialect.folders;
      out += fmt::format("    {}) {}; return ;;\n", fmt::join(patterns, "|"), action);
    }
  }
  return out;
}

// `words_of` is WordsAfter or OptionsOf.
template <typename WordsOf>
std::string Branches(const Dialect& dialect, const std::vector<CompletionCommand>& commands,
                     WordsOf words_of) {
  std::string out = fmt::format("    \"\") {} ;;\n", Offer(dialect, words_of("", commands)));
  for (const std::string& prefix : NamePrefixes(commands)) {
    out += fmt::format("    \"{}\") {} ;;\n", prefix, Offer(dialect, words_of(prefix, commands)));
  }
  return out;
}

// The loop that finds the command among the words before the cursor.
std::string CommandBranch(const std::vector<CompletionCommand>& commands) {
  std::vector<std::string> patterns;
  for (const std::string& prefix : NamePrefixes(commands)) {
    const std::size_t space = prefix.find(' ');
    patterns.push_back(
        space == std::string::npos
            ? fmt::format("\":{}\"", prefix)
            : fmt::format("\"{}:{}\"", prefix.substr(0, space), prefix.substr(space + 1)));
  }
  return fmt::format(
      "    case \"$command:$word\" in\n      {}) command=\"${{command:+$command }}$word\" ;;\n    "
      "esac\n",
      fmt::join(patterns, "|"));
}

std::string BashScript(const std::vector<CompletionCommand>& commands) {
  return fmt::format(
      R"(# bash completion for portolan. In ~/.bashrc: source <(portolan completion bash)
_portolan() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} command= word
  COMPREPLY=()
  # bash splits --sort=semver at the equals sign.
  if [[ $cur == "=" ]]; then
    cur=
  elif [[ $prev == "=" && $COMP_CWORD -ge 2 ]]; then
    prev=${{COMP_WORDS[COMP_CWORD-2]}}
  fi
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
{}  done
  case "$command:$prev" in
{}  esac
  if [[ $cur == -* ]]; then
    case "$command" in
{}    esac
  else
    case "$command" in
{}    esac
  fi
}}
complete -F _portolan portolan
)",
      CommandBranch(commands), ValueBranches(kBash, commands), Branches(kBash, commands, OptionsOf),
      Branches(kBash, commands, WordsAfter));
}

std::string ZshScript(const std::vector<CompletionCommand>& commands) {
  return fmt::format(R"(#compdef portolan
# zsh completion for portolan. In ~/.zshrc, after compinit: source <(portolan completion zsh)
_portolan() {{
  local cur=${{words[CURRENT]}} prev=${{words[CURRENT-1]}} command= word
  if [[ $cur == --*=* ]]; then
    prev=${{cur%%=*}}
    compset -P '*='
  fi
  for word in "${{(@)words[2,CURRENT-1]}}"; do
{}  done
  case "$command:$prev" in
{}  esac
  if [[ $cur == -* ]]; then
    case "$command" in
{}    esac
  else
    case "$command" in
{}    esac
  fi
}}
if [[ $funcstack[1] == _portolan ]]; then
  _portolan "$@"
else
  compdef _portolan portolan
fi
)",
                     CommandBranch(commands), ValueBranches(kZsh, commands),
                     Branches(kZsh, commands, OptionsOf), Branches(kZsh, commands, WordsAfter));
}

std::string FishQuoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string FishCondition(std::string_view command) {
  const std::size_t space = command.find(' ');
  std::string condition = fmt::format("__fish_seen_subcommand_from {}", command.substr(0, space));
  if (space != std::string_view::npos) {
    condition += fmt::format("; and __fish_seen_subcommand_from {}", command.substr(space + 1));
  }
  return condition;
}

std::string FishOption(std::string_view command, const CompletionOption& option) {
  std::string out = "complete -c portolan";
  if (!command.empty()) out += " -n " + FishQuoted(FishCondition(command));
  for (const std::string& name : option.names) {
    out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  if (option.takes_file || option.takes_folder) {
    out += " -r -F";
  } else if (option.takes_value) {
    out += " -x";
  }
  if (!option.values.empty())
    out += " -a " + FishQuoted(fmt::format("{}", fmt::join(option.values, " ")));
  return out + " -d " + FishQuoted(option.about) + "\n";
}

std::string FishScript(const std::vector<CompletionCommand>& commands) {
  std::string out =
      "# fish completion for portolan. portolan completion fish > "
      "~/.config/fish/completions/portolan.fish\n"
      "complete -c portolan -f\n";
  for (const CompletionCommand& command : commands) {
    const std::size_t space = command.name.find(' ');
    const std::string first = command.name.substr(0, space);
    if (!command.name.empty()) {
      const std::string condition =
          space == std::string::npos ? "__fish_use_subcommand" : FishCondition(first);
      out += fmt::format("complete -c portolan -n {} -a {} -d {}\n", FishQuoted(condition),
                         space == std::string::npos ? first : command.name.substr(space + 1),
                         FishQuoted(command.about));
      if (space != std::string::npos &&
          !out.contains(fmt::format("use_subcommand' -a {} ", first))) {
        out += fmt::format("complete -c portolan -n __fish_use_subcommand -a {}\n", first);
      }
    }
    for (const CompletionOption& option : command.options) out += FishOption(command.name, option);
    for (const CompletionOption& argument : command.arguments) {
      if (argument.values.empty()) continue;
      out +=
          fmt::format("complete -c portolan -n {} -a {}\n", FishQuoted(FishCondition(command.name)),
                      FishQuoted(fmt::format("{}", fmt::join(argument.values, " "))));
    }
  }
  return out;
}

}  // namespace

Result<std::string> CompletionScript(std::string_view shell,
                                     const std::vector<CompletionCommand>& commands) {
  if (shell == "bash") return BashScript(commands);
  if (shell == "zsh") return ZshScript(commands);
  if (shell == "fish") return FishScript(commands);
  return Fail(ErrorCode::kUsage, fmt::format("no completion for \"{}\"", Printable(shell)),
              "portolan completion bash, zsh or fish");
}

}  // namespace portolan::cli
