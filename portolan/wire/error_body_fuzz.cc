// Properties: everything that may be shown is one printable line; what was kept as JSON is an
// envelope that reads the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "portolan/base/log.h"
#include "portolan/wire/error_body.h"
#include "portolan/wire/retry_after.h"

namespace {

void CheckPrintable(std::string_view text) {
  if (portolan::Printable(text, text.size()) != text) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using portolan::wire::ErrorBody;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const ErrorBody body = ErrorBody::Parse(text);
  if (body.errors.size() > 16) std::abort();
  CheckPrintable(body.summary);
  CheckPrintable(body.json);
  for (const ErrorBody::Item& item : body.errors) {
    CheckPrintable(item.code);
    CheckPrintable(item.message);
    CheckPrintable(item.detail);
  }
  for (const int status : {302, 400, 401, 404, 429, 503}) {
    const portolan::Error error = portolan::wire::ToError(status, body, "tags of quay.io/a/b");
    CheckPrintable(error.message);
    CheckPrintable(error.hint);
    if (error.http_status != status || error.registry_errors != body.json) std::abort();
  }
  if (!body.json.empty()) {
    const ErrorBody again = ErrorBody::Parse("{\"errors\":" + body.json + "}");
    if (again.json != body.json || again.errors != body.errors) std::abort();
  }
  const auto wait = portolan::wire::ParseRetryAfterText(text);
  if (wait && wait->count() < 0) std::abort();
  return 0;
}
