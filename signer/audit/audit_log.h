// AuditLog: the file that audit records go to.

#ifndef SIGNER_AUDIT_AUDIT_LOG_H_
#define SIGNER_AUDIT_AUDIT_LOG_H_

#include <atomic>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/setup/configuration.h"
#include "signer/audit/audit_record.h"

namespace sigtoken {

// JSON lines, appended by any number of processes and threads. Each line is
// whole: it is written under a lock on the file, and what a process left that
// died while it wrote is taken away by the next one. The file is made with mode
// 0600, and one that others may use is refused.
//
// Rotation: FILE becomes FILE.1, FILE.1 becomes FILE.2, and so on up to `keep`;
// the oldest one goes. An empty file stays. A file that was renamed or removed
// by others is made anew with the next record.
class AuditLog {
 public:
  explicit AuditLog(AuditSettings settings) : settings_(std::move(settings)) {}

  // In the file once it has returned: a process that is killed then has lost
  // nothing. On a failure nothing of the record is in it. Errors:
  // kNotAvailable.
  Status Write(const AuditRecord& record);

  // Signals that arrive within this time are taken for the same one. Ours: who
  // sends one to many processes is soon done, and no record says its time more
  // exactly than to the second.
  static constexpr std::chrono::seconds kSameSignal{10};

  // Before the next record, for a wish of that time: seconds since 1970, not 0.
  // May be called in a signal handler: of SIGHUP, as the programs of log
  // rotation send it. Any number of processes may get the same signal: a file
  // that another one has begun by a rotation since, or less than kSameSignal
  // before, is not rotated again, and the wish is fulfilled. Else each of them
  // would delete the oldest file.
  void RotateAtNextRecord(std::time_t wished) {
    rotation_wished_.store(wished);
  }

  // At once. Fine where there is no file. Errors: kNotAvailable.
  Status Rotate();

  // The rotated files and the file itself, the oldest first, that are there.
  std::vector<std::filesystem::path> Files() const;

  const AuditSettings& settings() const { return settings_; }

 private:
  const AuditSettings settings_;
  std::atomic<std::time_t> rotation_wished_{0};  // 0: nobody wishes it.
};

}  // namespace sigtoken

#endif  // SIGNER_AUDIT_AUDIT_LOG_H_
