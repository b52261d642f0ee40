// Which keys can be made in the token, and brought into it.

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "pkcs11/base/codes.h"
#include "pkcs11/capabilities/checks.h"
#include "pkcs11/capabilities/proof.h"
#include "pkcs11/capabilities/raw_calls.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/key_size.h"
#include "pkcs11/tokens/recovery.h"
#include "pkcs11/tokens/trial_key.h"

namespace sigtoken {
namespace {

// What became of the keys of some sizes.
class Sizes {
 public:
  void Good(std::size_t bytes) { good_.push_back(std::to_string(bytes)); }
  void Bad(std::size_t bytes, const std::string& why) {
    auto same = std::find_if(bad_.begin(), bad_.end(), [&](const Reason& each) {
      return each.why == why;
    });
    if (same == bad_.end()) same = bad_.insert(same, Reason{why, {}});
    same->sizes.push_back(std::to_string(bytes));
  }

  bool all_good() const { return bad_.empty(); }

  // "keys of 32 and 48 bytes; 64: C_GenerateKey answered CKR_..."
  std::string Text(const std::string& what) const {
    std::string text =
        good_.empty() ? "" : what + " of " + Join(good_) + " bytes";
    for (const auto& [why, sizes] : bad_) {
      text += (text.empty() ? "" : "; ") + Join(sizes) + ": " + why;
    }
    return text;
  }

 private:
  struct Reason {
    std::string why;
    std::vector<std::string> sizes;
  };

  std::vector<std::string> good_;
  std::vector<Reason> bad_;
};

// Why a key that was made does not count; nothing for one that does.
Result<std::optional<std::string>> WhyNotMade(Scratch& scratch,
                                              const ScratchKey& key,
                                              const MacAlgorithm& algorithm) {
  SIGTOKEN_ASSIGN(Session session, scratch.Open(Access::kReadOnly));
  SIGTOKEN_ASSIGN(const auto found, Scratch::Find(session, key.id));
  if (found.size() != 1) {
    return std::optional("by its CKA_ID " + std::to_string(found.size()) +
                         " keys are found");
  }
  SIGTOKEN_ASSIGN(const auto different,
                  DifferentAttributes(session, found.front(),
                                      scratch.PlainTemplate(key.id)));
  if (!different.empty()) {
    return std::optional(Join(different) + " not as asked for");
  }
  return WhyUnfit(scratch, found.front(), algorithm);
}

// Whether two keys that were generated are one and the same.
bool AreAlike(Scratch& scratch, const ScratchKey& a, const ScratchKey& b) {
  const auto first = SignOnce(scratch, a.object, Hs256(), {});
  const auto second = SignOnce(scratch, b.object, Hs256(), {});
  return first && second && std::ranges::equal(first->bytes(), second->bytes());
}

// Whether the device failed, in place of the module refusing (recovery.h).
void NoteDevice(Known& known, const Error& error) {
  if (known.device_failed.empty() && !error.call.empty() &&
      (IsCuredByOpeningAnew(error) || error.rv == CKR_DEVICE_MEMORY)) {
    known.device_failed = AnswerOf(error);
  }
}

// Where no key was made: "missing" is what the module refuses.
CheckStatus StatusWithout(bool made_any, const Known& known) {
  return made_any || !known.device_failed.empty() ? CheckStatus::kFailed
                                                  : CheckStatus::kMissing;
}

constexpr char kNotTried[] =
    "not tried: nothing is made in a token that does not destroy it again";

// A value that nobody takes for random or for zeros.
std::vector<std::uint8_t> ValueOf(std::size_t bytes) {
  std::vector<std::uint8_t> value(bytes);
  for (std::size_t i = 0; i < bytes; ++i) {
    value[i] = static_cast<std::uint8_t>(i + 1);
  }
  return value;
}

// Why a key of that value does not do what the value does; nothing for one that
// does. `wrong_mac` becomes true for a MAC of another key.
Result<std::optional<std::string>> WhyNotThatKey(
    Scratch& scratch, const ScratchKey& key,
    std::span<const std::uint8_t> value, bool& wrong_mac) {
  for (const MacAlgorithm& algorithm : MacAlgorithms()) {
    SIGTOKEN_ASSIGN(auto why, WhyNotMade(scratch, key, algorithm));
    if (why) return why;
    const auto computed = MacComputedHere(algorithm, value, {});
    const auto mac = SignOnce(scratch, key.object, algorithm, {});
    if (!computed || !mac) continue;
    if (std::ranges::equal(mac->bytes(), *computed)) continue;
    wrong_mac = true;
    return std::optional("its " + std::string(algorithm.name) +
                         " is another key's");
  }
  return std::optional<std::string>();
}

}  // namespace

Result<Finding> CheckGenerate(Scratch& scratch) {
  Known& known = scratch.known();
  if (!known.destroys) {
    return Finding{CheckStatus::kMissing, kNotTried, "not known"};
  }
  Sizes sizes;
  bool made_any = false;
  std::optional<ScratchKey> last;
  for (std::size_t i = 0; i < known.signs.size(); ++i) {
    const MacAlgorithm& algorithm = MacAlgorithms()[i];
    auto key = scratch.GenerateKey(algorithm.mac_bytes);
    if (!key) {
      NoteDevice(known, key.error());
      sizes.Bad(algorithm.mac_bytes, AnswerOf(key.error()));
      continue;
    }
    made_any = true;
    SIGTOKEN_ASSIGN(const auto why, WhyNotMade(scratch, *key, algorithm));
    if (why) {
      sizes.Bad(algorithm.mac_bytes, *why);
      continue;
    }
    sizes.Good(algorithm.mac_bytes);
    known.signs.at(i) = true;
    last = *std::move(key);
  }
  const std::string what = sizes.Text("keys");
  if (!last) {
    return Finding{StatusWithout(made_any, known), what,
                   "'sigtoken key generate' makes no key here"};
  }
  const auto other = scratch.GenerateKey(kMaxMacBytes);
  if (other && AreAlike(scratch, *last, *other)) {
    return Finding{CheckStatus::kFailed, "it makes the same key twice",
                   "do not let it make keys"};
  }
  known.generates = true;
  if (!sizes.all_good()) {
    return Finding{CheckStatus::kLimited, what,
                   "'sigtoken key generate --bytes' makes those sizes alone"};
  }
  return Finding{CheckStatus::kOk, what,
                 "'sigtoken key generate' makes keys that never leave it"};
}

Result<Finding> CheckImport(Scratch& scratch) {
  Known& known = scratch.known();
  if (!known.destroys) {
    return Finding{CheckStatus::kMissing, kNotTried, "not known"};
  }
  constexpr std::size_t kPadded = 64;
  Sizes sizes;
  bool made_any = false;
  bool wrong_mac = false;
  bool padding_helps = true;
  // HMAC keys that are in use elsewhere: RFC 4231 has 20 and 131 bytes.
  for (const std::size_t bytes :
       {std::size_t{20}, std::size_t{32}, kPadded, std::size_t{131}}) {
    const auto value = ValueOf(bytes);
    const auto key = scratch.ImportKey(value);
    std::optional<std::string> why;
    if (!key) {
      NoteDevice(known, key.error());
      why = AnswerOf(key.error());
    } else {
      made_any = true;
      SIGTOKEN_ASSIGN(why, WhyNotThatKey(scratch, *key, value, wrong_mac));
    }
    if (!why) {
      sizes.Good(bytes);
      if (bytes == kPadded) {
        known.imports = true;
        known.signs = {true, true, true};
      }
      continue;
    }
    sizes.Bad(bytes, *why);
    padding_helps = padding_helps && bytes < kPadded &&
                    why->ends_with(CkRvName(CKR_KEY_SIZE_RANGE));
  }
  known.computes_wrong_macs = known.computes_wrong_macs || wrong_mac;
  const std::string what = sizes.Text("values");
  if (wrong_mac) {
    return Finding{CheckStatus::kFailed, what,
                   "the module holds other keys than it was given"};
  }
  if (!known.imports) {
    return Finding{StatusWithout(made_any, known), what,
                   "'sigtoken key import' brings no key into it"};
  }
  if (sizes.all_good()) {
    return Finding{CheckStatus::kOk, what,
                   "'sigtoken key import' stores keys as they are"};
  }
  return Finding{CheckStatus::kLimited, what,
                 padding_helps
                     ? "shorter keys are imported padded to 64 bytes, "
                       "which gives the same MACs"
                     : "keys of other sizes are not imported"};
}

Result<Finding> CheckTypedKeys(Scratch& scratch) {
  struct Typed {
    CK_KEY_TYPE type;
    const char* name;
  };
  // In the order of MacAlgorithms().
  constexpr std::array<Typed, 3> kTypes = {
      {{CKK_SHA256_HMAC, "CKK_SHA256_HMAC"},
       {CKK_SHA384_HMAC, "CKK_SHA384_HMAC"},
       {CKK_SHA512_HMAC, "CKK_SHA512_HMAC"}}};
  std::vector<std::string> good;
  std::string why;
  for (std::size_t i = 0; i < kTypes.size(); ++i) {
    SIGTOKEN_ASSIGN(Session owner, scratch.Open());
    Attributes attributes = TrialKey();
    attributes.Remove(CKA_KEY_TYPE);
    attributes.Number(CKA_KEY_TYPE, kTypes.at(i).type);
    SIGTOKEN_ASSIGN(Secret value, Secret::RandomHex(kMaxMacBytes));
    const auto key = CreateSecretKey(owner, attributes, value);
    const auto mac = key ? SignOnce(scratch, *key, MacAlgorithms()[i], {})
                         : Result<Mac>(key.error());
    if (mac) {
      good.emplace_back(kTypes.at(i).name);
    } else {
      why = AnswerOf(mac.error());
    }
  }
  if (good.empty()) {
    return Finding{CheckStatus::kMissing,
                   "CKK_SHA256_HMAC and its like: " + why,
                   "sigtoken needs none: its keys are CKK_GENERIC_SECRET"};
  }
  return Finding{
      good.size() == kTypes.size() ? CheckStatus::kOk : CheckStatus::kLimited,
      Join(good), "keys of these types can be adopted"};
}

Result<Finding> CheckKeySizes(Scratch& scratch) {
  constexpr std::size_t kHs256Bytes = 32;
  std::vector<std::string> least;
  std::vector<std::string> listed;
  bool one_for_all = true;
  bool any = false;
  SIGTOKEN_ASSIGN(Session session, scratch.Open(Access::kReadOnly));
  for (const MacAlgorithm& algorithm : MacAlgorithms()) {
    const std::string name(algorithm.name);
    const auto bytes =
        LeastKeyBytes(scratch.token(), scratch.held(), algorithm);
    least.push_back(bytes ? name + " from " + std::to_string(*bytes)
                          : name + " with none of up to 64");
    any = any || bytes;
    one_for_all = one_for_all && bytes && *bytes <= kHs256Bytes;
    const auto says = ListedKeySize(session, algorithm.mechanism);
    listed.push_back(says ? std::to_string(*says) : "nothing");
  }
  const std::string what =
      Join(least) + " bytes; the module lists " + Join(listed);
  if (one_for_all) {
    return Finding{CheckStatus::kOk, what,
                   "it takes keys of 32 bytes for all algorithms"};
  }
  if (!any) return Finding{CheckStatus::kFailed, what, "not known"};
  return Finding{CheckStatus::kLimited, what,
                 "each algorithm wants keys of its size: 64 bytes serve all"};
}

}  // namespace sigtoken
