// AuditReader: the lines of an audit file, from its first to its last.

#ifndef SIGNER_AUDIT_AUDIT_READER_H_
#define SIGNER_AUDIT_AUDIT_READER_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkcs11/base/result.h"
#include "signer/audit/audit_log.h"

namespace sigtoken {

// The next line, without its newline.
struct AuditLine {
  std::string_view text;    // Until the reader moves on.
  std::int64_t number = 0;  // From 1.
  // Whether a newline is behind it. One without is being written, or its
  // writer died; its request is not answered.
  bool whole = false;
};

// Reads what is in the file when it is opened, as often as asked, also when the
// file is rotated meanwhile. Keeps one line in memory; of one that is longer
// than any record only so much that it is seen to be.
class AuditReader {
 public:
  // Errors: kNotAvailable.
  static Result<AuditReader> Open(const std::filesystem::path& path);

  // Of an open file of the caller's, which `name` stands for in messages; it is
  // closed with this.
  static Result<AuditReader> Of(int descriptor, std::filesystem::path name);

  AuditReader(AuditReader&& other) noexcept
      : path_(std::move(other.path_)),
        descriptor_(std::exchange(other.descriptor_, -1)),
        size_(other.size_),
        offset_(other.offset_),
        buffer_(std::move(other.buffer_)),
        consumed_(other.consumed_),
        number_(other.number_) {}
  AuditReader& operator=(AuditReader&&) = delete;
  ~AuditReader();

  const std::filesystem::path& path() const { return path_; }

  // Nothing behind the last. Errors: kNotAvailable.
  Result<std::optional<AuditLine>> Next();

  // To the first line again.
  void Rewind();

 private:
  AuditReader(std::filesystem::path path, int descriptor)
      : path_(std::move(path)), descriptor_(descriptor) {}

  Status ReadMore();

  std::filesystem::path path_;
  int descriptor_;
  std::int64_t size_ = 0;    // How much of the file counts.
  std::int64_t offset_ = 0;  // Up to where `buffer_` goes.
  std::string buffer_;
  std::size_t consumed_ = 0;  // Of `buffer_`.
  std::int64_t number_ = 0;   // Of the last line that was given.
};

// All files of `log`, the oldest first, as they are at one moment: none is
// rotated while they are opened. Errors: kNotAvailable.
Result<std::vector<AuditReader>> OpenAll(const AuditLog& log);

}  // namespace sigtoken

#endif  // SIGNER_AUDIT_AUDIT_READER_H_
