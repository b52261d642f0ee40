// AuditFile: one open file of audit records, under its lock.

#ifndef SIGNER_AUDIT_AUDIT_FILE_H_
#define SIGNER_AUDIT_AUDIT_FILE_H_

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include "pkcs11/base/clock.h"
#include "pkcs11/base/result.h"

namespace sigtoken {

// The file that a path names, which nobody else appends to or renames while
// this lives: all who write take its lock, and each time by an open file of
// their own, so that threads and forked children exclude each other as
// processes do. Not thread safe.
//
// Errors of everything here: kNotAvailable.
class AuditFile {
 public:
  // Ours. A record takes well below a millisecond.
  static constexpr std::chrono::seconds kLongestWait{5};

  enum class Access {
    kAppend,  // Makes the file, mode 0600, where it is not there.
    kRotate,  // Nothing where it is not there.
    kRead,    // Nothing where it is not there; shares the lock with readers.
  };

  // Opens and locks it, and checks under the lock that `path` still names it:
  // others may have rotated it meanwhile. It must be a regular file of ours
  // that gives nothing to others, in a folder where not anybody may replace it.
  static Result<std::optional<AuditFile>> Open(
      const std::filesystem::path& path, Access access,
      std::chrono::milliseconds longest_wait = kLongestWait);

  AuditFile(AuditFile&& other) noexcept
      : path_(std::move(other.path_)),
        number_(std::exchange(other.number_, -1)),
        size_(other.size_) {}
  AuditFile& operator=(AuditFile&&) = delete;
  ~AuditFile();

  std::int64_t size() const { return size_; }

  // That it is empty, or begins as records do: another file, named by mistake,
  // would be cut and written to.
  Status CheckIsAuditFile() const;

  // The time of its first record, to the second. Nothing where it has none that
  // says so.
  Result<std::optional<Instant>> Begun() const;

  // Takes away what a writer that died left behind the last newline: its
  // request was never answered.
  Status CutTornLine();

  // All of `line`, which ends with a newline, or nothing. A limit on the size
  // of files does not end the process.
  Status Append(std::string_view line);

 private:
  AuditFile(std::filesystem::path path, int number)
      : path_(std::move(path)), number_(number) {}

  Status CutTo(std::int64_t size);

  std::filesystem::path path_;
  int number_;
  std::int64_t size_ = 0;
};

}  // namespace sigtoken

#endif  // SIGNER_AUDIT_AUDIT_FILE_H_
