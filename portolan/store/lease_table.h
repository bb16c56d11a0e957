// Promises: a blob that a client was told of is not collected before the client can use it.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "portolan/base/clock.h"
#include "portolan/oci/digest.h"

namespace portolan::store {

/// How long the caller waits for a digest that is being collected at this moment.
using Patience = std::chrono::milliseconds;
inline constexpr Patience kNoPatience{0};            ///< on a loop's thread
inline constexpr Patience kPoolPatience{30 * 1000};  ///< on a thread that may block

/// Leases on digests, in memory: a store has one process. After a start everything counts as leased
/// for one term, so that a promise made before a restart is kept (docs/storage-format.md).
/// Thread-safe; a call takes well under a microsecond.
class LeaseTable {
 public:
  /// `leased_at_start`: whether everything counts as promised for the first term.
  LeaseTable(std::chrono::seconds term, const Clock& clock, bool leased_at_start = true);
  ~LeaseTable();

  /// Holds the blob, so that it is not collected, until Keep or Drop, one of which must follow each
  /// Take that succeeded. False if it is being collected at this moment: then it is to be looked up
  /// anew after WaitUntilFree. To be called before the row is read: a row that is read under a hold
  /// stands, one that was read before may be gone by the time of the hold.
  bool Take(const oci::Digest& digest);
  /// Ends the hold with a promise for one term from now: the client is told of the blob.
  void Keep(const oci::Digest& digest);
  /// Ends the hold without a promise: the blob is unknown, and a peer that asks for digests at
  /// random must not fill the memory. Promises made before stand.
  void Drop(const oci::Digest& digest);
  /// Starts to collect: false if there is a hold or a promise, if the table is younger than a term,
  /// or if it is condemned already. From then on Take fails for this digest, until Release.
  bool Condemn(const oci::Digest& digest);
  void Release(const oci::Digest& digest);
  /// Blocks until the digest is not condemned, or `patience` has ended.
  void WaitUntilFree(const oci::Digest& digest, Patience patience);
  /// Forgets promises that have ended.
  void Sweep();
  /// Digests with a hold, a promise, or condemned; ended promises count until Sweep.
  std::size_t size() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A hold for one scope: Drop at its end, unless Keep was called.
class LeaseHold {
 public:
  /// Waits for `patience` at most where the blob is being collected; kNoPatience never waits.
  LeaseHold(LeaseTable& leases, const oci::Digest& digest, Patience patience);
  LeaseHold(const LeaseHold&) = delete;
  LeaseHold& operator=(const LeaseHold&) = delete;
  ~LeaseHold();

  /// False if the collector would not let go.
  explicit operator bool() const { return held_; }
  void Keep();

 private:
  LeaseTable& leases_;
  const oci::Digest& digest_;
  bool held_;
};

}  // namespace portolan::store
