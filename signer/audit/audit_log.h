// AuditLog: the file that audit records go to.

#ifndef SIGNER_AUDIT_AUDIT_LOG_H_
#define SIGNER_AUDIT_AUDIT_LOG_H_

#include <atomic>
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
// the oldest one goes. A file that was renamed or removed by others is made
// anew with the next record.
class AuditLog {
 public:
  explicit AuditLog(AuditSettings settings) : settings_(std::move(settings)) {}

  // In the file once it has returned: a process that is killed then has lost
  // nothing. On a failure nothing of the record is in it. Errors:
  // kNotAvailable.
  Status Write(const AuditRecord& record);

  // Before the next record. May be called in a signal handler: of SIGHUP, as
  // the programs of log rotation send it.
  void RotateAtNextRecord() { rotate_.store(true); }

  // At once. Fine where there is no file. Errors: kNotAvailable.
  Status Rotate();

  // The rotated files and the file itself, the oldest first, that are there.
  std::vector<std::filesystem::path> Files() const;

  const AuditSettings& settings() const { return settings_; }

 private:
  const AuditSettings settings_;
  std::atomic<bool> rotate_{false};
};

}  // namespace sigtoken

#endif  // SIGNER_AUDIT_AUDIT_LOG_H_
