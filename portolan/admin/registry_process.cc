#include "portolan/admin/registry_process.h"

#include <functional>
#include <utility>

#include <fmt/format.h>

#include "portolan/admin/auth_sources.h"
#include "portolan/admin/fronts.h"
#include "portolan/admin/process_parts.h"
#include "portolan/admin/storage_settings.h"
#include "portolan/admin/token_parts.h"
#include "portolan/async/pool.h"
#include "portolan/auth/access.h"
#include "portolan/base/limits.h"
#include "portolan/http/server.h"
#include "portolan/server/access_log.h"
#include "portolan/server/blob_origin.h"
#include "portolan/server/faults.h"
#include "portolan/server/maintenance.h"
#include "portolan/server/metrics.h"
#include "portolan/server/operations.h"
#include "portolan/server/seed_tags.h"
#include "portolan/settings/value.h"
#include "portolan/store/storage.h"

namespace portolan::admin {
namespace {

// Most of them wait for the disk or for a commit: a small push holds one while sixteen others share
// its commit.
constexpr int kPoolThreads = 24;
// Hashing passwords takes a core: whoever tries many must not keep those from working who are in.
constexpr int kLoginThreads = 1;

class Process final : public RegistryProcess {
 public:
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() override {
    if (server_) server_->StopNow();
    if (blob_server_) blob_server_->StopNow();
    if (metrics_server_) metrics_server_->StopNow();
    // What ran for them has been told to their loops, which must still be there.
    pool_.Join();
    login_pool_.Join();
  }
  static Result<std::unique_ptr<RegistryProcess>> Start(const settings::ServerSettings& settings,
                                                        std::vector<int> sockets,
                                                        const Machine& machine) {
    PORTOLAN_TRY(auth::AccessRules rules, auth::AccessRules::Make(settings.auth.rules));
    std::unique_ptr<Process> process(new Process(settings, machine, std::move(rules)));
    PORTOLAN_TRY(process->sources_, AuthSources::Open(settings, machine));
    PORTOLAN_TRY(process->access_log_, AccessLogOf(settings, machine.clock));
    PORTOLAN_TRY(process->audit_log_, AuditLogOf(settings, machine.clock));
    PORTOLAN_TRY(process->storage_,
                 store::Storage::Open(settings.root, StorageOptionsOf(settings), machine.clock,
                                      machine.random, machine.log));
    PORTOLAN_CHECK(process->Seed(settings));
    if (!settings.faults.empty() || settings.has_dialects()) {
      process->faults_ = std::make_unique<server::Faults>();
      process->faults_->Set(settings.faults);
    }
    PORTOLAN_CHECK(process->ListenForBlobs(settings));
    PORTOLAN_TRY(process->fronts_, Fronts::Make(settings, machine,
                                                {.storage = *process->storage_,
                                                 .sources = *process->sources_,
                                                 .rules = process->rules_,
                                                 .login_pool = process->login_pool_,
                                                 .pool = process->pool_,
                                                 .audit = process->audit_log_.get(),
                                                 .seals = process->seals_.get(),
                                                 .blob_origin = process->BlobOrigin(settings)}));
    if (settings.gc.interval.count() > 0 && !settings.read_only) {
      process->maintenance_ = std::make_unique<server::Maintenance>(
          *process->storage_, settings.gc.interval, machine.clock, machine.log);
    }
    PORTOLAN_CHECK(process->Listen(settings, std::move(sockets)));
    return std::unique_ptr<RegistryProcess>(std::move(process));
  }

  std::vector<std::string> urls() const override { return UrlsOf(*server_, scheme_); }
  std::vector<std::string> metrics_urls() const override {
    return metrics_server_ ? UrlsOf(*metrics_server_, "http") : std::vector<std::string>();
  }
  void Stop() override {
    server_->Stop();
    if (blob_server_) blob_server_->Stop();
    if (metrics_server_) metrics_server_->Stop();  // it asks for what maintenance has done
    maintenance_.reset();
  }
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
  Process(const settings::ServerSettings& settings, const Machine& machine, auth::AccessRules rules)
      : machine_(machine),
        rules_(std::move(rules)),
        scheme_(settings.tls ? "https" : "http"),
        has_metrics_(!settings.metrics.listen.empty()) {}

  Status Seed(const settings::ServerSettings& settings) {
    if (settings.seed_tags.empty()) return {};
    PORTOLAN_TRY(const std::string tags,
                 machine_.files.Read(settings.seed_tags, Limits().seed_tags_file));
    Status made = server::SeedTags(*storage_, tags, machine_.clock);
    if (!made) return In(settings.seed_tags, std::move(made).error());
    return {};
  }

  Status ListenForBlobs(const settings::ServerSettings& settings) {
    if (settings.blob_listen.empty()) return {};
    seals_ = std::make_unique<server::BlobSeals>(machine_.clock, machine_.random);
    blob_origin_ = server::NewBlobOrigin(*storage_, pool_, *seals_, machine_.log);
    http::ServerOptions options = ServerOptionsOf(settings, {});
    options.listen = {settings.blob_listen};
    options.on_exchange = Observer();
    http::Service& service = Faulty(*blob_origin_, faulty_blobs_);
    PORTOLAN_TRY(blob_server_,
                 http::StartServer(std::move(options), service, machine_.clock, machine_.log));
    return {};
  }
  // Empty where nobody wants to know.
  std::function<void(const http::Exchange&)> Observer() {
    if (!access_log_ && !has_metrics_) return {};
    return [this](const http::Exchange& exchange) {
      if (has_metrics_) metrics_.Observe(exchange);
      if (access_log_) access_log_->Write(exchange);
    };
  }
  // `service` with the faults that are asked for; `owner` keeps what is needed for that.
  http::Service& Faulty(http::Service& service, std::unique_ptr<http::Service>& owner) {
    if (!faults_) return service;
    owner = server::WithFaults(service, *faults_, machine_.clock);
    return *owner;
  }
  std::string BlobOrigin(const settings::ServerSettings& settings) const {
    if (!blob_server_) return {};
    return settings.blob_url ? settings.blob_url->origin.ToString()
                             : UrlsOf(*blob_server_, scheme_).front();
  }

  Status Listen(const settings::ServerSettings& settings, std::vector<int> sockets) {
    http::ServerOptions options = ServerOptionsOf(settings, std::move(sockets));
    options.on_exchange = Observer();
    http::Service& service = Faulty(fronts_->service(), faulty_);
    PORTOLAN_TRY(server_,
                 http::StartServer(std::move(options), service, machine_.clock, machine_.log));
    return has_metrics_ ? ListenForMetrics(settings) : Status();
  }

  Status ListenForMetrics(const settings::ServerSettings& settings) {
    operations_ = server::NewOperations(
        metrics_, [this] { return Samples(); },
        [this] {
          return storage_->metadata().ListRepositories({}, 1, [](std::string_view) {}).has_value();
        },
        // Whoever may write there can break the registry: this machine alone.
        settings::IsLoopback(settings.metrics.listen) ? faults_.get() : nullptr);
    http::ServerOptions options;
    options.listen = {settings.metrics.listen};
    options.loops = 1;
    PORTOLAN_TRY(metrics_server_,
                 http::StartServer(std::move(options), *operations_, machine_.clock, machine_.log));
    return {};
  }

  std::vector<server::Sample> Samples() const {
    std::vector<server::Sample> samples;
    const auto add = [&](std::string_view name, std::string_view type, std::string_view help,
                         auto value) {
      samples.push_back({name, type, help, static_cast<double>(value)});
    };
    add("portolan_connections", "gauge", "Connections open now.", server_->connections());
    const store::Storage::CacheCounts cache = storage_->manifest_cache();
    add("portolan_manifest_cache_hits_total", "counter", "Manifests found in memory.", cache.hits);
    add("portolan_manifest_cache_misses_total", "counter", "Manifests read from the database.",
        cache.misses);
    add("portolan_manifest_cache_bytes", "gauge", "Bytes of manifests in memory.", cache.bytes);
    if (const Result<store::StoreCounts> counts = storage_->metadata().Count()) {
      add("portolan_repositories", "gauge", "Repositories.", counts->repositories);
      add("portolan_manifests", "gauge", "Manifests.", counts->manifests);
      add("portolan_tags", "gauge", "Tags.", counts->tags);
      add("portolan_blobs", "gauge", "Blobs.", counts->blobs);
      add("portolan_blob_bytes", "gauge", "Bytes of all blobs.", counts->blob_bytes);
      add("portolan_uploads", "gauge", "Upload sessions open.", counts->uploads);
    }
    if (maintenance_) {
      const server::MaintenanceCounts gc = maintenance_->counts();
      add("portolan_gc_runs_total", "counter", "Runs of garbage collection.", gc.runs);
      add("portolan_gc_failures_total", "counter", "Runs that ended with an error.", gc.failures);
      add("portolan_gc_blobs_total", "counter", "Blobs removed.", gc.total.blobs);
      add("portolan_gc_manifests_total", "counter", "Manifests removed.", gc.total.manifests);
      add("portolan_gc_bytes_total", "counter", "Bytes of blobs removed.", gc.total.bytes);
      add("portolan_gc_leased", "gauge", "Blobs kept by the last run for a lease alone.",
          gc.total.leased);
      add("portolan_gc_seconds", "gauge", "Duration of the last run.", gc.seconds);
    }
    return samples;
  }

  // In the order in which they are made; taken down in the reverse: servers first, storage after
  // all that uses it.
  const Machine machine_;
  auth::CurrentRules rules_;
  const std::string scheme_;
  const bool has_metrics_;
  server::Metrics metrics_;
  std::unique_ptr<AuthSources> sources_;
  std::unique_ptr<server::AccessLog> access_log_;
  std::unique_ptr<server::AuditLog> audit_log_;
  std::unique_ptr<store::Storage> storage_;
  async::Pool pool_{kPoolThreads};
  async::Pool login_pool_{kLoginThreads};
  std::unique_ptr<server::Faults> faults_;  // null: none can be made
  std::unique_ptr<server::BlobSeals> seals_;
  std::unique_ptr<http::Service> blob_origin_;
  std::unique_ptr<http::Service> faulty_blobs_;
  std::unique_ptr<http::Server> blob_server_;
  std::unique_ptr<Fronts> fronts_;
  std::unique_ptr<http::Service> faulty_;
  std::unique_ptr<http::Service> operations_;
  std::unique_ptr<server::Maintenance> maintenance_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<http::Server> metrics_server_;  // asks all of the above
};

}  // namespace

Result<std::unique_ptr<RegistryProcess>> StartRegistry(const settings::ServerSettings& settings,
                                                       std::vector<int> sockets,
                                                       const Machine& machine) {
  return Process::Start(settings, std::move(sockets), machine);
}

}  // namespace portolan::admin
