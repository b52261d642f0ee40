#include "keygen/services/pseudo_random_function.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "keygen/tls_prf.h"
#include "pkcs11/base/cleansed_bytes.h"
#include "pkcs11/base/secret.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/icsf/rule_array.h"
#include "pkcs11/objects/locate.h"
#include "pkcs11/tokens/object_index.h"
#include "pkcs11/tokens/token_random.h"

namespace sigtoken {
namespace {

constexpr std::string_view kPrng = "PRNG";
constexpr auto kFunctions = std::to_array<std::string_view>({kPrng, "TLS-PRF"});
constexpr auto kGroups =
    std::to_array<RuleGroup>({{"function", kFunctions, {}}});

// Ours: nobody waits for more, and it fits into memory.
constexpr std::size_t kMaxOutputBytes = 64U << 20U;
constexpr std::size_t kNumberBytes = 4;

Error BadLength(std::string message, std::string cure) {
  return Refusal(kLengthInvalid, CKR_ARGUMENTS_BAD, std::move(message),
                 std::move(cure));
}

// An empty one is refused by us: ICSF's answer is not known.
Status CheckOutput(std::size_t bytes) {
  if (bytes >= 1 && bytes <= kMaxOutputBytes) return Ok();
  return BadLength(
      "an output of " + std::to_string(bytes) + " bytes is out of range",
      "ask for 1 to " + std::to_string(kMaxOutputBytes) + " bytes");
}

// A name of blanks alone is the omnipresent token's (z/OS ICSF Application
// Programmer's Guide, CSFPPRF).
Result<TokenName> TokenOfGenerator(std::string_view handle) {
  const auto name = handle.substr(0, TokenName::kMaxLength);
  if (handle.size() == Handle::kLength &&
      name.find_first_not_of(' ') == std::string_view::npos) {
    return TokenName::Omnipresent();
  }
  return TokenNameOf(handle);
}

Status Generate(Icsf& icsf, const PseudoRandomFunctionCall& call,
                std::span<std::uint8_t> output) {
  if (!call.parms_list.empty()) {
    return BadLength("PRNG has no parameters, and the parameter list has " +
                         std::to_string(call.parms_list.size()) + " bytes",
                     "pass a parameter list of length 0");
  }
  SIGTOKEN_ASSIGN(const TokenName name, TokenOfGenerator(call.handle));
  SIGTOKEN_ASSIGN(const auto token, icsf.directory().FindToken(name));
  SIGTOKEN_ASSIGN(const CleansedBytes bytes,
                  RandomBytesOf(*token, output.size()));
  std::copy(bytes.begin(), bytes.end(), output.begin());
  return Ok();
}

std::uint32_t NumberAt(std::span<const std::uint8_t> bytes, ByteOrder order) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < kNumberBytes; ++i) {
    const std::size_t at =
        order == ByteOrder::kBigEndian ? i : kNumberBytes - 1 - i;
    number = number << 8U | bytes[at];
  }
  return number;
}

// The label with the seed behind it, as the PRF takes them. The layout of the
// list is ours, for ICSF's is not public: 4 bytes length of the seed, 4 bytes
// length of the label, seed, label, in the order of CK_TLS_PRF_PARAMS (PKCS #11
// Current Mechanisms v2.40, 2.40.4).
Result<CleansedBytes> LabelAndSeed(std::span<const std::uint8_t> list,
                                   ByteOrder order) {
  const std::size_t head = 2 * kNumberBytes;
  if (list.size() < head) {
    return BadLength("the parameter list has " + std::to_string(list.size()) +
                         " bytes, fewer than the two lengths at its beginning",
                     "pass 4 bytes length of the seed, 4 bytes length of the "
                     "label, seed, label");
  }
  const std::size_t seed_bytes = NumberAt(list, order);
  const std::size_t label_bytes = NumberAt(list.subspan(kNumberBytes), order);
  const auto both = list.subspan(head);
  if (seed_bytes + label_bytes != both.size()) {
    return BadLength("the seed has " + std::to_string(seed_bytes) +
                         " bytes and the label " + std::to_string(label_bytes) +
                         ", and in the parameter list there are " +
                         std::to_string(both.size()),
                     "correct the lengths");
  }
  if (both.empty() || both.size() > kMaxTlsPrfSeedBytes) {
    return BadLength("label and seed have " + std::to_string(both.size()) +
                         " bytes together",
                     "pass 1 to " + std::to_string(kMaxTlsPrfSeedBytes));
  }
  const auto seed = both.first(seed_bytes);
  const auto label = both.subspan(seed_bytes);
  CleansedBytes text(label.begin(), label.end());
  text.insert(text.end(), seed.begin(), seed.end());
  return text;
}

Status CheckUsable(const FoundKey& key, const std::string& name) {
  if (key.attributes.type != CKK_GENERIC_SECRET) {
    return Refusal(kKeyTypeInconsistent, CKR_KEY_TYPE_INCONSISTENT,
                   "the key " + name + " is no generic secret key",
                   "TLS-PRF needs a key of the type CKK_GENERIC_SECRET");
  }
  if (key.disabled()) {
    return Refusal(kObjectDisabled, CKR_KEY_FUNCTION_NOT_PERMITTED,
                   "the key " + name + " is disabled",
                   "enable it with 'sigtoken key enable'");
  }
  const bool sensitive = key.attributes.Is(CKA_SENSITIVE);
  if (!sensitive && key.attributes.Is(CKA_EXTRACTABLE)) return Ok();
  return Refusal(kKeyUnextractable, CKR_KEY_UNEXTRACTABLE,
                 "the value of the key " + name +
                     " stays in the token, where no module computes TLS-PRF: "
                     "it is " +
                     (sensitive ? "CKA_SENSITIVE" : "not CKA_EXTRACTABLE"),
                 "use a key that was made with CKA_SENSITIVE FALSE and "
                 "CKA_EXTRACTABLE TRUE");
}

// As it was generated or imported: without the zeros that the token may keep
// behind it.
std::size_t TrueBytes(Icsf& icsf, const FoundKey& key, const Handle& handle) {
  if (const auto session_object = icsf.sessions().Find(handle)) {
    return session_object->bytes;
  }
  return key.record ? key.record->bytes : 0;
}

Result<Secret> ReadOnce(Icsf& icsf, Token& token, const Handle& handle) {
  const std::string name = handle.FormatShort();
  SIGTOKEN_TRY(token.Login());
  SIGTOKEN_ASSIGN(const auto held, token.Look());
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadOnly));
  auto located = Locate(token, held, session, *handle.object());
  if (!located) {
    if (ToIcsf(located.error()) == kObjectNotFound &&
        icsf.sessions().Find(handle)) {
      return Refusal(kSessionObjectGone, CKR_SESSION_HANDLE_INVALID,
                     "the session object " + name +
                         " went with the login in which it was made",
                     "make it again");
    }
    return std::move(located).error();
  }
  if (located->object_class != CKO_SECRET_KEY) {
    return Refusal(kKeyTypeInconsistent, CKR_KEY_TYPE_INCONSISTENT,
                   "the object " + name + " is no secret key",
                   "TLS-PRF needs a generic secret key");
  }
  SIGTOKEN_ASSIGN(const FoundKey key,
                  ExamineAs(token, held, located->object, *handle.object()));
  SIGTOKEN_TRY(CheckUsable(key, name));
  SIGTOKEN_ASSIGN(Secret value, ReadSecretValue(session, key.object));
  const std::size_t bytes = TrueBytes(icsf, key, handle);
  if (bytes != 0) value.Shorten(bytes);
  return value;
}

Status Derive(Icsf& icsf, const PseudoRandomFunctionCall& call,
              std::span<std::uint8_t> output) {
  SIGTOKEN_ASSIGN(const CleansedBytes label_and_seed,
                  LabelAndSeed(call.parms_list, call.order));
  SIGTOKEN_ASSIGN(const Handle handle, ObjectHandleOf(call.handle));
  const char category = handle.object()->category;
  if (category == 'U' || category == 'Z') {
    return Refusal(
        kHandleInvalid, CKR_ARGUMENTS_BAD,
        handle.FormatShort() + " is the handle of a state object, not of a key",
        "pass the handle of the key");
  }
  SIGTOKEN_ASSIGN(const auto token,
                  icsf.directory().FindToken(handle.token_name()));
  SIGTOKEN_ASSIGN(const Secret secret, token->WithRecovery([&] {
    return ReadOnce(icsf, *token, handle);
  }));
  CleansedBytes bytes(output.size());
  SIGTOKEN_TRY(TlsPrf(secret, label_and_seed, bytes));
  std::copy(bytes.begin(), bytes.end(), output.begin());
  return Ok();
}

}  // namespace

Status PseudoRandomFunction(Icsf& icsf, const PseudoRandomFunctionCall& call,
                            std::span<std::uint8_t> output) {
  SIGTOKEN_ASSIGN(const auto rules, ParseRuleArray(call.rule_array, kGroups));
  SIGTOKEN_TRY(CheckOutput(output.size()));
  return rules.front() == kPrng ? Generate(icsf, call, output)
                                : Derive(icsf, call, output);
}

}  // namespace sigtoken
