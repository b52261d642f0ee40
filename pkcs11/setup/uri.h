// Uri: a PKCS #11 URI (RFC 7512), which names tokens, keys and modules.

#ifndef PKCS11_SETUP_URI_H_
#define PKCS11_SETUP_URI_H_

#include <p11-kit/pkcs11.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/setup/uri_syntax.h"

struct p11_kit_uri;

namespace sigtoken {

// One attribute that an object must have to be the one that a URI names.
struct SearchAttribute {
  CK_ATTRIBUTE_TYPE type;
  std::vector<std::uint8_t> value;

  friend bool operator==(const SearchAttribute&,
                         const SearchAttribute&) = default;
};

// A URI that was read and found good. Never changes; copies share one parsed
// form and may be used in several threads.
//
// What the URI leaves out is nullopt, and matches everything.
class Uri {
 public:
  // Refuses, besides what RFC 7512 forbids, what CheckUriSyntax() names,
  // `pin-value` among it: a PIN does not belong where it is shown. No message
  // repeats a value. Errors: kParameterInvalid.
  static Result<Uri> Parse(std::string_view text);

  std::optional<std::string> token_label() const;
  std::optional<std::string> manufacturer() const;
  std::optional<std::string> model() const;
  std::optional<std::string> serial() const;
  std::optional<CK_SLOT_ID> slot_id() const;

  std::optional<std::string> object_label() const;      // CKA_LABEL
  std::optional<std::vector<std::uint8_t>> id() const;  // CKA_ID
  std::optional<CK_OBJECT_CLASS> type() const;          // CKA_CLASS

  std::optional<std::string> module_path() const;
  std::optional<std::string> module_name() const;
  // As written; PinSource::Parse() reads it.
  std::optional<std::string> pin_source() const;

  // Whether the attributes about the module, the slot or the token fit. A field
  // that the module fills with NUL where Cryptoki wants blanks counts as
  // blanks.
  bool MatchesModule(const CK_INFO& info) const;
  bool MatchesSlot(CK_SLOT_ID slot, const CK_SLOT_INFO& info) const;
  bool MatchesToken(const CK_TOKEN_INFO& info) const;

  // What to give to C_FindObjectsInit; empty where the URI names no object.
  std::vector<SearchAttribute> search_attributes() const;

 private:
  explicit Uri(std::shared_ptr<p11_kit_uri> parsed)
      : parsed_(std::move(parsed)) {}

  std::shared_ptr<p11_kit_uri> parsed_;  // Not changed after Parse().
};

// The URI of a token: label, manufacturer and serial number, whatever of them
// is not blank. Written with the plain characters of RFC 7512, 2.3, all others
// as %XX; never with a query part, for that is about how to get there.
std::string FormatTokenUri(const CK_TOKEN_INFO& info);

// The URI of a secret key in that token: by its CKA_ID or, where that is empty,
// by its CKA_LABEL. Uri::Parse() gives the parts back.
std::string FormatKeyUri(const CK_TOKEN_INFO& info,
                         std::span<const std::uint8_t> id,
                         std::string_view label);

}  // namespace sigtoken

#endif  // PKCS11_SETUP_URI_H_
