#include "portolan/admin/process_parts.h"

#include <utility>

#include <fmt/format.h>

namespace portolan::admin {

Result<std::unique_ptr<server::AccessLog>> AccessLogOf(const settings::ServerSettings& settings,
                                                       const Clock& clock) {
  const std::string& access = settings.log.access;
  if (access == "off") return std::unique_ptr<server::AccessLog>();
  if (access == "stdout") return server::AccessLog::ToDescriptor(1, clock);
  if (access == "stderr") return server::AccessLog::ToDescriptor(2, clock);
  return server::AccessLog::ToFile(access, clock);
}

Result<std::unique_ptr<server::AuditLog>> AuditLogOf(const settings::ServerSettings& settings,
                                                     const Clock& clock) {
  if (settings.log.audit == "off") return std::unique_ptr<server::AuditLog>();
  return server::AuditLog::Open(settings.log.audit, clock);
}

http::ServerOptions ServerOptionsOf(const settings::ServerSettings& settings,
                                    std::vector<int> sockets) {
  http::ServerOptions options;
  options.listen = settings.listen;
  options.sockets = std::move(sockets);
  options.tls = settings.tls;
  options.limits = settings.limits.http;
  options.trusted_proxies = settings.trusted_proxies;
  options.tcp_congestion = settings.tcp_congestion;
  return options;
}

std::vector<std::string> UrlsOf(const http::Server& server, std::string_view scheme) {
  std::vector<std::string> urls;
  for (const std::string& address : server.addresses()) {
    urls.push_back(address.starts_with("unix:") ? address
                                                : fmt::format("{}://{}", scheme, address));
  }
  return urls;
}

}  // namespace portolan::admin
