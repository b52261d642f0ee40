#include "pkcs11/tokens/recovery.h"

#include <algorithm>
#include <array>

#include "pkcs11/base/codes.h"

namespace sigtoken {
namespace {

constexpr std::array<CK_RV, 13> kCodes = {
    CKR_DEVICE_ERROR,
    CKR_DEVICE_MEMORY,
    CKR_DEVICE_REMOVED,
    CKR_TOKEN_NOT_PRESENT,
    CKR_SLOT_ID_INVALID,
    CKR_SESSION_HANDLE_INVALID,
    CKR_SESSION_CLOSED,
    CKR_CRYPTOKI_NOT_INITIALIZED,
    CKR_GENERAL_ERROR,
    CKR_FUNCTION_FAILED,
    CKR_HOST_MEMORY,
    CKR_USER_NOT_LOGGED_IN,
    // Of a token whose files are being written, or were made anew.
    CKR_TOKEN_NOT_RECOGNIZED,
};

// A vendor's, or one that nobody knows.
bool IsUnknown(CK_RV rv) { return FindCkRv(rv) == nullptr; }

// By anything that is tried again: a PIN that was refused is not.
bool MayBeCured(const Error& error) {
  return !error.call.empty() && error.call != "C_Login";
}

}  // namespace

bool IsCuredByOpeningAnew(const Error& error) {
  if (!MayBeCured(error)) return false;
  return IsUnknown(error.rv) ||
         std::find(kCodes.begin(), kCodes.end(), error.rv) != kCodes.end();
}

bool IsObjectGone(const Error& error) {
  return MayBeCured(error) && (error.rv == CKR_OBJECT_HANDLE_INVALID ||
                               error.rv == CKR_KEY_HANDLE_INVALID);
}

bool IsSessionGone(const Error& error) {
  return MayBeCured(error) && (error.rv == CKR_SESSION_HANDLE_INVALID ||
                               error.rv == CKR_SESSION_CLOSED);
}

bool IsStale(CK_RV rv) {
  return rv == CKR_OBJECT_HANDLE_INVALID || rv == CKR_KEY_HANDLE_INVALID ||
         rv == CKR_SESSION_HANDLE_INVALID || rv == CKR_SESSION_CLOSED ||
         rv == CKR_OPERATION_ACTIVE || rv == CKR_OPERATION_NOT_INITIALIZED ||
         rv == CKR_GENERAL_ERROR || rv == CKR_FUNCTION_FAILED;
}

bool IsCuredByRepeating(const Error& error) {
  return MayBeCured(error) && IsStale(error.rv);
}

bool MayBeOfTheRequest(CK_RV rv) {
  return rv == CKR_DEVICE_ERROR || rv == CKR_DEVICE_MEMORY ||
         rv == CKR_GENERAL_ERROR || rv == CKR_FUNCTION_FAILED ||
         rv == CKR_HOST_MEMORY || IsUnknown(rv);
}

}  // namespace sigtoken
