#include "pkcs11/setup/pin_prompt.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string_view>

namespace sigtoken {
namespace {

constexpr std::uint8_t kCtrlC = 3;

Error NoPin(std::string message, std::string cure) {
  return Refusal(kNotAuthorized, CKR_FUNCTION_CANCELED, std::move(message),
                 std::move(cure));
}

// The controlling terminal, without echo and without signals from its keys for
// as long as this lives: a process that ends half way would leave it so.
class SilentTerminal {
 public:
  SilentTerminal() : number_(open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    if (number_ < 0 || tcgetattr(number_, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ISIG);
    silent.c_lflag |= ICANON;
    // Without a signal it is a character like others, and would wait for Enter.
    silent.c_cc[VEOL] = kCtrlC;
    is_silent_ = tcsetattr(number_, TCSAFLUSH, &silent) == 0;
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;
  ~SilentTerminal() {
    if (is_silent_) tcsetattr(number_, TCSAFLUSH, &before_);
    if (number_ >= 0) close(number_);
  }

  bool is_silent() const { return is_silent_; }

  void Write(std::string_view text) const {
    // A question that cannot be seen can be answered all the same.
    const ssize_t ignored = write(number_, text.data(), text.size());
    static_cast<void>(ignored);
  }

  // A line, with its newline.
  ssize_t Read(std::uint8_t* bytes, std::size_t size) const {
    ssize_t count = 0;
    do {
      count = read(number_, bytes, size);
    } while (count < 0 && errno == EINTR);
    return count;
  }

 private:
  int number_;
  termios before_{};
  bool is_silent_ = false;
};

}  // namespace

Result<Secret> AskForPin(const std::string& question, std::size_t max_bytes) {
  // One more for the newline, and one by which a longer line is noticed.
  SIGTOKEN_ASSIGN(Secret line, Secret::OfSize(max_bytes + 2));
  const SilentTerminal terminal;
  if (!terminal.is_silent()) {
    return NoPin("there is no terminal to ask for the PIN at",
                 "run this at a terminal, or name a file with pin-source");
  }
  terminal.Write(question + ": ");
  const ssize_t count = terminal.Read(line.data(), line.size());
  terminal.Write("\n");
  std::size_t size = count < 0 ? 0 : static_cast<std::size_t>(count);
  if (size > 0 && line.data()[size - 1] == '\n') --size;
  for (std::size_t i = 0; i < size; ++i) {
    if (line.data()[i] == kCtrlC) size = 0;
  }
  if (size == 0 || size > max_bytes) {
    return NoPin(size == 0 ? "no PIN was typed" : "the PIN is too long",
                 "run this again and type it");
  }
  line.Shorten(size);
  return line;
}

}  // namespace sigtoken
