#include "tests/matrix/expected_answers.h"

#include <algorithm>
#include <array>
#include <span>

#include "tests/matrix/cryptoki_functions.h"

namespace sigtoken::testing {
namespace {

// The classes of tokens-and-faults.md, section 3.
enum class Fault {
  kSessionGone,   // A new session cures it.
  kLoginLost,     // One more login does.
  kStale,         // The key is looked for again.
  kBusy,          // The session is in the middle of something: a new one.
  kDeviceGone,    // The module is opened anew.
  kBeingWritten,  // As kDeviceGone: of a token whose files were made anew.
  kUnclear,       // As kDeviceGone, where the device is not seen to be well.
  kNoRoom,        // Too many sessions: those that nobody uses are closed.
  kPin,           // Not tried again.
  kRequest,       // This module does not do this: not tried again.
};

struct CodeRow {
  CK_RV rv;
  Fault fault;
  IcsfCode icsf;  // When nothing cures it (codes.md).
};

constexpr IcsfCode kGone{12, 0};
constexpr IcsfCode kNotOffered{12, 8};
constexpr IcsfCode kMayNot{8, 16000};
constexpr IcsfCode kNoKey{8, 3043};

constexpr auto kCodes = std::to_array<CodeRow>({
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

const CodeRow* Find(CK_RV rv) {
  const auto* const found =
      std::find_if(kCodes.begin(), kCodes.end(),
                   [&](const CodeRow& each) { return each.rv == rv; });
  return found == kCodes.end() ? nullptr : found;
}

bool IsCuredByATry(Fault fault) {
  return fault != Fault::kRequest && fault != Fault::kPin;
}

const Answer kDone = std::nullopt;

// One fault, where nothing of its own is said below.
struct Question {
  std::string_view function;
  CK_RV rv;
  std::string_view request;
  RequestKind kind;
  When when;
  const CodeRow& row;

  bool Is(std::string_view name) const { return function == name; }
  bool IsOneOf(std::initializer_list<std::string_view> names) const {
    return std::find(names.begin(), names.end(), function) != names.end();
  }
  bool Answers(std::initializer_list<CK_RV> codes) const {
    return std::find(codes.begin(), codes.end(), rv) != codes.end();
  }
  bool IsRequest(std::initializer_list<std::string_view> names) const {
    return std::find(names.begin(), names.end(), request) != names.end();
  }
  bool IsOnce() const { return when == When::kFirst || when == When::kLater; }
};

// What nothing cures.
IcsfCode RefusalOf(const Question& q) {
  if (q.IsOneOf({"C_Initialize", "C_GetInfo", "C_GetSlotList"})) {
    return kGone;  // A module that does not start, or shows no slots.
  }
  // A new key that does not verify is none.
  if (q.Is("C_Verify") && q.kind == RequestKind::kChanges &&
      q.Answers({CKR_SIGNATURE_INVALID, CKR_SIGNATURE_LEN_RANGE})) {
    return kGone;
  }
  if (q.Is("C_Sign") && q.Answers({CKR_BUFFER_TOO_SMALL})) {
    return {8, 72};  // The buffer is long enough: the data are too long.
  }
  return q.row.icsf;
}

Expected General(const Question& q) {
  const Answer refused = RefusalOf(q);
  if (q.when == When::kLost) {
    if (q.kind == RequestKind::kReads || q.kind == RequestKind::kLists) {
      return {{kDone}, "opened anew once, and repeated"};
    }
    return {{kDone, kGone}, "what has begun to change is not repeated"};
  }
  if (q.kind == RequestKind::kChanges) {
    return {{kDone, refused, kGone},
            "done, refused, or nobody knows what is left"};
  }
  if (q.when == When::kAlways) return {{refused}, "nothing cures it"};
  if (!IsCuredByATry(q.row.fault)) return {{refused}, "not tried again"};
  if (q.kind == RequestKind::kOpens) {
    return {{kDone, refused}, "a program that begins may be told at once"};
  }
  return {{kDone}, "tried again"};
}

// Where the rule is another one; the first that fits.
std::optional<Expected> Exception(const Question& q) {
  const Answer refused = RefusalOf(q);
  if (q.Is("C_Login") && q.kind != RequestKind::kChanges &&
      q.when != When::kLost && !q.Answers({CKR_USER_ALREADY_LOGGED_IN})) {
    return Expected{{refused}, "no PIN is tried again"};
  }
  if (q.IsRequest({"re-sign"}) && q.when == When::kLost) {
    return Expected{{kDone, kGone}, "one fault is cured, and not two"};
  }
  if (q.IsRequest({"re-sign"}) && q.when != When::kAlways &&
      !q.IsOneOf({"C_CloseSession", "C_Finalize", "C_FindObjectsFinal"})) {
    return Expected{{kDone, refused}, "one fault is cured, and not two"};
  }
  if (q.when == When::kLost) return std::nullopt;
  if (q.IsOneOf({"C_CloseSession", "C_Finalize", "C_GetSlotInfo"}) ||
      (q.Is("C_FindObjectsFinal") && q.IsOnce())) {
    return Expected{{kDone}, "its failure leaves nothing to do"};
  }
  if (q.Is("C_FindObjectsFinal")) {
    return Expected{{kDone, kGone}, "the session may stay busy"};
  }
  // A login asks the module for a MAC that is known. Where the device is gone
  // meanwhile, or signs with no key at all, it has not answered.
  const bool gone = q.row.fault == Fault::kDeviceGone ||
                    q.row.fault == Fault::kSessionGone ||
                    q.row.fault == Fault::kLoginLost;
  const bool asks = (q.Is("C_CreateObject") && gone) ||
                    (q.IsOneOf({"C_SignInit", "C_Sign"}) &&
                     (gone || q.row.fault == Fault::kUnclear));
  if (asks && q.when == When::kAlways && q.kind != RequestKind::kLists &&
      (q.kind != RequestKind::kChanges || q.IsRequest({"create"}))) {
    return Expected{{kGone}, "a login without that answer does not count"};
  }
  // What a login tries with keys of its own is not held against the module.
  const bool tries = q.IsOneOf({"C_GenerateKey", "C_CreateObject",
                                "C_DestroyObject", "C_SignInit", "C_Sign"});
  if (tries && q.IsRequest({"tokens", "login", "create"})) {
    return Expected{{kDone}, "what cannot be tried is not held against it"};
  }
  if (tries && q.when == When::kFirst && q.kind == RequestKind::kOpens) {
    return Expected{{kDone}, "what cannot be tried is not held against it"};
  }
  const bool makes =
      q.IsOneOf({"C_GenerateKey", "C_CreateObject", "C_DestroyObject"});
  if (makes && q.kind != RequestKind::kChanges) {
    return Expected{{kDone}, "what cannot be tried is not held against it"};
  }
  // One key that the module does not tell of spoils no list.
  if (q.kind == RequestKind::kLists &&
      q.IsOneOf(
          {"C_GetAttributeValue", "C_SignInit", "C_Sign", "C_VerifyInit"}) &&
      ((refused->return_code == 8 && refused != Answer(kMayNot)) ||
       q.Answers({CKR_GENERAL_ERROR, CKR_FUNCTION_FAILED}))) {
    return Expected{{kDone}, "it is left out, and named"};
  }
  // A key that may not sign has to verify its check value.
  if (q.kind == RequestKind::kLists && q.Is("C_Verify")) {
    return Expected{{kDone}, "it is left out, and named"};
  }
  // Before that it is asked, in vain, whether the key is worthless.
  if (q.kind == RequestKind::kLists && q.Is("C_VerifyInit") &&
      q.when == When::kFirst) {
    return Expected{{kDone}, "it is asked whether the key is worthless"};
  }
  if (q.Is("C_Verify") && q.IsRequest({"refuse V"}) &&
      q.Answers({CKR_SIGNATURE_INVALID, CKR_SIGNATURE_LEN_RANGE})) {
    return Expected{{kDone}, "that is the answer"};
  }
  if (q.Is("C_Initialize")) {
    const bool again =
        q.IsOnce() && (q.IsRequest({"create"}) ||
                       q.Answers({CKR_CRYPTOKI_ALREADY_INITIALIZED}));
    return again ? Expected{{kDone, kGone}, "it is looked at twice"}
                 : Expected{{kGone},
                            "a module that does not start is not available"};
  }
  if (q.Is("C_Login") && q.Answers({CKR_USER_ALREADY_LOGGED_IN})) {
    return Expected{{kDone, kGone},
                    "so it says, and shows no key if it is not"};
  }
  // What the module does not say of an object is asked for once more, alone.
  if (q.Is("C_GetAttributeValue") && q.kind != RequestKind::kChanges &&
      q.Answers({CKR_ATTRIBUTE_SENSITIVE, CKR_ATTRIBUTE_TYPE_INVALID,
                 CKR_BUFFER_TOO_SMALL})) {
    return q.IsOnce()
               ? Expected{{kDone}, "one attribute a call"}
               : Expected{{kGone}, "it does not say that it is that key"};
  }
  // The name of the module is asked for before it is used, too.
  if (q.Is("C_GetInfo") && q.kind == RequestKind::kOpens && q.IsOnce()) {
    return Expected{{kDone, refused}, "it is asked for more than once"};
  }
  if (q.Is("C_GetTokenInfo") &&
      (q.kind == RequestKind::kOpens || q.IsRequest({"re-sign"}) ||
       q.Answers({CKR_TOKEN_NOT_RECOGNIZED}))) {
    return q.IsOnce() ? Expected{{kDone, refused, kGone},
                                 "the token is looked for again"}
                      : Expected{{kGone}, "the token is not there"};
  }
  if (q.Is("C_GetSlotList") && q.Answers({CKR_BUFFER_TOO_SMALL}) &&
      q.IsOnce()) {
    return Expected{{kDone, kGone}, "the list may have grown"};
  }
  // The trial keys of a login have sessions of their own.
  if (q.Is("C_OpenSession") && q.when == When::kLater &&
      q.kind == RequestKind::kOpens) {
    return Expected{{kDone, refused}, "the second session is for a trial"};
  }
  return std::nullopt;
}

}  // namespace

std::string_view WhenName(When when) {
  switch (when) {
    case When::kFirst:
      return "1st";
    case When::kLater:
      return "later";
    case When::kAlways:
      return "always";
    case When::kLost:
      return "lost";
  }
  return "";
}

std::string AnswerText(const Answer& answer) {
  if (!answer) return "ok";
  return std::to_string(answer->return_code) + "/" +
         std::to_string(answer->reason_code);
}

bool Expected::Has(const Answer& answer) const {
  return std::find(answers.begin(), answers.end(), answer) != answers.end();
}

std::string Expected::Text() const {
  std::string text;
  for (const Answer& answer : answers) text += AnswerText(answer) + ", ";
  return text + std::string(why);
}

Expected ExpectedAnswer(std::string_view function, CK_RV rv,
                        std::string_view request, RequestKind kind, When when) {
  const CodeRow* row = Find(rv);
  if (row == nullptr) return {{}, "the code has no row"};
  const Question question{function, rv, request, kind, when, *row};
  if (auto exception = Exception(question)) return *std::move(exception);
  return General(question);
}

bool MayBeOfALostDevice(CK_RV rv) {
  const CodeRow* row = Find(rv);
  return row != nullptr &&
         (row->fault == Fault::kDeviceGone || row->fault == Fault::kUnclear ||
          row->fault == Fault::kSessionGone);
}

bool RefusesPin(CK_RV rv) {
  const CodeRow* row = Find(rv);
  return row != nullptr && row->fault == Fault::kPin;
}

bool IsExpected(CK_RV rv) { return Find(rv) != nullptr; }

}  // namespace sigtoken::testing
