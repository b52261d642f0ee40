// A PKCS#11 module that does what another one does, and misbehaves on command.
// tests/fault_module.h says how it is told.

#include <p11-kit/pkcs11.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <tuple>
#include <type_traits>
#include <vector>

#include "tests/fault/actions.h"
#include "tests/fault/control.h"
#include "tests/fault/handle_dealer.h"
#include "tests/fault/mac_actions.h"

namespace sigtoken::fault {
namespace {

std::atomic<CK_FUNCTION_LIST*> wrapped{nullptr};
// How often C_Initialize was called: `move-slots` shifts by it.
std::atomic<CK_ULONG> initializations{0};

void MoveSlotsIn(const Call& call, CK_ULONG shift) {
  if (call.slot != nullptr) *call.slot -= shift;
}

void MoveSlotsOut(const Call& call, CK_ULONG shift) {
  if (call.answer != CKR_OK) return;
  if (call.slots != nullptr) {
    for (CK_ULONG i = 0; i < *call.slot_count; ++i) call.slots[i] += shift;
  }
  if (call.slot_out != nullptr) *call.slot_out += shift;
  if (call.info != nullptr) call.info->slotID += shift;
}

// `pass_on` calls the wrapped function with the arguments as they are then.
template <typename PassOn>
void Obey(const Script& script, const std::vector<const Rule*>& rules,
          Call& call, const PassOn& pass_on) {
  for (const Rule* rule : rules) {
    if (rule->action->before == nullptr) continue;
    rule->action->before(*rule, call);
    if (call.answer) return;
  }
  const CK_ULONG shift = script.moves_slots() ? initializations.load() : 0;
  MoveSlotsIn(call, shift);
  if (script.reuses_handles()) HandleDealer::Instance().BeforeCall(call);
  call.answer = pass_on();
  if (script.remembers_macs()) RememberMacLength(call);
  if (script.reuses_handles()) HandleDealer::Instance().AfterCall(call);
  MoveSlotsOut(call, shift);
  for (const Rule* rule : rules) {
    if (rule->action->after != nullptr) rule->action->after(*rule, call);
  }
}

// The argument at `kPosition`, for those that have one.
template <int kPosition, typename Field, typename Arguments>
void Point(Field*& field, Arguments& arguments) {
  if constexpr (kPosition >= 0) field = &std::get<kPosition>(arguments);
}
// What the pointer at `kPosition` leads to.
template <int kPosition, typename Field, typename Arguments>
void Follow(Field*& field, Arguments& arguments) {
  if constexpr (kPosition >= 0) field = std::get<kPosition>(arguments);
}
// One place behind, where there is one.
constexpr int Next(int position, int by = 1) {
  return position < 0 ? position : position + by;
}

template <std::size_t kIndex, typename Arguments>
Call Describe(Arguments& arguments) {
  constexpr Shape kShape = kFunctions[kIndex].shape;
  constexpr int kAttributes =
      kShape.made_of >= 0 ? kShape.made_of : kShape.sought;
  Call call;
  call.function = kIndex;
  call.wrapped = wrapped;
  if constexpr (std::is_same_v<std::tuple_element_t<0, Arguments>,
                               CK_SESSION_HANDLE>) {
    call.session = std::get<0>(arguments);
  }
  Follow<kShape.arguments>(call.arguments, arguments);
  Point<kShape.slot>(call.slot, arguments);
  Follow<kShape.slot_out>(call.slot_out, arguments);
  Follow<kShape.slots>(call.slots, arguments);
  Follow<Next(kShape.slots)>(call.slot_count, arguments);
  Follow<kShape.info>(call.info, arguments);
  Follow<kShape.token_info>(call.token_info, arguments);
  Point<kShape.pin>(call.pin, arguments);
  Point<Next(kShape.pin)>(call.pin_bytes, arguments);
  Follow<kShape.mechanism>(call.mechanism, arguments);
  Point<kShape.object>(call.objects[0], arguments);
  Point<kShape.object2>(call.objects[1], arguments);
  Follow<kShape.made>(call.made[0], arguments);
  Follow<kShape.made2>(call.made[1], arguments);
  Follow<kShape.found>(call.found, arguments);
  Follow<Next(kShape.found, 2)>(call.found_count, arguments);
  Point<kAttributes>(call.attributes, arguments);
  Point<Next(kAttributes)>(call.attribute_count, arguments);
  Follow<kShape.mac_out>(call.mac_out, arguments);
  Follow<Next(kShape.mac_out)>(call.mac_out_bytes, arguments);
  Point<kShape.mac_in>(call.mac_in, arguments);
  Point<Next(kShape.mac_in)>(call.mac_in_bytes, arguments);
  Follow<kShape.random>(call.random, arguments);
  Point<Next(kShape.random)>(call.random_bytes, arguments);
  return call;
}

// Our function in the place of a module's `kMember`.
template <std::size_t kIndex, auto kMember>
struct Wrapper;

template <std::size_t kIndex, typename... Arguments,
          CK_RV (*CK_FUNCTION_LIST::*kMember)(Arguments...)>
struct Wrapper<kIndex, kMember> {
  static CK_RV PassOn(Arguments... arguments) {
    const auto function = wrapped.load(std::memory_order_relaxed)->*kMember;
    if (function == nullptr) return CKR_FUNCTION_NOT_SUPPORTED;
    const CK_RV rv = function(arguments...);
    constexpr std::string_view kName = kFunctions[kIndex].name;
    if (rv != CKR_OK) return rv;
    if constexpr (kName == "C_OpenSession") Control::CountSessions(1);
    if constexpr (kName == "C_CloseSession") Control::CountSessions(-1);
    if constexpr (kName == "C_Finalize") Control::NoSessions();
    return rv;
  }

  static CK_RV Run(Arguments... arguments) {
    constexpr Function kFunction = kFunctions[kIndex];
    if constexpr (kFunction.name == "C_Initialize") {
      wrapped = LoadWrapped();
      Control::ReadEnvironment();
      ++initializations;
    }
    const Control* const control = Control::Current();
    if (control == nullptr) return PassOn(arguments...);

    const Script& script = control->TheScript();
    if (!script.Concerns(kIndex)) {
      const CK_RV rv = PassOn(arguments...);
      control->Log(kFunction.name, rv);
      return rv;
    }
    std::tuple<Arguments...> mine(arguments...);
    Call call = Describe<kIndex>(mine);
    call.answer = script.Lost(kIndex);
    const auto rules =
        call.answer ? std::vector<const Rule*>() : script.Next(kIndex);
    if (!call.answer) {
      Obey(script, rules, call, [&] { return std::apply(PassOn, mine); });
    }
    if constexpr (kFunction.name == "C_Finalize") {
      if (*call.answer == CKR_OK) script.Finalized();
    }
    control->Log(kFunction.name, *call.answer);
    for (const Rule* rule : rules) {
      if (rule->action->at_the_end != nullptr) rule->action->at_the_end();
    }
    return *call.answer;
  }
};

CK_RV GetFunctionList(CK_FUNCTION_LIST** list);

CK_FUNCTION_LIST MakeList() {
  CK_FUNCTION_LIST list{};
  list.version = {2, 40};
#define SIGTOKEN_FAULT_ENTRY(name, ...) \
  list.name = Wrapper<IndexOf(#name), &CK_FUNCTION_LIST::name>::Run;
  SIGTOKEN_FAULT_FUNCTIONS(SIGTOKEN_FAULT_ENTRY)
#undef SIGTOKEN_FAULT_ENTRY
  // The wrapped module would give its own list away. Not the exported name:
  // that may be p11-kit's in a process that is linked with it.
  list.C_GetFunctionList = GetFunctionList;
  return list;
}

CK_RV GetFunctionList(CK_FUNCTION_LIST** list) {
  // No script is read yet. Until it is killed.
  while (std::getenv("SIGTOKEN_FAULT_HANGS_LOADING") != nullptr) pause();
  static CK_FUNCTION_LIST functions = MakeList();
  wrapped = LoadWrapped();
  Control::ReadEnvironment();
  *list = &functions;
  return CKR_OK;
}

}  // namespace
}  // namespace sigtoken::fault

extern "C" __attribute__((visibility("default"))) CK_RV C_GetFunctionList(
    CK_FUNCTION_LIST** list) {
  return sigtoken::fault::GetFunctionList(list);
}
