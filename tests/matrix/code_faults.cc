#include "tests/matrix/code_faults.h"

#include <algorithm>
#include <array>

#include "tests/matrix/cryptoki_functions.h"

namespace sigtoken::testing {
namespace {

constexpr IcsfCode kGone{12, 0};
constexpr IcsfCode kNotOffered{12, 8};
constexpr IcsfCode kMayNot{8, 16000};
constexpr IcsfCode kNoKey{8, 3043};

constexpr auto kCodes = std::to_array<CodeFault>({
    {CKR_HOST_MEMORY, Fault::kUnclear, kGone},
    {CKR_SLOT_ID_INVALID, Fault::kDeviceGone, kGone},
    {CKR_GENERAL_ERROR, Fault::kUnclear, kGone},
    {CKR_FUNCTION_FAILED, Fault::kUnclear, kGone},
    {CKR_ARGUMENTS_BAD, Fault::kRequest, {8, 3002}},
    {CKR_NEED_TO_CREATE_THREADS, Fault::kRequest, kGone},
    {CKR_CANT_LOCK, Fault::kRequest, kGone},
    {CKR_ATTRIBUTE_READ_ONLY, Fault::kRequest, {8, 3034}},
    {CKR_ATTRIBUTE_SENSITIVE, Fault::kRequest, {8, 3045}},
    {CKR_ATTRIBUTE_TYPE_INVALID, Fault::kRequest, {8, 3029}},
    {CKR_ATTRIBUTE_VALUE_INVALID, Fault::kRequest, {8, 3030}},
    {CKR_ACTION_PROHIBITED, Fault::kRequest, {8, 3038}},
    {CKR_DATA_INVALID, Fault::kRequest, {8, 72}},
    {CKR_DATA_LEN_RANGE, Fault::kRequest, {8, 72}},
    {CKR_DEVICE_ERROR, Fault::kUnclear, kGone},
    {CKR_DEVICE_MEMORY, Fault::kUnclear, kGone},
    {CKR_DEVICE_REMOVED, Fault::kDeviceGone, kGone},
    // A person, or a callback, that wanted it so.
    {CKR_FUNCTION_CANCELED, Fault::kRequest, kGone},
    {CKR_FUNCTION_NOT_SUPPORTED, Fault::kRequest, kNotOffered},
    {CKR_KEY_HANDLE_INVALID, Fault::kStale, kNoKey},
    {CKR_KEY_SIZE_RANGE, Fault::kRequest, {8, 3038}},
    {CKR_KEY_TYPE_INCONSISTENT, Fault::kRequest, {8, 3039}},
    {CKR_KEY_FUNCTION_NOT_PERMITTED, Fault::kRequest, {8, 3038}},
    {CKR_MECHANISM_INVALID, Fault::kRequest, kNotOffered},
    {CKR_MECHANISM_PARAM_INVALID, Fault::kRequest, kNotOffered},
    {CKR_OBJECT_HANDLE_INVALID, Fault::kStale, kNoKey},
    {CKR_OPERATION_ACTIVE, Fault::kBusy, kGone},
    {CKR_OPERATION_NOT_INITIALIZED, Fault::kBusy, kGone},
    {CKR_PIN_INCORRECT, Fault::kPin, kMayNot},
    {CKR_PIN_INVALID, Fault::kPin, kMayNot},
    {CKR_PIN_LEN_RANGE, Fault::kPin, kMayNot},
    {CKR_PIN_EXPIRED, Fault::kPin, kMayNot},
    {CKR_PIN_LOCKED, Fault::kPin, kMayNot},
    {CKR_SESSION_CLOSED, Fault::kSessionGone, kGone},
    {CKR_SESSION_COUNT, Fault::kNoRoom, kGone},
    {CKR_SESSION_HANDLE_INVALID, Fault::kSessionGone, kGone},
    {CKR_SESSION_PARALLEL_NOT_SUPPORTED, Fault::kRequest, kNotOffered},
    {CKR_SESSION_READ_ONLY, Fault::kRequest, {8, 3034}},
    {CKR_SESSION_EXISTS, Fault::kRequest, kGone},
    {CKR_SESSION_READ_ONLY_EXISTS, Fault::kRequest, kGone},
    {CKR_SESSION_READ_WRITE_SO_EXISTS, Fault::kRequest, kGone},
    {CKR_SIGNATURE_INVALID, Fault::kRequest, {4, 8000}},
    {CKR_SIGNATURE_LEN_RANGE, Fault::kRequest, {4, 8000}},
    {CKR_TEMPLATE_INCOMPLETE, Fault::kRequest, {8, 3033}},
    {CKR_TEMPLATE_INCONSISTENT, Fault::kRequest, {8, 3009}},
    {CKR_TOKEN_NOT_PRESENT, Fault::kDeviceGone, kGone},
    {CKR_TOKEN_NOT_RECOGNIZED, Fault::kBeingWritten, kMayNot},
    {CKR_TOKEN_WRITE_PROTECTED, Fault::kRequest, {8, 3034}},
    {CKR_USER_ALREADY_LOGGED_IN, Fault::kRequest, kGone},
    {CKR_USER_NOT_LOGGED_IN, Fault::kLoginLost, kGone},
    {CKR_USER_PIN_NOT_INITIALIZED, Fault::kPin, kMayNot},
    {CKR_USER_TYPE_INVALID, Fault::kRequest, kMayNot},
    {CKR_USER_ANOTHER_ALREADY_LOGGED_IN, Fault::kRequest, kMayNot},
    {CKR_USER_TOO_MANY_TYPES, Fault::kRequest, kMayNot},
    {CKR_RANDOM_NO_RNG, Fault::kRequest, kNotOffered},
    {CKR_DOMAIN_PARAMS_INVALID, Fault::kRequest, {8, 3030}},
    {CKR_BUFFER_TOO_SMALL, Fault::kRequest, kGone},
    {CKR_CRYPTOKI_NOT_INITIALIZED, Fault::kDeviceGone, kGone},
    {CKR_CRYPTOKI_ALREADY_INITIALIZED, Fault::kRequest, kGone},
    {CKR_MUTEX_BAD, Fault::kRequest, kGone},
    {CKR_FUNCTION_REJECTED, Fault::kRequest, kMayNot},
    // Codes without a row in the sources are like a vendor's: a device that
    // answers as nobody knows is not available, until it is opened anew.
    {CKR_CURVE_NOT_SUPPORTED, Fault::kUnclear, kGone},
    {kFipsSelfTestFailed, Fault::kUnclear, kGone},
    {kLibraryLoadFailed, Fault::kUnclear, kGone},
    {kPinTooWeak, Fault::kUnclear, kGone},
    {kTokenResourceExceeded, Fault::kUnclear, kGone},
    {kOperationCancelFailed, Fault::kUnclear, kGone},
    {kOperationNotValidated, Fault::kUnclear, kGone},
    {kTokenNotInitialized, Fault::kUnclear, kGone},
    {kNobodysCode, Fault::kUnclear, kGone},
    {kVendorsCode, Fault::kUnclear, kGone},
});

}  // namespace

const CodeFault* FindCodeFault(CK_RV rv) {
  const auto* const found =
      std::find_if(kCodes.begin(), kCodes.end(),
                   [&](const CodeFault& each) { return each.rv == rv; });
  return found == kCodes.end() ? nullptr : found;
}

bool IsCuredByATry(Fault fault) {
  return fault != Fault::kRequest && fault != Fault::kPin;
}

bool MayBeOfALostDevice(CK_RV rv) {
  const CodeFault* row = FindCodeFault(rv);
  return row != nullptr &&
         (row->fault == Fault::kDeviceGone || row->fault == Fault::kUnclear ||
          row->fault == Fault::kSessionGone);
}

bool RefusesPin(CK_RV rv) {
  const CodeFault* row = FindCodeFault(rv);
  return row != nullptr && row->fault == Fault::kPin;
}

}  // namespace sigtoken::testing
