#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "portolan/cli/listing.h"

namespace portolan::cli {
namespace {

// CLI11 would give every word that follows to the option, the repository too.
CLI::Option* AddRepeatable(CLI::App& app, const std::string& name, std::vector<std::string>& values,
                           const std::string& about) {
  return app.add_option(name, values, about)
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

}  // namespace

ErrorFormat ListFlags::error_format() const {
  return output == "json" || output == "ndjson" ? ErrorFormat::kJson : ErrorFormat::kText;
}

void DeclareNameFilters(CLI::App& app, SelectionFlags& selection) {
  AddRepeatable(app, "--match", selection.match, "keep names that match this glob")
      ->type_name("GLOB");
  AddRepeatable(app, "--regex", selection.regex, "keep names that contain a match")
      ->type_name("RE");
  app.add_option("--semver", selection.semver, "keep versions in this range")->type_name("RANGE");
  AddRepeatable(app, "--exclude", selection.exclude, "leave out names that match this glob")
      ->type_name("GLOB");
}

void DeclareListFlags(CLI::App& app, ListFlags& flags) {
  SelectionFlags& selection = flags.selection;
  app.add_option("-o,--output", flags.output, "how to print it")
      ->type_name("json|text|ndjson|table");
  DeclareNameFilters(app, selection);
  app.add_option("--sort", selection.sort, "the order to print in")
      ->type_name("registry|lexical|natural|semver");
  app.add_flag("--reverse", selection.reverse, "turn the order round");
  app.add_option("--limit", selection.limit, "print at most so many")->type_name("N");
  app.add_option("--page-size", flags.page_size, "ask for so many at a time")->type_name("N");
}

Result<ListPlan> ListPlan::Make(const ListFlags& flags, const ListNames& names) {
  ListPlan plan;
  plan.names = &names;
  PORTOLAN_TRY(plan.format, ParseListFormat(flags.output.value_or("json")));
  PORTOLAN_TRY(plan.selection, Selection::Make(flags.selection));
  if (flags.page_size && *flags.page_size < 0)
    return Fail(ErrorCode::kUsage, "--page-size must not be negative");
  plan.page_size = flags.page_size;
  plan.error_format = flags.error_format();
  return plan;
}

}  // namespace portolan::cli
