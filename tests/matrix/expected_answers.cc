#include "tests/matrix/expected_answers.h"

#include <algorithm>

#include "tests/matrix/code_faults.h"

namespace sigtoken::testing {
namespace {

constexpr IcsfCode kGone{12, 0};
constexpr IcsfCode kMayNot{8, 16000};
constexpr IcsfCode kNoHmacKey{8, 3039};

const Answer kDone = std::nullopt;

// One fault, where nothing of its own is said below.
struct Question {
  std::string_view function;
  CK_RV rv;
  std::string_view request;
  RequestKind kind;
  When when;
  const CodeFault& row;

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
    if (q.IsRequest({"rsa sign"})) return kOutputTooShort;
    return {8, 72};  // The buffer is long enough: the data are too long.
  }
  return q.row.icsf;
}

// Of what makes or destroys: where its answer hangs on what the call is for,
// there are several.
Expected OfAChange(const Question& q, const Answer& refused) {
  const bool is_of_new_key =
      q.IsRequest({"generate", "import", "session", "delete"});
  if (q.Is("C_Verify") && q.Answers({CKR_DEVICE_ERROR, CKR_SIGNATURE_INVALID,
                                     CKR_SIGNATURE_LEN_RANGE})) {
    return {{kDone, refused}, "a wrong MAC is refused so, and not a right one"};
  }
  if (is_of_new_key && q.IsOneOf({"C_SignInit", "C_Sign", "C_VerifyInit",
                                  "C_Verify", "C_CopyObject"})) {
    return {{refused}, "a new key that fails once is none"};
  }
  if (q.IsOneOf({"C_GenerateKey", "C_CreateObject", "C_CopyObject"}) &&
      q.IsOnce() &&
      q.Answers({CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_VALUE_INVALID,
                 CKR_ATTRIBUTE_READ_ONLY, CKR_TEMPLATE_INCONSISTENT,
                 CKR_TEMPLATE_INCOMPLETE, CKR_GENERAL_ERROR})) {
    return {{kDone, refused}, "made without what may be left out"};
  }
  // Of several objects, or of several uses.
  if (q.IsRequest({"drop", "create"}) ||
      q.IsOneOf({"C_GetAttributeValue", "C_GetSessionInfo", "C_GetTokenInfo",
                 "C_FindObjectsInit"})) {
    return {{kDone, refused, kGone}, "what the call is for decides"};
  }
  if (q.when == When::kAlways) return {{refused}, "nothing cures it"};
  if (!IsCuredByATry(q.row.fault)) return {{refused}, "not tried again"};
  return {{kDone, refused, kGone},
          "repeated, unless it may have changed something"};
}

Expected General(const Question& q) {
  const Answer refused = RefusalOf(q);
  if (q.when == When::kLost) {
    if (q.IsRequest({"rsa verify", "export"})) {
      return {{kDone, kGone}, "not repeated behind its first session"};
    }
    if (q.kind == RequestKind::kReads || q.kind == RequestKind::kLists) {
      return {{kDone}, "opened anew once, and repeated"};
    }
    const bool changes = q.kind == RequestKind::kChanges &&
                         q.IsOneOf({"C_GenerateKey", "C_CreateObject",
                                    "C_CopyObject", "C_DestroyObject"}) &&
                         !q.IsRequest({"drop", "create"});
    if (changes || q.IsOneOf({"C_InitToken", "C_InitPIN"})) {
      return {{kGone}, "what has begun to change is not repeated"};
    }
    return {{kDone, kGone}, "what has changed nothing yet is repeated"};
  }
  if (q.kind == RequestKind::kTries) {
    return {{kDone, refused, kTokenOfNoUse, kGone},
            "a finding, or no login, or a lost device"};
  }
  if (q.kind == RequestKind::kChanges) return OfAChange(q, refused);
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
  if (q.IsRequest({"hmac S"}) &&
      (q.when == When::kLost ||
       !q.IsOneOf({"C_CloseSession", "C_FindObjectsFinal"})) &&
      (IsCuredByATry(q.row.fault) || q.Is("C_GetAttributeValue"))) {
    if (q.when == When::kAlways) {
      return Expected{{refused, kSessionObjectGone},
                      "a session key goes with its login"};
    }
    return Expected{{kDone, refused, kSessionObjectGone},
                    "a session key goes with its login"};
  }
  if (q.IsRequest({"adopt"}) && q.IsOneOf({"C_SignInit", "C_Sign"}) &&
      q.when != When::kLost) {
    // A key for another hash is taken without a check value.
    const bool done = q.IsOnce() || q.Answers({CKR_KEY_TYPE_INCONSISTENT});
    return Expected{{done ? kDone : refused},
                    "its check value is asked for twice"};
  }
  if (q.IsRequest({"keys"}) && q.IsOneOf({"C_SignInit", "C_Sign"}) &&
      q.IsOnce()) {
    return Expected{{kDone, refused}, "that of others is not asked for twice"};
  }
  // What adopts is not told the answer that a reading gave.
  if (q.IsRequest({"adopt"}) && q.Is("C_GetAttributeValue") &&
      (q.when == When::kLater || q.when == When::kAlways)) {
    return Expected{{kDone, refused, kGone, kNoHmacKey},
                    "what is not said to be an HMAC key is none"};
  }
  if (q.IsRequest({"rsa sign", "rsa verify", "tls prf", "export"}) &&
      q.Is("C_GetAttributeValue") &&
      q.Answers({CKR_ATTRIBUTE_SENSITIVE, CKR_ATTRIBUTE_TYPE_INVALID,
                 CKR_BUFFER_TOO_SMALL, CKR_GENERAL_ERROR}) &&
      q.when != When::kLost) {
    return Expected{{kDone, refused, kGone}, "a value is asked for once"};
  }
  if (q.Is("C_FindObjectsInit") && q.when != When::kAlways &&
      q.Answers({CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_VALUE_INVALID})) {
    return Expected{{kDone, refused, kObjectNotFound},
                    "a module that cannot search for it has none"};
  }
  if (q.IsRequest({"list"}) && q.Is("C_GetAttributeValue") &&
      q.when != When::kLost) {
    return Expected{{kDone, kNotAllListed, refused}, "it is left out"};
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
      !q.IsRequest({"hsm test"}) &&  // It asks by itself.
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
    if (q.kind == RequestKind::kTries) {
      return Expected{{kTokenOfNoUse, kGone}, "so it says, and is not"};
    }
    return Expected{{kDone, kGone},
                    "so it says, and shows no key if it is not"};
  }
  // What the module does not say of an object is asked for once more, alone.
  if (q.Is("C_GetAttributeValue") && q.kind != RequestKind::kChanges &&
      q.kind != RequestKind::kTries &&
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
  if (q.Is("C_GetTokenInfo") && q.kind == RequestKind::kLists &&
      q.when == When::kAlways && q.Answers({CKR_GENERAL_ERROR})) {
    return Expected{{kDone}, "as SoftHSM2 in a read-only folder: keys show"};
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
  // The trial keys of a login have sessions of their own, and the check whether
  // a key is worthless.
  if (q.Is("C_OpenSession") && q.when == When::kLater &&
      (q.kind == RequestKind::kOpens || q.kind == RequestKind::kLists ||
       q.IsRequest({"adopt"}))) {
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
    case When::kHangs:
      return "hangs";
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
  const CodeFault* row = FindCodeFault(rv);
  if (row == nullptr) return {{}, "the code has no row"};
  const Question question{function, rv, request, kind, when, *row};
  if (auto exception = Exception(question)) return *std::move(exception);
  return General(question);
}

}  // namespace sigtoken::testing
