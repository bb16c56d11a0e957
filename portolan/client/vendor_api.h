// Requests to an API of a vendor's own, which is no registry's: other hosts, other credentials.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "portolan/async/task.h"
#include "portolan/base/limits.h"
#include "portolan/base/result.h"
#include "portolan/base/secret.h"
#include "portolan/base/url.h"
#include "portolan/client/sender.h"
#include "portolan/http/message.h"

namespace portolan::client {

/// One API at one address. Nothing is ever sent to another origin; redirects lose what says who
/// asks (Sender). For one loop.
class VendorApi {
 public:
  struct Answer {
    int status = 0;
    http::Headers headers;
    std::string body;  ///< of a success: whole; else its start
  };
  struct Call {
    std::string method = "GET";
    std::string target;               ///< path and query, below the base's path
    Secret token;                     ///< sent as Bearer; empty: anonymous
    std::optional<std::string> json;  ///< the body
    http::Headers headers;
  };

  /// `base` is the address, with or without a path; `tls` is for it. The references must outlive
  /// the API.
  VendorApi(Sender& sender, const Limits& limits, Url base,
            std::shared_ptr<const http::TlsSettings> tls);

  /// The answer, whatever its status. kTooLarge, and all of Sender::Send.
  async::Task<Result<Answer>> Send(Call call);

  /// The target of a next page that the API gave as an address of its own. kUnsafeTarget if it is
  /// on another host.
  Result<std::string> TargetOf(std::string_view address) const;

  /// `https://hub.docker.com`, for messages.
  std::string name() const { return base_.origin.ToString(); }

 private:
  Sender& sender_;
  const Limits& limits_;
  Url base_;
  std::string prefix_;  // the base's path, without a slash at its end
  std::shared_ptr<const http::TlsSettings> tls_;
};

/// The Error of an answer that is not a success; `what` as wire::ToError has it.
Error VendorError(const VendorApi::Answer& answer, std::string_view what);

}  // namespace portolan::client
