// Raw requests in tests: the way of `portolan api`, from the request to the last byte of the
// answer.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "portolan/base/result.h"
#include "portolan/client/registries.h"
#include "portolan/client/testing/client_fixture.h"

namespace portolan::client {

/// A raw request; with a body, its length is announced.
RawRequest NewRaw(std::string method, std::string path, std::optional<std::string> body = {});

/// Sends it for the repository of `reference`.
Result<Registries::RawResponse> SendRaw(ClientFixture& world, std::string_view reference,
                                        const RawRequest& request);

/// Reads the body, which can be read once.
Result<std::string> ReadBody(ClientFixture& world, Registries::RawResponse& response);

}  // namespace portolan::client
