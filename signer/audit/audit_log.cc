#include "signer/audit/audit_log.h"

#include <fcntl.h>
#include <stdio.h>  // NOLINT(modernize-deprecated-headers): renameat2().
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "pkcs11/base/file_check.h"
#include "signer/audit/audit_file.h"

namespace sigtoken {
namespace {

namespace fs = std::filesystem;

static_assert(std::atomic<std::time_t>::is_always_lock_free,
              "RotateAtNextRecord() may be called in a signal handler");

fs::path Rotated(const fs::path& file, int number) {
  return file.string() + "." + std::to_string(number);
}

bool IsThere(const fs::path& path) {
  struct stat found {};
  return lstat(path.c_str(), &found) == 0 || errno != ENOENT;
}

// What has the name of a rotated file and is none would be moved along, and be
// in the way of who reads them.
Status CheckIsFile(const fs::path& path) {
  struct stat found {};
  if (lstat(path.c_str(), &found) != 0) {
    return SystemError("look at", path, errno);
  }
  return CheckKind(path, found, FileKind::kRegularFile);
}

// Never over a file that is there: somebody else may rename here too.
Status Move(const fs::path& from, const fs::path& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(),
                RENAME_NOREPLACE) == 0) {
    return Ok();
  }
  // File systems that do not know the flag (rename(2)).
  if (errno == EINVAL && rename(from.c_str(), to.c_str()) == 0) return Ok();
  return SystemError("rename", from, errno);
}

// Moves FILE, whose lock the caller holds, to FILE.1. Each file goes to a place
// that is free, the highest number first, and FILE goes last: wherever this is
// interrupted, every record is in one file, and only a number is left out. The
// next rotation fills that gap, so nothing is moved beyond it.
Status MoveAll(const AuditSettings& settings) {
  int free = 1;
  while (free <= settings.keep && IsThere(Rotated(settings.file, free))) {
    SIGTOKEN_TRY(CheckIsFile(Rotated(settings.file, free)));
    ++free;
  }
  if (free > settings.keep) {
    free = settings.keep;
    const fs::path oldest = Rotated(settings.file, free);
    if (unlink(oldest.c_str()) != 0) {
      return SystemError("remove", oldest, errno);
    }
  }
  for (; free > 1; --free) {
    SIGTOKEN_TRY(
        Move(Rotated(settings.file, free - 1), Rotated(settings.file, free)));
  }
  return Move(settings.file, Rotated(settings.file, 1));
}

// Whether a rotation that fulfils a wish of that time has begun `file`. When it
// was begun its first record says, under the lock and on every file system.
// Which file this process wrote to last would say less: it may not have written
// yet, or have written to the new one before its signal came.
Result<bool> IsBegunFor(std::time_t wished, const AuditFile& file,
                        const AuditSettings& settings) {
  // Nothing has rotated here, and nothing is deleted by the first rotation.
  if (!IsThere(Rotated(settings.file, 1))) return false;
  SIGTOKEN_ASSIGN(const auto begun, file.Begun());
  return begun && begun->seconds() >= wished - AuditLog::kSameSignal.count();
}

}  // namespace

Status AuditLog::Write(const AuditRecord& record) {
  const std::string line = ToJsonLine(record) + "\n";
  for (;;) {
    SIGTOKEN_ASSIGN(
        std::optional<AuditFile> file,
        AuditFile::Open(settings_.file, AuditFile::Access::kAppend));
    SIGTOKEN_TRY(file->CheckIsAuditFile());
    SIGTOKEN_TRY(file->CutTornLine());
    const std::time_t wished = rotation_wished_.exchange(0);
    bool asked = wished != 0;
    if (asked && file->size() > 0) {
      SIGTOKEN_ASSIGN(const bool fulfilled,
                      IsBegunFor(wished, *file, settings_));
      asked = !fulfilled;
    }
    const bool full = file->size() + static_cast<std::int64_t>(line.size()) >
                      settings_.max_bytes;
    if (file->size() == 0 || (!asked && !full)) return file->Append(line);
    auto moved = MoveAll(settings_);
    if (!moved) {
      // One that has come since is kept: it is later.
      std::time_t none = 0;
      if (asked) rotation_wished_.compare_exchange_strong(none, wished);
      return moved;
    }
  }
}

Status AuditLog::Rotate() {
  SIGTOKEN_ASSIGN(std::optional<AuditFile> file,
                  AuditFile::Open(settings_.file, AuditFile::Access::kRotate));
  if (!file) return Ok();
  SIGTOKEN_TRY(file->CheckIsAuditFile());
  SIGTOKEN_TRY(file->CutTornLine());
  return file->size() == 0 ? Ok() : MoveAll(settings_);
}

std::vector<std::filesystem::path> AuditLog::Files() const {
  // As many as a configuration may keep: there were more than now, perhaps.
  constexpr int kMostKept = 1000;
  std::vector<fs::path> files;
  for (int number = std::max(settings_.keep, kMostKept); number > 0; --number) {
    const fs::path rotated = Rotated(settings_.file, number);
    if (IsThere(rotated)) files.push_back(rotated);
  }
  if (IsThere(settings_.file)) files.push_back(settings_.file);
  return files;
}

}  // namespace sigtoken
