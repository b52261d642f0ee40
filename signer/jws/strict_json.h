// JSON objects from outside, read strictly and within bounds.

#ifndef SIGNER_JWS_STRICT_JSON_H_
#define SIGNER_JWS_STRICT_JSON_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "pkcs11/base/result.h"

namespace sigtoken {

// Ours. A header or the claims of RACF have one level and at most eight
// members; what is above these bounds is no identity token.
inline constexpr std::size_t kMaxJsonBytes = 8192;
inline constexpr std::size_t kMaxJsonDepth = 8;     // Objects and arrays.
inline constexpr std::size_t kMaxJsonMembers = 64;  // In all objects together.

// What an object may have at most.
struct JsonBounds {
  std::size_t bytes = kMaxJsonBytes;
  std::size_t depth = kMaxJsonDepth;
  std::size_t members = kMaxJsonMembers;
};

// A number as it was written: with a fraction or an exponent a double.
using JsonNumber = std::variant<std::int64_t, double>;

// One JSON object (RFC 8259) that owns what it was read from. Views that it
// gives live as long as it does, also after it was moved.
class JsonObject {
 public:
  // Beside what RFC 8259 forbids, these are refused, at any depth: a member
  // name that occurs twice in one object (after unescaping), NUL in a name or a
  // string, integers beyond 64 bits with sign, numbers beyond a double, a byte
  // order mark, lone surrogates, and anything but white space around the
  // object.
  //
  // `what` names the text in messages: "the header". They repeat nothing of it.
  // Errors: kParameterInvalid.
  static Result<JsonObject> Parse(std::string_view text, std::string_view what,
                                  const JsonBounds& bounds = {});

  JsonObject(JsonObject&&) noexcept;
  JsonObject& operator=(JsonObject&&) noexcept;
  ~JsonObject();

  // The names of the members, in the order of the text.
  std::vector<std::string_view> Names() const;
  bool Has(std::string_view name) const;

  // Nothing where there is no such member, or where it has another type.
  std::optional<std::string_view> String(std::string_view name) const;
  std::optional<JsonNumber> Number(std::string_view name) const;
  // An array, maybe empty, of strings only.
  std::optional<std::vector<std::string_view>> Strings(
      std::string_view name) const;

 private:
  struct Document;  // Keeps the JSON library out of this header.

  explicit JsonObject(std::unique_ptr<Document> document);

  std::unique_ptr<Document> document_;
};

}  // namespace sigtoken

#endif  // SIGNER_JWS_STRICT_JSON_H_
