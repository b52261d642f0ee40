#include "pkcs11/tokens/omnipresent.h"

#include <string>

namespace sigtoken {
namespace {

// z/OS ICSF Writing PKCS #11 Applications, "Deleting tokens", gives the CK_RV.
// That its ICSF code is 8/3034 is what openCryptoki's table makes of it.
Error WriteProtected(std::string message, std::string cure) {
  return Refusal(kAttributeReadOnly, CKR_TOKEN_WRITE_PROTECTED,
                 std::move(message), std::move(cure));
}

}  // namespace

Status CheckTakesTokenObjects(const TokenName& token) {
  if (!token.is_omnipresent()) return Ok();
  return WriteProtected(
      "the token " + token.text() +
          " is write-protected: it holds session objects alone",
      "make the object in another token, or with CKA_TOKEN FALSE");
}

Error IsAlwaysThere(const TokenName& token) {
  return Refusal(kTokenExists, CKR_FUNCTION_REJECTED,
                 "the token " + token.text() + " is always there",
                 "use it as it is: it holds session objects alone");
}

Error CannotBeDeleted(const TokenName& token) {
  return WriteProtected("the token " + token.text() + " cannot be deleted",
                        "nothing needs to be done: what is in it ends with "
                        "each process");
}

Error NothingToShow(const TokenName& token) {
  return Refusal(kTokenNotFound, CKR_TOKEN_NOT_PRESENT,
                 "the token " + token.text() +
                     " holds session objects alone, which each process sees "
                     "for itself: there is nothing to show",
                 "name a token of 'sigtoken token list'");
}

}  // namespace sigtoken
