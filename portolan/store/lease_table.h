// Promises: a blob that a client was told of is not collected before the client can use it.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "portolan/base/clock.h"
#include "portolan/oci/digest.h"

namespace portolan::store {

/// Leases on digests, in memory: a store has one process. After a start everything counts as leased
/// for one term, so that a promise made before a restart is kept (docs/storage-format.md).
/// Thread-safe; a call takes well under a microsecond.
class LeaseTable {
 public:
  LeaseTable(std::chrono::seconds term, const Clock& clock);
  ~LeaseTable();

  /// Promises the blob for one term from now. False if it is being collected at this moment: then
  /// it is to be looked up anew after WaitUntilFree, or to be called unknown. To be called before
  /// the row is read.
  bool Take(const oci::Digest& digest);
  /// Starts to collect: false if there is a lease, or the table is younger than a term. From then
  /// on Take fails for this digest, until Release.
  bool Condemn(const oci::Digest& digest);
  void Release(const oci::Digest& digest);
  /// Blocks until the digest is not condemned, one second at most.
  void WaitUntilFree(const oci::Digest& digest);
  /// Forgets leases that have ended.
  void Sweep();
  std::size_t size() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace portolan::store
