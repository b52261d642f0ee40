#include "tests/fault/actions.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>

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
  return function.name == "C_Initialize";
}

void Kill() { ::kill(::getpid(), SIGKILL); }

void Answer(const Rule& rule, Call& call) { call.answer = rule.number; }

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

void Corrupt(const Rule& /*rule*/, Call& call) {
  if (call.answer != CKR_OK || call.mac_out == nullptr) return;
  if (*call.mac_out_bytes != 0) call.mac_out[0] ^= 1;
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

void HideWrongMac(const Rule& /*rule*/, Call& call) {
  if (call.answer == CKR_SIGNATURE_INVALID) call.answer = CKR_DEVICE_ERROR;
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

// The length of the MAC that each session is to verify.
struct MacLengths {
  static MacLengths& Instance() {
    // Never destroyed: modules are called by destructors of globals too.
    static auto* const lengths = new MacLengths;
    return *lengths;
  }

  std::mutex mutex;
  std::map<CK_SESSION_HANDLE, std::size_t> of_session;
};

std::size_t MacBytes(CK_MECHANISM_TYPE mechanism) {
  constexpr std::array<std::pair<CK_MECHANISM_TYPE, std::size_t>, 5> kSizes{
      {{CKM_SHA_1_HMAC, 20},
       {CKM_SHA224_HMAC, 28},
       {CKM_SHA256_HMAC, 32},
       {CKM_SHA384_HMAC, 48},
       {CKM_SHA512_HMAC, 64}}};
  for (const auto& [type, bytes] : kSizes) {
    if (type == mechanism) return bytes;
  }
  return 0;
}

void IgnoreMacLength(const Rule& /*rule*/, Call& call) {
  auto& lengths = MacLengths::Instance();
  const std::lock_guard lock(lengths.mutex);
  const std::size_t bytes = lengths.of_session[call.session];
  if (bytes == 0) return;
  call.own_mac.assign(*call.mac_in, *call.mac_in + *call.mac_in_bytes);
  call.own_mac.resize(bytes);
  *call.mac_in = call.own_mac.data();
  *call.mac_in_bytes = bytes;
}

constexpr auto kActions = std::to_array<Action>({
    {.name = "return", .argument = Argument::kCode, .before = Answer},
    {.name = "after", .argument = Argument::kCode, .after = Answer},
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
});

struct AttributeRow {
  std::string_view name;
  CK_ATTRIBUTE_TYPE type;
};

constexpr auto kAttributes = std::to_array<AttributeRow>({
    {"CKA_CLASS", CKA_CLASS},
    {"CKA_TOKEN", CKA_TOKEN},
    {"CKA_PRIVATE", CKA_PRIVATE},
    {"CKA_LABEL", CKA_LABEL},
    {"CKA_VALUE", CKA_VALUE},
    {"CKA_KEY_TYPE", CKA_KEY_TYPE},
    {"CKA_ID", CKA_ID},
    {"CKA_SENSITIVE", CKA_SENSITIVE},
    {"CKA_ENCRYPT", CKA_ENCRYPT},
    {"CKA_DECRYPT", CKA_DECRYPT},
    {"CKA_WRAP", CKA_WRAP},
    {"CKA_UNWRAP", CKA_UNWRAP},
    {"CKA_SIGN", CKA_SIGN},
    {"CKA_VERIFY", CKA_VERIFY},
    {"CKA_DERIVE", CKA_DERIVE},
    {"CKA_VALUE_LEN", CKA_VALUE_LEN},
    {"CKA_EXTRACTABLE", CKA_EXTRACTABLE},
    {"CKA_LOCAL", CKA_LOCAL},
    {"CKA_NEVER_EXTRACTABLE", CKA_NEVER_EXTRACTABLE},
    {"CKA_ALWAYS_SENSITIVE", CKA_ALWAYS_SENSITIVE},
    {"CKA_MODIFIABLE", CKA_MODIFIABLE},
    {"CKA_ALLOWED_MECHANISMS", CKA_ALLOWED_MECHANISMS},
});

}  // namespace

const Action* FindAction(std::string_view name) {
  const auto* const found =
      std::find_if(kActions.begin(), kActions.end(),
                   [&](const Action& each) { return each.name == name; });
  return found == kActions.end() ? nullptr : found;
}

const CK_ATTRIBUTE_TYPE* FindAttribute(std::string_view name) {
  const auto* const found =
      std::find_if(kAttributes.begin(), kAttributes.end(),
                   [&](const AttributeRow& each) { return each.name == name; });
  return found == kAttributes.end() ? nullptr : &found->type;
}

void RememberMacLength(const Call& call) {
  if (!call.Is(IndexOf("C_VerifyInit")) || call.mechanism == nullptr) return;
  auto& lengths = MacLengths::Instance();
  const std::lock_guard lock(lengths.mutex);
  lengths.of_session[call.session] = MacBytes(call.mechanism->mechanism);
}

}  // namespace sigtoken::fault
