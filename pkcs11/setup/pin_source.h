// PinSource: where a PIN comes from.

#ifndef PKCS11_SETUP_PIN_SOURCE_H_
#define PKCS11_SETUP_PIN_SOURCE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "pkcs11/base/result.h"
#include "pkcs11/base/secret.h"

namespace sigtoken {

// The name of a place that holds a PIN; the PIN itself is read when it is
// needed and not kept.
//
//   file:/PATH, /PATH   a file that only its owner may use (RFC 7512, 2.4, lets
//                       pin-source be a URI; file:///PATH is the same)
//   credential:NAME     the file NAME in $CREDENTIALS_DIRECTORY (systemd.exec,
//                       "Credentials")
//   fd:NUMBER           an open descriptor
//   prompt:             a person at the terminal, who is asked without echo
class PinSource {
 public:
  enum class Kind { kFile, kCredential, kDescriptor, kPrompt };

  // PKCS #11 sets no limit; no module at hand takes more than 255 bytes.
  static constexpr std::size_t kMaxPinBytes = 255;

  // The text is not looked up yet. A message never repeats a text that may be a
  // PIN written in the wrong place. Errors: kParameterInvalid.
  static Result<PinSource> Parse(std::string_view text);

  // The PIN, without one newline at its end. `whose` is what a person is asked
  // for: "user PIN of the token IDT.KEYS". Errors: kNotAuthorized where the
  // place is not there or others may read it, for an empty PIN, and where
  // nobody types one: all the same to a token that gets none.
  Result<Secret> Read(const std::string& whose) const;

  // Whether Read() would give the PIN that is in a file: it is read, and
  // cleansed. Nobody is asked, and no descriptor used up. Errors: as Read().
  Status CheckFile() const;

  Kind kind() const { return kind_; }

  // As Parse() takes it, for messages and for what is remembered about a wrong
  // PIN.
  std::string Format() const;

  // The file that holds the PIN: "" for a descriptor or a prompt. Errors:
  // kNotAuthorized, where the service manager gave no credentials.
  Result<std::string> FilePath() const;

  friend bool operator==(const PinSource&, const PinSource&) = default;

 private:
  PinSource(Kind kind, std::string where, int descriptor)
      : kind_(kind), where_(std::move(where)), descriptor_(descriptor) {}

  Result<Secret> ReadUnchecked(const std::string& whose) const;

  Kind kind_;
  std::string where_;  // The path or the name of the credential.
  int descriptor_;
};

}  // namespace sigtoken

#endif  // PKCS11_SETUP_PIN_SOURCE_H_
