#include "signer/audit/audit_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "pkcs11/base/file_check.h"
#include "signer/audit/audit_file.h"

namespace sigtoken {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kPieceBytes{65'536};

}  // namespace

Result<AuditReader> AuditReader::Open(const fs::path& path) {
  // A FIFO in the place of the file must not keep anybody waiting.
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return SystemError("open", path, errno);
  return Of(descriptor, path);
}

Result<AuditReader> AuditReader::Of(int descriptor, fs::path name) {
  AuditReader reader(std::move(name), descriptor);
  struct stat found {};
  if (fstat(descriptor, &found) != 0) {
    return SystemError("look at", reader.path_, errno);
  }
  SIGTOKEN_TRY(CheckKind(reader.path_, found, FileKind::kRegularFile));
  reader.size_ = found.st_size;
  return reader;
}

AuditReader::~AuditReader() {
  if (descriptor_ >= 0) close(descriptor_);
}

Status AuditReader::ReadMore() {
  buffer_.erase(0, std::exchange(consumed_, 0));
  const std::size_t before = buffer_.size();
  const auto wanted =
      static_cast<std::size_t>(std::min(kPieceBytes, size_ - offset_));
  buffer_.resize(before + wanted);
  ssize_t got = 0;
  do {
    got = pread(descriptor_, buffer_.data() + before, wanted, offset_);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return SystemError("read", path_, errno);
  // Somebody has shortened it.
  if (got == 0) size_ = offset_;
  buffer_.resize(before + static_cast<std::size_t>(got));
  offset_ += got;
  return Ok();
}

Result<std::optional<AuditLine>> AuditReader::Next() {
  for (;;) {
    const std::string_view rest = std::string_view(buffer_).substr(consumed_);
    const std::size_t length = rest.find('\n');
    const bool whole = length != std::string_view::npos;
    const bool ended = offset_ >= size_;
    if (!whole && !ended && rest.size() <= kMaxAuditLineBytes) {
      SIGTOKEN_TRY(ReadMore());
      continue;
    }
    if (!whole && rest.empty()) return std::optional<AuditLine>();
    const AuditLine line{rest.substr(0, length), ++number_, whole || !ended};
    consumed_ += line.text.size() + (whole ? 1 : 0);
    return std::optional<AuditLine>(line);
  }
}

void AuditReader::Rewind() {
  buffer_.clear();
  consumed_ = 0;
  offset_ = 0;
  number_ = 0;
}

Result<std::vector<AuditReader>> OpenAll(const AuditLog& log) {
  SIGTOKEN_ASSIGN(const auto held, AuditFile::Open(log.settings().file,
                                                   AuditFile::Access::kRead));
  std::vector<AuditReader> readers;
  for (const fs::path& path : log.Files()) {
    SIGTOKEN_ASSIGN(AuditReader reader, AuditReader::Open(path));
    readers.push_back(std::move(reader));
  }
  return readers;
}

}  // namespace sigtoken
