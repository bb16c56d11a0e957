// portolan auth keygen: a key for a token service.
#include <optional>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "portolan/admin/commands.h"
#include "portolan/auth/key.h"
#include "portolan/base/date.h"

namespace portolan::admin {
namespace {

constexpr std::string_view kManual =
#include "portolan/admin/manual/auth_keygen.md.inc"
    ;

class KeygenCommand final : public cli::Command {
 public:
  std::string_view name() const override { return "auth keygen"; }
  std::string_view manual() const override { return kManual; }
  void Declare(CLI::App& app) override {
    app.add_option("FILE", file_, "where the key is written")->required()->type_name("FILE");
    app.add_option("--algorithm", algorithm_, "RS256, ES256 (the default) or EdDSA")
        ->type_name("ALGORITHM");
    app.add_option("--name", common_name_, "what its certificate calls it")->type_name("NAME");
    app.add_option("--certificate", certificate_, "write the certificate alone to this file, too")
        ->type_name("FILE");
    app.add_flag("--show", show_, "make nothing; print what is known of the key in FILE");
  }

  Status Run(const cli::World& world, const cli::GlobalFlags&) override {
    PORTOLAN_TRY(const auth::SigningKey key, show_ ? Read(world) : Make(world));
    if (!certificate_.empty()) {
      PORTOLAN_CHECK(world.files.Replace(certificate_, key.certificates(), 0644));
    }
    PORTOLAN_CHECK(world.terminal.Write(fmt::format(
        "algorithm   {}\nthumbprint  {}\nlibtrust    {}\njwk         {}\n", NameOf(key.algorithm()),
        key.public_key().thumbprint(), key.public_key().libtrust_id(), key.public_key().jwk())));
    return world.terminal.Flush();
  }

 private:
  static constexpr std::size_t kMaxFile = 1U << 20U;

  Result<auth::SigningKey> Read(const cli::World& world) const {
    PORTOLAN_TRY(std::string pem, world.files.Read(file_, kMaxFile));
    return auth::SigningKey::FromPem(Secret(std::move(pem)));
  }

  Result<auth::SigningKey> Make(const cli::World& world) const {
    const std::optional<auth::Algorithm> algorithm = auth::AlgorithmOf(algorithm_);
    if (!algorithm) {
      return Fail(ErrorCode::kUsage, fmt::format("\"{}\" is no algorithm", algorithm_),
                  "RS256, ES256 or EdDSA");
    }
    // A key that tokens are signed with must not vanish by a slip of the hand.
    if (world.files.Read(file_, 0).error().code != ErrorCode::kNameUnknown) {
      return Fail(ErrorCode::kUsage, fmt::format("{} is there already", file_),
                  "choose another name, or remove it first; --show tells what it is");
    }
    PORTOLAN_TRY(
        auth::SigningKey key,
        auth::SigningKey::Generate(*algorithm, common_name_, UnixSeconds(world.clock.WallNow())));
    PORTOLAN_CHECK(world.files.Replace(file_, key.ToPem().Reveal(), 0600));
    return key;
  }

  std::string file_;
  std::string algorithm_ = "ES256";
  std::string common_name_ = "portolan token service";
  std::string certificate_;
  bool show_ = false;
};

}  // namespace

std::unique_ptr<cli::Command> NewAuthKeygenCommand() { return std::make_unique<KeygenCommand>(); }

}  // namespace portolan::admin
