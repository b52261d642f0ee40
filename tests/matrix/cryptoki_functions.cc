#include "tests/matrix/cryptoki_functions.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "pkcs11/base/codes.h"

namespace sigtoken::testing {
namespace {

// Section 5.1.1: any function, and 5.1.6: CKR_CRYPTOKI_NOT_INITIALIZED any but
// C_Initialize, CKR_FUNCTION_NOT_SUPPORTED any.
constexpr std::array kOfAny = {CK_RV{CKR_GENERAL_ERROR},
                               CK_RV{CKR_HOST_MEMORY},
                               CK_RV{CKR_FUNCTION_FAILED},
                               CK_RV{CKR_CRYPTOKI_NOT_INITIALIZED},
                               CK_RV{CKR_FUNCTION_NOT_SUPPORTED},
                               kVendorsCode,
                               kNobodysCode};
// Section 5.1.3: any that uses a token.
constexpr std::array kOfTokens = {
    CK_RV{CKR_DEVICE_MEMORY}, CK_RV{CKR_DEVICE_ERROR},
    CK_RV{CKR_TOKEN_NOT_PRESENT}, CK_RV{CKR_DEVICE_REMOVED}};
// Section 5.1.2: any that takes a session.
constexpr std::array kOfSessions = {CK_RV{CKR_SESSION_HANDLE_INVALID},
                                    CK_RV{CKR_SESSION_CLOSED}};

const std::vector<CryptokiFunction>& Rows() {
  // Never destroyed: tests are named by it until the end.
  static const auto* const rows = new std::vector<CryptokiFunction>{
      {"C_Initialize",
       "5.4",
       Uses::kLibrary,
       {CKR_ARGUMENTS_BAD, CKR_CANT_LOCK, CKR_CRYPTOKI_ALREADY_INITIALIZED,
        CKR_NEED_TO_CREATE_THREADS, CKR_MUTEX_BAD},
       // NSS where it cannot write its files.
       {CKR_TOKEN_WRITE_PROTECTED, kFipsSelfTestFailed, kLibraryLoadFailed}},
      {"C_Finalize", "5.4", Uses::kLibrary, {CKR_ARGUMENTS_BAD}, {}},
      {"C_GetInfo", "5.4", Uses::kLibrary, {CKR_ARGUMENTS_BAD}, {}},
      {"C_GetSlotList",
       "5.5",
       Uses::kLibrary,
       {CKR_ARGUMENTS_BAD, CKR_BUFFER_TOO_SMALL},
       // p11-kit's client, whose server is gone.
       {CKR_DEVICE_ERROR}},
      {"C_GetSlotInfo",
       "5.5",
       Uses::kLibrary,
       {CKR_ARGUMENTS_BAD, CKR_DEVICE_ERROR, CKR_SLOT_ID_INVALID},
       {}},
      {"C_GetTokenInfo",
       "5.5",
       Uses::kToken,
       {CKR_ARGUMENTS_BAD, CKR_SLOT_ID_INVALID, CKR_TOKEN_NOT_RECOGNIZED},
       {kTokenNotInitialized}},
      {"C_GetMechanismList",
       "5.5",
       Uses::kToken,
       {CKR_ARGUMENTS_BAD, CKR_BUFFER_TOO_SMALL, CKR_SLOT_ID_INVALID,
        CKR_TOKEN_NOT_RECOGNIZED},
       {kTokenNotInitialized}},
      {"C_GetMechanismInfo",
       "5.5",
       Uses::kToken,
       {CKR_ARGUMENTS_BAD, CKR_MECHANISM_INVALID, CKR_SLOT_ID_INVALID,
        CKR_TOKEN_NOT_RECOGNIZED},
       {kTokenNotInitialized}},
      {"C_InitToken",
       "5.5",
       Uses::kToken,
       {CKR_ARGUMENTS_BAD, CKR_FUNCTION_CANCELED, CKR_PIN_INCORRECT,
        CKR_PIN_LOCKED, CKR_SESSION_EXISTS, CKR_SLOT_ID_INVALID,
        CKR_TOKEN_NOT_RECOGNIZED, CKR_TOKEN_WRITE_PROTECTED},
       // SoftHSM2, for an SO PIN of 3 characters.
       {CKR_PIN_LEN_RANGE}},
      {"C_InitPIN",
       "5.5",
       Uses::kSession,
       {CKR_ARGUMENTS_BAD, CKR_FUNCTION_CANCELED, CKR_PIN_INVALID,
        CKR_PIN_LEN_RANGE, CKR_SESSION_READ_ONLY, CKR_TOKEN_WRITE_PROTECTED,
        CKR_USER_NOT_LOGGED_IN},
       // openCryptoki, while the SO has his first PIN.
       {CKR_PIN_EXPIRED, kPinTooWeak}},
      {"C_OpenSession",
       "5.6",
       Uses::kToken,
       {CKR_ARGUMENTS_BAD, CKR_SESSION_COUNT,
        CKR_SESSION_PARALLEL_NOT_SUPPORTED, CKR_SESSION_READ_WRITE_SO_EXISTS,
        CKR_SLOT_ID_INVALID, CKR_TOKEN_NOT_RECOGNIZED,
        CKR_TOKEN_WRITE_PROTECTED},
       // NSS after C_Finalize.
       {CKR_SESSION_HANDLE_INVALID, kTokenNotInitialized}},
      {"C_CloseSession", "5.6", Uses::kSession, {}, {CKR_OPERATION_ACTIVE}},
      {"C_GetSessionInfo",
       "5.6",
       Uses::kSession,
       {CKR_ARGUMENTS_BAD},
       {CKR_OPERATION_ACTIVE}},
      {"C_Login",
       "5.6",
       Uses::kSession,
       {CKR_ARGUMENTS_BAD, CKR_FUNCTION_CANCELED, CKR_OPERATION_NOT_INITIALIZED,
        CKR_PIN_INCORRECT, CKR_PIN_LOCKED, CKR_SESSION_READ_ONLY_EXISTS,
        CKR_USER_ALREADY_LOGGED_IN, CKR_USER_ANOTHER_ALREADY_LOGGED_IN,
        CKR_USER_PIN_NOT_INITIALIZED, CKR_USER_TOO_MANY_TYPES,
        CKR_USER_TYPE_INVALID},
       {CKR_OPERATION_ACTIVE, CKR_PIN_EXPIRED, CKR_PIN_INVALID,
        CKR_PIN_LEN_RANGE}},
      {"C_CreateObject",
       "5.7",
       Uses::kSession,
       {CKR_ARGUMENTS_BAD, CKR_ATTRIBUTE_READ_ONLY, CKR_ATTRIBUTE_TYPE_INVALID,
        CKR_ATTRIBUTE_VALUE_INVALID, CKR_CURVE_NOT_SUPPORTED,
        CKR_DOMAIN_PARAMS_INVALID, CKR_PIN_EXPIRED, CKR_SESSION_READ_ONLY,
        CKR_TEMPLATE_INCOMPLETE, CKR_TEMPLATE_INCONSISTENT,
        CKR_TOKEN_WRITE_PROTECTED, CKR_USER_NOT_LOGGED_IN},
       {CKR_KEY_SIZE_RANGE, CKR_OPERATION_ACTIVE, kOperationNotValidated}},
      {"C_CopyObject",
       "5.7",
       Uses::kSession,
       {CKR_ACTION_PROHIBITED, CKR_ARGUMENTS_BAD, CKR_ATTRIBUTE_READ_ONLY,
        CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_VALUE_INVALID,
        CKR_OBJECT_HANDLE_INVALID, CKR_PIN_EXPIRED, CKR_SESSION_READ_ONLY,
        CKR_TEMPLATE_INCONSISTENT, CKR_TOKEN_WRITE_PROTECTED,
        CKR_USER_NOT_LOGGED_IN},
       {CKR_OPERATION_ACTIVE, kOperationNotValidated}},
      {"C_DestroyObject",
       "5.7",
       Uses::kSession,
       {CKR_ACTION_PROHIBITED, CKR_OBJECT_HANDLE_INVALID, CKR_PIN_EXPIRED,
        CKR_SESSION_READ_ONLY, CKR_TOKEN_WRITE_PROTECTED},
       // NSS and openCryptoki, for a key that is gone.
       {CKR_KEY_HANDLE_INVALID, CKR_OPERATION_ACTIVE}},
      {"C_GetAttributeValue",
       "5.7",
       Uses::kSession,
       {CKR_ARGUMENTS_BAD, CKR_ATTRIBUTE_SENSITIVE, CKR_ATTRIBUTE_TYPE_INVALID,
        CKR_BUFFER_TOO_SMALL, CKR_OBJECT_HANDLE_INVALID},
       {CKR_KEY_HANDLE_INVALID, CKR_OPERATION_ACTIVE}},
      {"C_SetAttributeValue",
       "5.7",
       Uses::kSession,
       {CKR_ACTION_PROHIBITED, CKR_ARGUMENTS_BAD, CKR_ATTRIBUTE_READ_ONLY,
        CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_VALUE_INVALID,
        CKR_OBJECT_HANDLE_INVALID, CKR_SESSION_READ_ONLY,
        CKR_TEMPLATE_INCONSISTENT, CKR_TOKEN_WRITE_PROTECTED,
        CKR_USER_NOT_LOGGED_IN},
       {CKR_OPERATION_ACTIVE}},
      {"C_FindObjectsInit",
       "5.7",
       Uses::kSession,
       {CKR_ARGUMENTS_BAD, CKR_ATTRIBUTE_TYPE_INVALID,
        CKR_ATTRIBUTE_VALUE_INVALID, CKR_OPERATION_ACTIVE, CKR_PIN_EXPIRED},
       {}},
      {"C_FindObjects",
       "5.7",
       Uses::kSession,
       {CKR_ARGUMENTS_BAD, CKR_OPERATION_NOT_INITIALIZED},
       {}},
      {"C_FindObjectsFinal",
       "5.7",
       Uses::kSession,
       {CKR_OPERATION_NOT_INITIALIZED},
       {}},
      {"C_SignInit",
       "5.11",
       Uses::kSession,
       {CKR_ARGUMENTS_BAD, CKR_FUNCTION_CANCELED,
        CKR_KEY_FUNCTION_NOT_PERMITTED, CKR_KEY_HANDLE_INVALID,
        CKR_KEY_SIZE_RANGE, CKR_KEY_TYPE_INCONSISTENT, CKR_MECHANISM_INVALID,
        CKR_MECHANISM_PARAM_INVALID, CKR_OPERATION_ACTIVE, CKR_PIN_EXPIRED,
        CKR_USER_NOT_LOGGED_IN},
       // SoftHSM2, for a key that is gone.
       {CKR_OBJECT_HANDLE_INVALID, kOperationCancelFailed}},
      {"C_Sign",
       "5.11",
       Uses::kSession,
       {CKR_ARGUMENTS_BAD, CKR_BUFFER_TOO_SMALL, CKR_DATA_INVALID,
        CKR_DATA_LEN_RANGE, CKR_FUNCTION_CANCELED,
        CKR_OPERATION_NOT_INITIALIZED, CKR_USER_NOT_LOGGED_IN,
        CKR_FUNCTION_REJECTED},
       // NSS, whose database another process holds.
       {CKR_KEY_HANDLE_INVALID, CKR_OPERATION_ACTIVE, kTokenResourceExceeded}},
      {"C_VerifyInit",
       "5.12",
       Uses::kSession,
       {CKR_ARGUMENTS_BAD, CKR_FUNCTION_CANCELED,
        CKR_KEY_FUNCTION_NOT_PERMITTED, CKR_KEY_HANDLE_INVALID,
        CKR_KEY_SIZE_RANGE, CKR_KEY_TYPE_INCONSISTENT, CKR_MECHANISM_INVALID,
        CKR_MECHANISM_PARAM_INVALID, CKR_OPERATION_ACTIVE, CKR_PIN_EXPIRED,
        CKR_USER_NOT_LOGGED_IN},
       {CKR_OBJECT_HANDLE_INVALID, kOperationCancelFailed}},
      {"C_Verify",
       "5.12",
       Uses::kSession,
       {CKR_ARGUMENTS_BAD, CKR_DATA_INVALID, CKR_DATA_LEN_RANGE,
        CKR_FUNCTION_CANCELED, CKR_OPERATION_NOT_INITIALIZED,
        CKR_SIGNATURE_INVALID, CKR_SIGNATURE_LEN_RANGE},
       {CKR_KEY_HANDLE_INVALID, CKR_OPERATION_ACTIVE, kTokenResourceExceeded}},
      {"C_GenerateKey",
       "5.14",
       Uses::kSession,
       {CKR_ARGUMENTS_BAD, CKR_ATTRIBUTE_READ_ONLY, CKR_ATTRIBUTE_TYPE_INVALID,
        CKR_ATTRIBUTE_VALUE_INVALID, CKR_CURVE_NOT_SUPPORTED,
        CKR_FUNCTION_CANCELED, CKR_MECHANISM_INVALID,
        CKR_MECHANISM_PARAM_INVALID, CKR_OPERATION_ACTIVE, CKR_PIN_EXPIRED,
        CKR_SESSION_READ_ONLY, CKR_TEMPLATE_INCOMPLETE,
        CKR_TEMPLATE_INCONSISTENT, CKR_TOKEN_WRITE_PROTECTED,
        CKR_USER_NOT_LOGGED_IN},
       // openCryptoki, for a key of 8 bytes.
       {CKR_KEY_SIZE_RANGE, kOperationNotValidated}},
      {"C_GenerateRandom",
       "5.15",
       Uses::kSession,
       {CKR_ARGUMENTS_BAD, CKR_FUNCTION_CANCELED, CKR_OPERATION_ACTIVE,
        CKR_RANDOM_NO_RNG, CKR_USER_NOT_LOGGED_IN},
       {kFipsSelfTestFailed}},
  };
  return *rows;
}

struct Name {
  CK_RV rv;
  std::string_view name;
};

constexpr std::array kNewNames = {
    Name{CKR_CURVE_NOT_SUPPORTED, "CKR_CURVE_NOT_SUPPORTED"},
    Name{kFipsSelfTestFailed, "CKR_FIPS_SELF_TEST_FAILED"},
    Name{kLibraryLoadFailed, "CKR_LIBRARY_LOAD_FAILED"},
    Name{kPinTooWeak, "CKR_PIN_TOO_WEAK"},
    Name{kTokenResourceExceeded, "CKR_TOKEN_RESOURCE_EXCEEDED"},
    Name{kOperationCancelFailed, "CKR_OPERATION_CANCEL_FAILED"},
    Name{kOperationNotValidated, "CKR_OPERATION_NOT_VALIDATED"},
    Name{kTokenNotInitialized, "CKR_TOKEN_NOT_INITIALIZED"},
    Name{kVendorsCode, "0xCE534351 (NSS)"},
    Name{kNobodysCode, "0x7FFFFFFF"}};

}  // namespace

std::span<const CryptokiFunction> CryptokiFunctions() { return Rows(); }

std::vector<CK_RV> CodesOf(const CryptokiFunction& function) {
  std::vector<CK_RV> codes(kOfAny.begin(), kOfAny.end());
  const auto add = [&](const auto& more) {
    codes.insert(codes.end(), more.begin(), more.end());
  };
  if (function.uses != Uses::kLibrary) add(kOfTokens);
  if (function.uses == Uses::kSession) add(kOfSessions);
  add(function.listed);
  add(function.more);
  std::sort(codes.begin(), codes.end());
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
  if (function.name == "C_Initialize") {
    std::erase(codes, CK_RV{CKR_CRYPTOKI_NOT_INITIALIZED});
  }
  return codes;
}

std::string ScriptCode(CK_RV rv) {
  if (const CkRvRow* row = FindCkRv(rv)) return std::string(row->name);
  char text[32];
  static_cast<void>(std::snprintf(text, sizeof text, "0x%lX", rv));
  return text;
}

std::string CodeName(CK_RV rv) {
  const auto* const found =
      std::find_if(kNewNames.begin(), kNewNames.end(),
                   [&](const Name& each) { return each.rv == rv; });
  return found != kNewNames.end() ? std::string(found->name) : ScriptCode(rv);
}

}  // namespace sigtoken::testing
