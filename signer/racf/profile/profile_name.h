// ProfileName: the name of a general resource profile, discrete or generic.

#ifndef SIGNER_RACF_PROFILE_PROFILE_NAME_H_
#define SIGNER_RACF_PROFILE_PROFILE_NAME_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "pkcs11/base/result.h"

namespace sigtoken {

// Qualifiers of A-Z 0-9 @ # $ with periods between. In a generic name (z/OS
// Security Server RACF Command Language Reference, "Profile names for general
// resources"):
//
//   %   any one character
//   *   at the end of a qualifier: any characters, or none; as a qualifier of
//       its own: one qualifier; at the end of the name: further qualifiers too
//   **  as a qualifier of its own, once: any number of qualifiers, or none
//   &X  a RACFVARS variable, of which there are none here: it covers nothing
class ProfileName {
 public:
  // The name field of the unload record (OA63462, 3.5.1).
  static constexpr std::size_t kMaxLength = 246;

  // A name with generic characters is a generic one where `generics` are
  // enabled; where they are not, it is a discrete one that covers nothing but
  // its own text. Errors: kParameterInvalid.
  static Result<ProfileName> Parse(std::string_view text, bool generics);

  // Whether `text` has one of % * &.
  static bool HasGenericCharacters(std::string_view text);

  const std::string& text() const { return text_; }
  bool is_generic() const { return is_generic_; }

  // Of a generic name: bytes that sort the more specific one first, and that
  // GenericSearch walks. From left to right, at the first difference, a
  // character of a resource, the period too, goes before &, then %, then *,
  // then
  // ** (the order of IBM's table in "Generic profile checking of general
  // resources"); that the end of a name comes behind all characters is our
  // reading.
  std::string Rank() const;

  friend bool operator==(const ProfileName&, const ProfileName&) = default;

 private:
  ProfileName(std::string text, bool is_generic)
      : text_(std::move(text)), is_generic_(is_generic) {}

  std::string text_;
  bool is_generic_;
};

// The bytes of a rank that are not characters of a resource.
inline constexpr char kRankEnd = '\x7B';
inline constexpr char kRankVariable = '\x7C';
inline constexpr char kRankOne = '\x7D';
inline constexpr char kRankStar = '\x7E';
inline constexpr char kRankStars = '\x7F';

}  // namespace sigtoken

#endif  // SIGNER_RACF_PROFILE_PROFILE_NAME_H_
