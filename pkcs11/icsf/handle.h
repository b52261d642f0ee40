// Handle: ICSF's address of a token or of an object in one.

#ifndef PKCS11_ICSF_HANDLE_H_
#define PKCS11_ICSF_HANDLE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pkcs11/base/result.h"
#include "pkcs11/icsf/token_name.h"

namespace sigtoken {

// Which object of a token: what IDTPARMS calls SIGSEQNUM and SIGCAT.
struct ObjectId {
  std::uint32_t sequence = 0;  // From 1; 8 hexadecimal digits.
  char category = 'T';         // One of kCategories.

  friend auto operator<=>(const ObjectId&, const ObjectId&) = default;
};

// T clear and Y secure token object, S clear and X secure session object, U and
// Z their state objects (z/OS ICSF Application Programmer's Guide, "Handles").
// E, F and G, of the regional cryptographic server, are refused by name.
inline constexpr std::string_view kCategories = "TYSXUZ";

// Errors: kHandleInvalid.
Status CheckCategory(char category);

// T and Y last; the others end with the process.
inline bool IsTokenCategory(char category) {
  return category == 'T' || category == 'Y';
}

// A token, or an object in it. Always well formed: made by Parse, or of parts
// that are.
//
// The 44-character form (z/OS ICSF Application Programmer's Guide, "Handles"):
// token name 32, sequence number 8, category 1, blanks 3; in the handle of a
// token itself the last 12 are blank. The short form, which people type and
// CKA_ID stores, is NAME:00000001T; zeros may be left out when it is read, so
// NAME:10T is the sixteenth object.
class Handle {
 public:
  static constexpr std::size_t kLength = 44;

  explicit Handle(TokenName token_name) : token_name_(std::move(token_name)) {}
  // Precondition: `object` has a category of kCategories and a sequence > 0.
  Handle(TokenName token_name, ObjectId object)
      : token_name_(std::move(token_name)), object_(object) {}

  // Reads the 44-character form. Errors: kHandleInvalid, with the part that is
  // wrong in the message.
  static Result<Handle> Parse(std::string_view text);

  // Reads the short form of an object. Errors: as Parse.
  static Result<Handle> ParseShort(std::string_view text);

  // Reads either form, told apart by the colon. Errors: as Parse.
  static Result<Handle> ParseAny(std::string_view text);

  // Parse(h.Format()) == h.
  std::string Format() const;
  // ParseShort(h.FormatShort()) == h, for an object; a token's name otherwise.
  std::string FormatShort() const;

  const TokenName& token_name() const { return token_name_; }
  const std::optional<ObjectId>& object() const { return object_; }

  friend auto operator<=>(const Handle&, const Handle&) = default;

 private:
  TokenName token_name_;
  std::optional<ObjectId> object_;
};

}  // namespace sigtoken

#endif  // PKCS11_ICSF_HANDLE_H_
