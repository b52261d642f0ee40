// Table A: the functions that pkcs11/ calls, and what each may answer.

#ifndef TESTS_MATRIX_CRYPTOKI_FUNCTIONS_H_
#define TESTS_MATRIX_CRYPTOKI_FUNCTIONS_H_

#include <p11-kit/pkcs11.h>

#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sigtoken::testing {

// Which of the answers that groups of functions share are a function's.
enum class Uses { kLibrary, kToken, kSession };

struct CryptokiFunction {
  std::string_view name;
  // Of PKCS #11 Cryptographic Token Interface Base Specification v2.40.
  std::string_view section;
  Uses uses;
  // Under "Return values" there, but for those of the group.
  std::vector<CK_RV> listed;
  // What v3.0 to v3.2 add, and what modules were seen to answer that no version
  // lists.
  std::vector<CK_RV> more;

  friend std::ostream& operator<<(std::ostream& stream,
                                  const CryptokiFunction& function) {
    return stream << function.name;
  }
};

// In the order of the standard.
std::span<const CryptokiFunction> CryptokiFunctions();

// All that it may answer but CKR_OK, each once: what any function may, what
// those of its group may, its own, a vendor's code and one that nobody knows.
std::vector<CK_RV> CodesOf(const CryptokiFunction& function);

// As the language of the fault module has it: "CKR_DEVICE_ERROR", "0xCE534351".
std::string ScriptCode(CK_RV rv);

// For people: those that are new in v3.0 have their names too.
std::string CodeName(CK_RV rv);

// That of NSS for a directory that is not there.
inline constexpr CK_RV kVendorsCode = 0xCE534351;
inline constexpr CK_RV kNobodysCode = 0x7FFFFFFF;

// PKCS #11 v3.0 and later; v3.0's headers are not at hand.
inline constexpr CK_RV kFipsSelfTestFailed = 0x1B6;
inline constexpr CK_RV kLibraryLoadFailed = 0x1B7;
inline constexpr CK_RV kPinTooWeak = 0x1B8;
inline constexpr CK_RV kTokenResourceExceeded = 0x201;
inline constexpr CK_RV kOperationCancelFailed = 0x202;
inline constexpr CK_RV kOperationNotValidated = 0x207;
inline constexpr CK_RV kTokenNotInitialized = 0x208;

}  // namespace sigtoken::testing

#endif  // TESTS_MATRIX_CRYPTOKI_FUNCTIONS_H_
