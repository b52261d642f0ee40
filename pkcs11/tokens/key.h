// Key: a secret key in a token, found and checked, ready to make MACs.

#ifndef PKCS11_TOKENS_KEY_H_
#define PKCS11_TOKENS_KEY_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/mac_algorithm.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/tokens/object_index.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// A copy is another name of the same key. Thread safe: each call has a session
// to itself.
//
// What was found is trusted until the module answers that the object or the
// session is gone, or the object turns out to be another one; then the key is
// looked for and examined again, once, and the call repeated. After an answer
// that the device or the login is gone, the module is opened anew first
// (Token::Recover()). Whether the key
// was disabled is read again from the store after a second; while the store
// cannot be read, what was read last holds for a minute, then calls fail with
// kNotAvailable.
class Key {
 public:
  // The token is logged in to first. Errors: kObjectNotFound; as Examine().
  static Result<Key> Find(std::shared_ptr<Token> token, ObjectId id);

  // A key that any attributes name, such as those of a PKCS#11 URI. `what`
  // names it in messages. Errors: as Find; kAttributeValueInvalid for a key
  // that is empty or has only zeros.
  static Result<Key> Find(std::shared_ptr<Token> token,
                          const Attributes& wanted, const std::string& what);

  // Nothing for a key that others made and nobody adopted.
  const std::optional<Handle>& handle() const;
  // As it was when the key was first found.
  const FoundKey& found() const;
  const Token& token() const;

  // Whether Sign (CKA_SIGN) or Verify (CKA_VERIFY) may be asked of the key.
  // Nothing is asked of the module. Errors: kObjectDisabled;
  // kKeyFunctionNotPermitted; kNotAvailable.
  Status MayBeUsed(CK_ATTRIBUTE_TYPE use) const;

  // The MAC of `data`.
  //
  // Errors:
  //   kObjectDisabled            the key is disabled
  //   kKeyFunctionNotPermitted   its CKA_SIGN is false
  //   CKR_KEY_SIZE_RANGE         too short for the module: the cure has the
  //   size any other                  as the module gave it
  Result<Mac> Sign(const MacAlgorithm& algorithm,
                   std::span<const std::uint8_t> data) const;

  // Whether `mac`, at its full length, is the MAC of `data`: by signing again
  // and comparing in constant time, or by C_Verify where the key cannot sign.
  // There an error of the module counts as a wrong MAC only if the module gives
  // it twice and is seen to answer every wrong MAC so (tokens/wrong_mac.h).
  // Errors: as Sign, with CKA_VERIFY.
  Result<bool> Verify(const MacAlgorithm& algorithm,
                      std::span<const std::uint8_t> data,
                      std::span<const std::uint8_t> mac) const;

 private:
  struct State;
  using Search = std::function<Result<CK_OBJECT_HANDLE>(Session&)>;
  static Result<Key> Find(std::shared_ptr<Token> token, const std::string& what,
                          Search search,
                          std::optional<ObjectId> id = std::nullopt);
  static Result<Key> FindOnce(std::shared_ptr<Token> token,
                              const std::string& what, Search search,
                              std::optional<ObjectId> id);
  explicit Key(std::shared_ptr<State> state) : state_(std::move(state)) {}

  std::shared_ptr<State> state_;
};

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_KEY_H_
