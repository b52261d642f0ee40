#include "pkcs11/setup/pin_source.h"

#include <array>
#include <charconv>
#include <cstdlib>
#include <optional>

#include "pkcs11/base/printable.h"
#include "pkcs11/base/private_file.h"
#include "pkcs11/setup/pin_prompt.h"

namespace sigtoken {
namespace {

constexpr std::string_view kFile = "file:";
constexpr std::string_view kCredential = "credential:";
constexpr std::string_view kDescriptor = "fd:";
constexpr std::string_view kPrompt = "prompt:";
constexpr char kCure[] =
    "put the PIN into a file of mode 0600 and write file:/PATH, or "
    "credential:NAME for a systemd credential, fd:NUMBER, or prompt:";

// What other programs take, and what it is called: a text with one of these
// beginnings is no PIN that went astray.
struct Refused {
  std::string_view beginning;
  std::string_view what;
};
constexpr auto kRefused = std::to_array<Refused>({
    {"|", "a command: a PIN source does not run programs"},
    {"env:", "an environment variable: children and other tools see those"},
    {"http:", "an address in a network"},
    {"https:", "an address in a network"},
    {"data:", "the PIN itself"},
    {"pass:", "the PIN itself"},
});

Error NotASource(std::string_view why) {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 "the PIN source is " + std::string(why), kCure);
}

// Whatever is wrong with its place, the token gets no PIN, as where nobody
// types one; that no device is at fault, the codes must say.
Error NoPin(Error error) {
  error.rv = CKR_PIN_INVALID;
  error.icsf = kNotAuthorized;
  return error;
}

// What follows `beginning` in `text`, if it does begin so.
std::optional<std::string_view> After(std::string_view beginning,
                                      std::string_view text) {
  if (text.substr(0, beginning.size()) != beginning) return std::nullopt;
  return text.substr(beginning.size());
}

bool IsAbsolute(std::string_view path) {
  return !path.empty() && path.front() == '/' &&
         path.find('\0') == std::string_view::npos;
}

// systemd.exec, "Credentials": a name that is fit for a file.
bool IsCredentialName(std::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find('/') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos;
}

std::optional<int> ParseDescriptor(std::string_view digits) {
  int number = 0;
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end || number < 0) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

Result<PinSource> PinSource::Parse(std::string_view text) {
  if (const auto number = After(kDescriptor, text)) {
    const auto descriptor = ParseDescriptor(*number);
    if (!descriptor)
      return NotASource("fd: without the number of a descriptor");
    return PinSource(Kind::kDescriptor, "", *descriptor);
  }
  if (const auto name = After(kCredential, text)) {
    if (!IsCredentialName(*name)) {
      return NotASource("credential: without the plain name of a credential");
    }
    return PinSource(Kind::kCredential, std::string(*name), -1);
  }
  if (text == kPrompt) return PinSource(Kind::kPrompt, "", -1);
  for (const Refused& refused : kRefused) {
    if (After(refused.beginning, text)) return NotASource(refused.what);
  }

  const auto named = After(kFile, text);
  std::string_view path = named.value_or(text);
  // RFC 8089, 2: an empty authority. One that is not empty is another host.
  if (named) path = After("//", path).value_or(path);
  if (!IsAbsolute(path)) {
    return NotASource(named ? "file: without an absolute path"
                            : "none that sigtoken knows");
  }
  return PinSource(Kind::kFile, std::string(path), -1);
}

Result<std::string> PinSource::FilePath() const {
  if (kind_ != Kind::kCredential) return where_;
  const char* const directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (directory != nullptr && IsAbsolute(directory)) {
    return std::string(directory) + "/" + where_;
  }
  return NoPin(
      Unavailable("there is no credential " + Quoted(where_) +
                      ": CREDENTIALS_DIRECTORY is not set",
                  "run this in a systemd unit with LoadCredential=, or name "
                  "a file"));
}

Result<Secret> PinSource::ReadUnchecked(const std::string& whose) const {
  if (kind_ == Kind::kPrompt) return AskForPin(whose, kMaxPinBytes);
  if (kind_ == Kind::kDescriptor) {
    return ReadSecretDescriptor(descriptor_, kMaxPinBytes);
  }
  SIGTOKEN_ASSIGN(const std::string path, FilePath());
  return kind_ == Kind::kCredential ? ReadCredentialFile(path, kMaxPinBytes)
                                    : ReadSecretFile(path, kMaxPinBytes);
}

Status PinSource::CheckFile() const {
  if (kind_ == Kind::kDescriptor || kind_ == Kind::kPrompt) return Ok();
  SIGTOKEN_TRY(Read(""));
  return Ok();
}

Result<Secret> PinSource::Read(const std::string& whose) const {
  auto pin = ReadUnchecked(whose);
  if (!pin) return NoPin(std::move(pin).error());
  // Tokens take an empty PIN for a wrong one, and count it.
  if (pin->size() == 0) {
    return NoPin(Unavailable("there is no PIN in " + QuotedPath(Format()),
                             "write the PIN there, on one line"));
  }
  return pin;
}

std::string PinSource::Format() const {
  if (kind_ == Kind::kPrompt) return std::string(kPrompt);
  if (kind_ == Kind::kDescriptor) {
    return std::string(kDescriptor) + std::to_string(descriptor_);
  }
  // Without "file:", since "file:" and a path that begins with // name a host.
  return kind_ == Kind::kFile ? where_ : std::string(kCredential) + where_;
}

}  // namespace sigtoken
