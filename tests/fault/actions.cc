#include "tests/fault/actions.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <thread>

#include "tests/fault/control.h"
#include "tests/fault/lack_actions.h"
#include "tests/fault/mac_actions.h"

namespace sigtoken::fault {
namespace {

// What C_GetAttributeValue gives beside the length of a value it has not.
constexpr CK_ULONG kNoLength = CK_UNAVAILABLE_INFORMATION;

bool HasMacOut(const Function& function) { return function.shape.mac_out >= 0; }
bool HasMacIn(const Function& function) { return function.shape.mac_in >= 0; }
bool MakesKey(const Function& function) { return function.shape.made_of >= 0; }
bool ReadsAttributes(const Function& function) {
  return function.shape.sought >= 0;
}
bool HasLengths(const Function& function) {
  return HasMacOut(function) || ReadsAttributes(function);
}
bool LooksForObjects(const Function& function) {
  return function.shape.HasObject() || function.shape.found >= 0;
}
bool ListsSlots(const Function& function) { return function.shape.slots >= 0; }
bool Initializes(const Function& function) {
  return function.shape.arguments >= 0;
}
bool ShowsToken(const Function& function) {
  return function.shape.token_info >= 0;
}
bool TakesPin(const Function& function) { return function.shape.pin >= 0; }
// In an operation of one session: not where one begins or ends.
bool UsesASession(const Function& function) {
  return HasMacOut(function) || HasMacIn(function) ||
         ReadsAttributes(function) || LooksForObjects(function);
}
bool Signs(const Function& function) { return function.name == "C_Sign"; }
bool OpensOrCloses(const Function& function) {
  return function.name == "C_OpenSession" || function.name == "C_CloseSession";
}
bool DrawsRandom(const Function& function) {
  return function.shape.random >= 0;
}
bool UsesModule(const Function& function) { return !OpensModule(function); }
bool BeginsOrSigns(const Function& function) {
  return Signs(function) || function.name == "C_SignInit";
}

void Kill() { ::kill(::getpid(), SIGKILL); }

void Answer(const Rule& rule, Call& call) { call.answer = rule.number; }

void Lose(const Rule& rule, Call& call) {
  rule.holds_on = true;
  call.answer = rule.number;
}

void Delay(const Rule& rule, Call& /*call*/) {
  std::this_thread::sleep_for(std::chrono::milliseconds(rule.number));
}

void Hang(const Rule& rule, Call& /*call*/) {
  std::ofstream reached(rule.file.native() + ".reached");
  std::error_code ignored;
  while (!std::filesystem::exists(rule.file, ignored)) {
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
}

// A length that is not there, or a mere question for it, stays as it is: who
// asks first would else bring too small a buffer, and get no cut text.
void Truncate(const Rule& rule, Call& call) {
  const auto cut = [&](CK_ULONG& bytes, void* text) {
    if (bytes == kNoLength || text == nullptr) return;
    const CK_ULONG left = bytes - std::min<CK_ULONG>(bytes, rule.number);
    std::memset(static_cast<CK_BYTE*>(text) + left, 0, bytes - left);
    bytes = left;
  };
  if (call.answer != CKR_OK) return;
  if (call.mac_out_bytes != nullptr) cut(*call.mac_out_bytes, call.mac_out);
  if (call.attributes == nullptr) return;
  for (CK_ULONG i = 0; i < *call.attribute_count; ++i) {
    CK_ATTRIBUTE& attribute = (*call.attributes)[i];
    cut(attribute.ulValueLen, attribute.pValue);
  }
}

void Lengthen(const Rule& rule, Call& call) {
  if (call.answer != CKR_OK) return;
  if (call.mac_out_bytes != nullptr) *call.mac_out_bytes += rule.number;
  if (call.attributes == nullptr) return;
  for (CK_ULONG i = 0; i < *call.attribute_count; ++i) {
    CK_ULONG& bytes = (*call.attributes)[i].ulValueLen;
    if (bytes != kNoLength) bytes += rule.number;
  }
}

void Forget(const Rule& /*rule*/, Call& call) {
  if (call.found_count == nullptr) {
    call.answer = CKR_OBJECT_HANDLE_INVALID;
    return;
  }
  *call.found_count = 0;
  call.answer = CKR_OK;
}

void HideSlots(const Rule& /*rule*/, Call& call) {
  if (call.slot_count != nullptr) *call.slot_count = 0;
  call.answer = CKR_OK;
}

void SayInitialized(const Rule& /*rule*/, Call& call) {
  if (call.answer == CKR_OK) call.answer = CKR_CRYPTOKI_ALREADY_INITIALIZED;
}

void LoseSession(const Rule& /*rule*/, Call& call) {
  if (call.wrapped->C_CloseSession(call.session) == CKR_OK) {
    Control::CountSessions(-1);
  }
}

void LoseLogin(const Rule& /*rule*/, Call& call) {
  call.wrapped->C_Logout(call.session);
}

const CK_ATTRIBUTE* Find(const Call& call, CK_ATTRIBUTE_TYPE type) {
  const CK_ATTRIBUTE* const end = *call.attributes + *call.attribute_count;
  const CK_ATTRIBUTE* const found =
      std::find_if(static_cast<const CK_ATTRIBUTE*>(*call.attributes), end,
                   [&](const CK_ATTRIBUTE& each) { return each.type == type; });
  return found == end || found->pValue == nullptr ? nullptr : found;
}

// As NSS has it, whose database has one key for a CKA_ID.
void OverwriteId(const Rule& /*rule*/, Call& call) {
  const CK_ATTRIBUTE* const id = Find(call, CKA_ID);
  if (id == nullptr || id->ulValueLen == 0) return;
  CK_OBJECT_CLASS type = CKO_SECRET_KEY;
  CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &type, sizeof type}, *id};
  CK_FUNCTION_LIST& wrapped = *call.wrapped;
  if (wrapped.C_FindObjectsInit(call.session, wanted, 2) != CKR_OK) return;
  std::array<CK_OBJECT_HANDLE, 16> objects{};
  CK_ULONG count = 0;
  wrapped.C_FindObjects(call.session, objects.data(), objects.size(), &count);
  wrapped.C_FindObjectsFinal(call.session);
  for (CK_ULONG i = 0; i < count; ++i) {
    wrapped.C_DestroyObject(call.session, objects.at(i));
  }
}

void DropAttribute(const Rule& rule, Call& call) {
  const std::vector<CK_ATTRIBUTE> all(*call.attributes,
                                      *call.attributes + *call.attribute_count);
  call.own_attributes.clear();
  std::copy_if(
      all.begin(), all.end(), std::back_inserter(call.own_attributes),
      [&](const CK_ATTRIBUTE& each) { return each.type != rule.number; });
  *call.attributes = call.own_attributes.data();
  *call.attribute_count = call.own_attributes.size();
}

void FlipAttribute(const Rule& rule, Call& call) {
  if (call.answer != CKR_OK) return;
  for (CK_ULONG i = 0; i < *call.attribute_count; ++i) {
    const CK_ATTRIBUTE& attribute = (*call.attributes)[i];
    if (attribute.type != rule.number || attribute.pValue == nullptr ||
        attribute.ulValueLen != sizeof(CK_BBOOL)) {
      continue;
    }
    auto& value = *static_cast<CK_BBOOL*>(attribute.pValue);
    value = value == CK_FALSE ? CK_TRUE : CK_FALSE;
  }
}

void SetFlag(const Rule& rule, Call& call) {
  if (call.answer == CKR_OK) call.token_info->flags |= rule.number;
}

void ClearFlag(const Rule& rule, Call& call) {
  if (call.answer == CKR_OK) call.token_info->flags &= ~rule.number;
}

void AskAtItsKeypad(const Rule& rule, Call& call) {
  if (*call.pin != nullptr) {
    call.answer = CKR_ARGUMENTS_BAD;
    return;
  }
  call.own_pin.assign(rule.text.begin(), rule.text.end());
  *call.pin = call.own_pin.data();
  *call.pin_bytes = call.own_pin.size();
}

// As a module that can lock with the operating system's primitives alone.
void TakeOnlyOsLocking(const Rule& /*rule*/, Call& call) {
  const auto* const given =
      static_cast<const CK_C_INITIALIZE_ARGS*>(call.arguments);
  if (given == nullptr || given->flags != CKF_OS_LOCKING_OK ||
      given->CreateMutex != nullptr || given->DestroyMutex != nullptr ||
      given->LockMutex != nullptr || given->UnlockMutex != nullptr) {
    call.answer = CKR_CANT_LOCK;
  }
}

constexpr auto kActions = std::to_array<Action>({
    {.name = "return", .argument = Argument::kCode, .before = Answer},
    {.name = "after", .argument = Argument::kCode, .after = Answer},
    {.name = "lose",
     .argument = Argument::kCode,
     .fits = UsesModule,
     .before = Lose,
     .holds_on = true},
    {.name = "delay", .argument = Argument::kNumber, .before = Delay},
    {.name = "hang", .argument = Argument::kFile, .before = Hang},
    {.name = "truncate",
     .argument = Argument::kNumber,
     .fits = HasLengths,
     .after = Truncate},
    {.name = "lengthen",
     .argument = Argument::kNumber,
     .fits = HasLengths,
     .after = Lengthen},
    {.name = "corrupt", .fits = HasMacOut, .after = Corrupt},
    {.name = "kill", .before = [](const Rule&, Call&) { Kill(); }},
    {.name = "kill after", .at_the_end = Kill},
    {.name = "forget", .fits = LooksForObjects, .before = Forget},
    {.name = "lose-session", .fits = UsesASession, .before = LoseSession},
    {.name = "lose-login", .fits = UsesASession, .before = LoseLogin},
    {.name = "reuse", .mode = Mode::kReusesHandles},
    {.name = "move-slots", .mode = Mode::kMovesSlots},
    {.name = "no-slots", .fits = ListsSlots, .before = HideSlots},
    {.name = "overwrite-id", .fits = MakesKey, .before = OverwriteId},
    {.name = "device-error-for-wrong-mac",
     .fits = HasMacIn,
     .after = HideWrongMac},
    {.name = "ignore-mac-length",
     .fits = HasMacIn,
     .before = IgnoreMacLength,
     .wants_mac_length = true},
    {.name = "drop-attribute",
     .argument = Argument::kAttribute,
     .fits = MakesKey,
     .before = DropAttribute},
    {.name = "flip-attribute",
     .argument = Argument::kAttribute,
     .fits = ReadsAttributes,
     .after = FlipAttribute},
    {.name = "already-initialized",
     .fits = Initializes,
     .after = SayInitialized},
    {.name = "strict-arguments",
     .fits = Initializes,
     .before = TakeOnlyOsLocking},
    {.name = "set-flag",
     .argument = Argument::kFlag,
     .fits = ShowsToken,
     .after = SetFlag},
    {.name = "clear-flag",
     .argument = Argument::kFlag,
     .fits = ShowsToken,
     .after = ClearFlag},
    {.name = "own-keypad",
     .argument = Argument::kText,
     .fits = TakesPin,
     .before = AskAtItsKeypad},
    {.name = "overrun", .fits = Signs, .before = AskForRoom, .after = Overrun},
    {.name = "answer-mac", .fits = BeginsOrSigns, .before = AnswerMac},
    {.name = "ignore-room", .fits = Signs, .before = IgnoreRoom},
    {.name = "most-sessions",
     .argument = Argument::kNumber,
     .fits = OpensOrCloses,
     .before = RefuseSession,
     .after = CountSession},
    {.name = "same-key", .fits = MakesKey, .before = MakeSameKey},
    {.name = "same-random", .fits = DrawsRandom, .after = DrawTheSame},
});

}  // namespace

bool OpensModule(const Function& function) {
  return function.name == "C_Initialize" || function.name == "C_Finalize";
}

const Action* FindAction(std::string_view name) {
  const auto* const found =
      std::find_if(kActions.begin(), kActions.end(),
                   [&](const Action& each) { return each.name == name; });
  return found == kActions.end() ? nullptr : found;
}

}  // namespace sigtoken::fault
