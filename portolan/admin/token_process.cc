// A token service as a process of its own.
#include <utility>

#include <fmt/format.h>

#include "portolan/admin/auth_sources.h"
#include "portolan/admin/process_parts.h"
#include "portolan/admin/registry_process.h"
#include "portolan/admin/token_parts.h"
#include "portolan/async/pool.h"
#include "portolan/http/server.h"
#include "portolan/server/access_log.h"

namespace portolan::admin {
namespace {

class TokenProcess final : public RegistryProcess {
 public:
  TokenProcess(const TokenProcess&) = delete;
  TokenProcess& operator=(const TokenProcess&) = delete;
  ~TokenProcess() override {
    if (server_) server_->StopNow();
    // What ran for it has been told to its loops, which must still be there.
    pool_.Join();
    login_pool_.Join();
  }
  static Result<std::unique_ptr<RegistryProcess>> Start(const settings::ServerSettings& settings,
                                                        std::vector<int> sockets,
                                                        const Machine& machine) {
    PORTOLAN_TRY(auth::AccessRules rules, auth::AccessRules::Make(settings.auth.rules));
    std::unique_ptr<TokenProcess> process(new TokenProcess(settings, std::move(rules)));
    PORTOLAN_TRY(process->sources_, AuthSources::Open(settings, machine));
    PORTOLAN_TRY(process->access_log_, AccessLogOf(settings, machine.clock));
    PORTOLAN_TRY(process->audit_log_, AuditLogOf(settings, machine.clock));
    PORTOLAN_TRY(process->tokens_, TokenParts::Make(settings, machine,
                                                    {.others = process->sources_->authenticator(),
                                                     .accounts = process->sources_->accounts(),
                                                     .rules = process->rules_,
                                                     .login_limiter = process->sources_->limiter(),
                                                     .login_pool = process->login_pool_,
                                                     .pool = process->pool_,
                                                     .audit = process->audit_log_.get()}));
    http::ServerOptions options = ServerOptionsOf(settings, std::move(sockets));
    if (process->access_log_) {
      options.on_exchange = [log = process->access_log_.get()](const http::Exchange& exchange) {
        log->Write(exchange);
      };
    }
    PORTOLAN_TRY(process->server_,
                 http::StartServer(std::move(options), *process->tokens_->service(), machine.clock,
                                   machine.log));
    return std::unique_ptr<RegistryProcess>(std::move(process));
  }

  std::vector<std::string> urls() const override { return UrlsOf(*server_, scheme_); }
  std::vector<std::string> metrics_urls() const override { return {}; }
  void Stop() override { server_->Stop(); }
  void ReopenLogs() override {
    if (access_log_) access_log_->Reopen();
    if (audit_log_) audit_log_->Reopen();
  }
  Status Reload(const settings::ServerSettings& settings) override {
    PORTOLAN_TRY(auth::AccessRules rules, auth::AccessRules::Make(settings.auth.rules));
    rules_.Set(std::move(rules));
    return {};
  }

 private:
  TokenProcess(const settings::ServerSettings& settings, auth::AccessRules rules)
      : scheme_(settings.tls ? "https" : "http"), rules_(std::move(rules)) {}

  // In the order in which they are made; taken down in the reverse.
  const std::string scheme_;
  auth::CurrentRules rules_;
  std::unique_ptr<AuthSources> sources_;
  std::unique_ptr<server::AccessLog> access_log_;
  std::unique_ptr<server::AuditLog> audit_log_;
  async::Pool pool_{4};
  async::Pool login_pool_{1};
  std::unique_ptr<TokenParts> tokens_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace

Result<std::unique_ptr<RegistryProcess>> StartTokenService(const settings::ServerSettings& settings,
                                                           std::vector<int> sockets,
                                                           const Machine& machine) {
  if (settings.auth.token.keys.empty()) {
    return Fail(ErrorCode::kConfigInvalid, "a token service needs a key to sign with",
                "make one: portolan auth keygen KEY.pem; then give --token-key KEY.pem");
  }
  return TokenProcess::Start(settings, std::move(sockets), machine);
}

}  // namespace portolan::admin
