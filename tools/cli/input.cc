#include "tools/cli/input.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "pkcs11/base/printable.h"
#include "signer/jws/compact.h"

namespace sigtoken::cli {
namespace {

std::string NameOf(const std::string& file) {
  return "the file " + Quoted(file);
}

Error Unreadable(const std::string& name, int number) {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 name + " could not be read: " +
                     std::error_code(number, std::generic_category()).message(),
                 "name a file that is there and that you may read, or - for "
                 "standard input");
}

enum class Form { kBytes, kText };

// At most `max_bytes`, and of a kText not much behind the first NUL.
Result<std::string> ReadDescriptor(int descriptor, const std::string& name,
                                   std::size_t max_bytes, Form form) {
  std::string text;
  std::array<char, 65536> buffer{};
  while (text.size() < max_bytes) {
    const std::size_t room = std::min(buffer.size(), max_bytes - text.size());
    const ssize_t count = read(descriptor, buffer.data(), room);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Unreadable(name, errno);
    if (count == 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(count));
    char* const end = buffer.data() + count;
    if (form == Form::kText && std::find(buffer.data(), end, '\0') != end)
      break;
  }
  return text;
}

Result<std::string> ReadUpTo(const std::string& file, std::size_t max_bytes,
                             Form form = Form::kBytes) {
  if (file.empty() || file == "-") {
    return ReadDescriptor(STDIN_FILENO, "standard input", max_bytes, form);
  }
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0 && LooksLikeToken(file)) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   "the name of the file looks like a token",
                   std::string(kTokensComeBy));
  }
  if (descriptor < 0) return Unreadable(NameOf(file), errno);
  auto text = ReadDescriptor(descriptor, NameOf(file), max_bytes, form);
  close(descriptor);
  return text;
}

Error TooLong(std::size_t max_bytes, std::string cure) {
  return Refusal(
      kParameterInvalid, CKR_DATA_LEN_RANGE,
      "the input is longer than " + std::to_string(max_bytes) + " bytes",
      std::move(cure));
}

}  // namespace

bool LooksLikeToken(std::string_view text) {
  // What {" becomes.
  return text.starts_with("eyJ") &&
         std::count(text.begin(), text.end(), '.') >= 2;
}

Result<std::string> ReadInput(const std::string& file, std::size_t max_bytes) {
  SIGTOKEN_ASSIGN(std::string text, ReadUpTo(file, max_bytes + 1));
  if (text.size() <= max_bytes) return text;
  return TooLong(max_bytes,
                 "send less: HMAC cannot be made over a hash instead");
}

Result<std::string> ReadCommands(const std::string& file,
                                 std::size_t max_bytes) {
  SIGTOKEN_ASSIGN(std::string text, ReadUpTo(file, max_bytes + 1, Form::kText));
  if (const auto nul = text.find('\0'); nul != std::string::npos) {
    return Refusal(
        kParameterInvalid, CKR_ARGUMENTS_BAD,
        "the input is no text: byte " + std::to_string(nul + 1) + " is a NUL",
        "name a file of commands, written in ASCII or UTF-8");
  }
  if (text.size() <= max_bytes) return text;
  return TooLong(max_bytes, "split it into files of whole commands");
}

Result<std::string> ReadToken(const std::string& file) {
  // Two more: the newline, and the byte that makes it too long.
  SIGTOKEN_ASSIGN(std::string text, ReadUpTo(file, kMaxTokenBytes + 2));
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace sigtoken::cli
