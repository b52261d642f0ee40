// Which MACs the token computes, whether they are right, and what it does with
// wrong ones.

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "pkcs11/capabilities/checks.h"
#include "pkcs11/capabilities/proof.h"
#include "pkcs11/capabilities/raw_calls.h"
#include "pkcs11/cryptoki/mac.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/rfc4231.h"
#include "pkcs11/tokens/trial_key.h"

namespace sigtoken {
namespace {

constexpr std::string_view kData = "data";

// What came of the comparisons of one algorithm.
struct Compared {
  bool right = false;
  bool wrong = false;
  std::string why;  // It does not sign.
};

// A session key of that value; where the module takes none for a session, one
// in the token.
Result<CK_OBJECT_HANDLE> ImportForSession(Scratch& scratch, Session& owner,
                                          std::span<const std::uint8_t> value) {
  SIGTOKEN_ASSIGN(Secret secret, Secret::OfSize(value.size()));
  std::copy(value.begin(), value.end(), secret.data());
  if (auto key = CreateSecretKey(owner, TrialKey(), secret)) return key;
  SIGTOKEN_ASSIGN(const ScratchKey key, scratch.ImportKey(value));
  return key.object;
}

void Compare(Scratch& scratch, CK_OBJECT_HANDLE key,
             const MacAlgorithm& algorithm, std::span<const std::uint8_t> data,
             std::span<const std::uint8_t> right, Compared& compared) {
  const auto mac = SignOnce(scratch, key, algorithm, data);
  if (!mac) {
    compared.why = AnswerOf(mac.error());
  } else if (std::ranges::equal(mac->bytes(), right)) {
    compared.right = true;
  } else {
    compared.wrong = true;
  }
}

// By keys whose MACs are known. False: the module takes none of them.
Result<bool> CompareWithRfc4231(Scratch& scratch,
                                std::array<Compared, 3>& all) {
  bool any = false;
  for (const Rfc4231Case& row : Rfc4231Cases()) {
    SIGTOKEN_ASSIGN(Session owner, scratch.Open(Access::kReadOnly));
    const auto key = ImportForSession(scratch, owner, row.key);
    if (!key) continue;
    any = true;
    for (std::size_t i = 0; i < all.size(); ++i) {
      Compare(scratch, *key, MacAlgorithms()[i], BytesOf(row.data),
              row.macs.at(i), all.at(i));
    }
  }
  return any;
}

// By a key that the module makes and lets out, whose MACs are computed here.
// Errors: it makes none, or shows none.
Status CompareWithKeyThatLeaves(Scratch& scratch,
                                std::array<Compared, 3>& all) {
  SIGTOKEN_ASSIGN(Session owner, scratch.Open(Access::kReadOnly));
  Attributes attributes = TrialKey();
  attributes.Remove(CKA_SENSITIVE);
  attributes.Remove(CKA_EXTRACTABLE);
  attributes.Flag(CKA_SENSITIVE, false)
      .Flag(CKA_EXTRACTABLE, true)
      .Number(CKA_VALUE_LEN, kMaxMacBytes);
  SIGTOKEN_ASSIGN(const auto key, GenerateGenericSecret(owner, attributes));
  SIGTOKEN_ASSIGN(const Secret value, ReadSecretValue(owner, key));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const MacAlgorithm& algorithm = MacAlgorithms()[i];
    const auto right = MacComputedHere(algorithm, {value.data(), value.size()},
                                       BytesOf(kData));
    if (right) {
      Compare(scratch, key, algorithm, BytesOf(kData), *right, all.at(i));
    }
  }
  return Ok();
}

// With a key of which nobody knows the value.
Status SeeWhichSign(Scratch& scratch) {
  SIGTOKEN_ASSIGN(Session owner, scratch.Open(Access::kReadOnly));
  SIGTOKEN_ASSIGN(const auto key, scratch.SigningKey(owner));
  for (std::size_t i = 0; i < MacAlgorithms().size(); ++i) {
    bool& signs = scratch.known().signs.at(i);
    signs = signs || SignOnce(scratch, key, MacAlgorithms()[i], {}).has_value();
  }
  return Ok();
}

std::string NamesOf(const std::array<bool, 3>& which) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < which.size(); ++i) {
    if (which.at(i)) names.emplace_back(MacAlgorithms()[i].name);
  }
  return Join(names);
}

bool Has(const std::vector<CK_MECHANISM_TYPE>& list, CK_MECHANISM_TYPE type) {
  return std::find(list.begin(), list.end(), type) != list.end();
}

}  // namespace

Result<Finding> CheckMacs(Scratch& scratch) {
  Known& known = scratch.known();
  std::array<Compared, 3> all;
  std::string with = "of RFC 4231";
  SIGTOKEN_ASSIGN(const bool imported, CompareWithRfc4231(scratch, all));
  if (!imported) {
    with = "of a key that it let out";
    const Status compared = CompareWithKeyThatLeaves(scratch, all);
    if (!compared) {
      SIGTOKEN_TRY(SeeWhichSign(scratch));
      return Finding{CheckStatus::kLimited,
                     "not compared: the module takes no value, and shows none",
                     "compare one with whoever is to check what it signs"};
    }
  }
  std::array<bool, 3> right{};
  std::array<bool, 3> wrong{};
  std::string why;
  for (std::size_t i = 0; i < all.size(); ++i) {
    right.at(i) = all.at(i).right && !all.at(i).wrong;
    wrong.at(i) = all.at(i).wrong;
    if (!all.at(i).why.empty()) why = "; " + all.at(i).why;
    known.signs.at(i) = !wrong.at(i) && (right.at(i) || known.signs.at(i));
  }
  if (!NamesOf(wrong).empty()) {
    known.computes_wrong_macs = true;
    return Finding{CheckStatus::kFailed,
                   NamesOf(wrong) + " other than those " + with,
                   "sigtoken does not use this module: nobody could check what "
                   "it signs"};
  }
  if (NamesOf(right).empty()) {
    return Finding{CheckStatus::kMissing, "none" + why,
                   "no identity token can be signed"};
  }
  if (!why.empty()) {
    return Finding{CheckStatus::kLimited,
                   NamesOf(right) + " are those " + with + why,
                   "identity tokens have these algorithms alone"};
  }
  return Finding{CheckStatus::kOk, NamesOf(right) + " are those " + with,
                 "others can check what it signs"};
}

Result<Finding> CheckMechanisms(Scratch& scratch) {
  const Known& known = scratch.known();
  SIGTOKEN_ASSIGN(Session session, scratch.Open(Access::kReadOnly));
  SIGTOKEN_ASSIGN(const auto list, ListedMechanisms(session));
  std::vector<std::string> differs;
  for (std::size_t i = 0; i < MacAlgorithms().size(); ++i) {
    const MacAlgorithm& algorithm = MacAlgorithms()[i];
    const bool signs = known.signs.at(i);
    if (Has(list, algorithm.mechanism) == signs) continue;
    // Without a key nothing is known of what is listed.
    if (!signs && !known.tried) continue;
    differs.push_back(
        std::string(algorithm.name) +
        (signs ? " signs and is not listed" : " is listed and does not sign"));
  }
  const bool lists_making = Has(list, CKM_GENERIC_SECRET_KEY_GEN);
  if (lists_making != known.generates && known.destroys) {
    differs.emplace_back(known.generates
                             ? "keys are generated, which is not listed"
                             : "key generation is listed and does not work");
  }
  const std::string what = Count(list.size(), "mechanism") + " listed; " +
                           (differs.empty() ? "of those that sigtoken needs, "
                                              "what is listed works"
                                            : Join(differs));
  const std::string works = NamesOf(known.signs);
  if (works.empty()) {
    return Finding{
        CheckStatus::kMissing, what,
        known.tried ? "no identity token can be signed" : "not known"};
  }
  const bool all = works == NamesOf({true, true, true});
  return Finding{
      differs.empty() && all ? CheckStatus::kOk : CheckStatus::kLimited, what,
      "identity tokens with " + works +
          (differs.empty() ? "" : ": what works counts, not the list")};
}

Result<Finding> CheckOtherMacs(Scratch& scratch) {
  SIGTOKEN_ASSIGN(Session owner, scratch.Open(Access::kReadOnly));
  SIGTOKEN_ASSIGN(const auto key, scratch.SigningKey(owner));
  std::vector<std::string> good;
  std::vector<std::string> bad;
  for (const MacAlgorithm& algorithm : HmacAlgorithms()) {
    const std::string name(algorithm.name);
    if (FindMacAlgorithm(name) != nullptr) continue;
    auto& list = SignOnce(scratch, key, algorithm, {}) ? good : bad;
    list.push_back(name);
  }
  if (bad.empty()) {
    return Finding{CheckStatus::kOk, Join(good),
                   "CSFPHMG has all that ICSF's has"};
  }
  return Finding{good.empty() ? CheckStatus::kMissing : CheckStatus::kLimited,
                 good.empty() ? "none" : Join(good),
                 "CSFPHMG refuses " + Join(bad)};
}

Result<Finding> CheckVerify(Scratch& scratch) {
  const MacAlgorithm& algorithm = Hs256();
  SIGTOKEN_ASSIGN(Session owner, scratch.Open(Access::kReadOnly));
  SIGTOKEN_ASSIGN(const auto key, scratch.SigningKey(owner));
  SIGTOKEN_ASSIGN(const Mac mac,
                  SignOnce(scratch, key, algorithm, BytesOf(kData)));
  // Each in a session of its own: after an error it is of no more use.
  const auto ask = [&](std::span<const std::uint8_t> bytes,
                       std::size_t length) -> Result<CK_RV> {
    SIGTOKEN_ASSIGN(Session session, scratch.Open(Access::kReadOnly));
    return VerifyOfLength(session, key, algorithm, BytesOf(kData), bytes,
                          length);
  };
  Mac changed = mac;
  changed.data()[0] ^= 1;
  const std::size_t whole = algorithm.mac_bytes;
  SIGTOKEN_ASSIGN(const CK_RV right, ask(mac.bytes(), whole));
  SIGTOKEN_ASSIGN(const CK_RV wrong, ask(changed.bytes(), whole));
  SIGTOKEN_ASSIGN(const CK_RV longer, ask(mac.bytes(), whole + 1));
  SIGTOKEN_ASSIGN(const CK_RV shorter, ask(mac.bytes(), whole - 1));
  if (right != CKR_OK || wrong == CKR_OK) {
    return Finding{CheckStatus::kFailed,
                   right != CKR_OK
                       ? "a right MAC: " + AnswerOf("C_Verify", right)
                       : "a wrong MAC is taken for a right one",
                   "sigtoken makes no keys here: a key must verify rightly"};
  }
  std::string lax;
  if (wrong != CKR_SIGNATURE_INVALID) {
    lax = "to a wrong MAC " + AnswerOf("C_Verify", wrong);
  }
  if (longer == CKR_OK || shorter == CKR_OK) {
    lax += std::string(lax.empty() ? "" : "; ") + "a right one is taken with " +
           (longer != CKR_OK    ? "a byte less"
            : shorter != CKR_OK ? "a byte more"
                                : "a byte more or less");
  }
  if (lax.empty()) {
    return Finding{CheckStatus::kOk,
                   "wrong MACs and those of another length are refused",
                   "sigtoken signs again and compares all the same"};
  }
  return Finding{CheckStatus::kLimited, lax,
                 "C_Verify is not believed: sigtoken signs again and compares"};
}

Result<Finding> CheckShortBuffer(Scratch& scratch) {
  constexpr std::size_t kRoom = 16;
  SIGTOKEN_ASSIGN(Session owner, scratch.Open(Access::kReadOnly));
  SIGTOKEN_ASSIGN(const auto key, scratch.SigningKey(owner));
  SIGTOKEN_ASSIGN(Session session, scratch.Open(Access::kReadOnly));
  SIGTOKEN_ASSIGN(const ShortSign sign,
                  SignIntoShortBuffer(session, key, Hs256(), kRoom));
  const std::string answer = AnswerOf("C_Sign", sign.rv);
  if (sign.overran) {
    return Finding{CheckStatus::kLimited,
                   "it writes behind the buffer: " + answer,
                   "sigtoken's own have room for every MAC; beware of other "
                   "programs"};
  }
  if (sign.rv == CKR_OK) {
    return Finding{CheckStatus::kLimited, "it cuts the MAC short: " + answer,
                   "sigtoken's own have room for every MAC, and a shorter one "
                   "is refused"};
  }
  return Finding{CheckStatus::kOk, answer,
                 "sigtoken's own have room for every MAC"};
}

Result<Finding> CheckEmptyData(Scratch& scratch) {
  SIGTOKEN_ASSIGN(Session owner, scratch.Open(Access::kReadOnly));
  SIGTOKEN_ASSIGN(const auto key, scratch.SigningKey(owner));
  const auto mac = SignOnce(scratch, key, Hs256(), {});
  if (!mac) {
    return Finding{CheckStatus::kLimited, AnswerOf(mac.error()),
                   "keys have no check value: whether one was replaced is not "
                   "seen"};
  }
  return Finding{CheckStatus::kOk, "a MAC of no data is made",
                 "keys have a check value, by which they are known again"};
}

Result<Finding> CheckLargeData(Scratch& scratch) {
  SIGTOKEN_ASSIGN(Session owner, scratch.Open(Access::kReadOnly));
  SIGTOKEN_ASSIGN(const auto key, scratch.SigningKey(owner));
  std::size_t largest = 0;
  std::string why;
  for (const std::size_t bytes : {1024U, 4096U, 8192U, 65'536U, 1'048'576U}) {
    const std::vector<std::uint8_t> data(bytes, 'x');
    const auto mac = SignOnce(scratch, key, Hs256(), data);
    if (!mac) {
      why = "; more: " + AnswerOf(mac.error());
      break;
    }
    largest = bytes;
  }
  const std::string what = "up to " + std::to_string(largest) + " bytes";
  if (why.empty()) {
    return Finding{CheckStatus::kOk, what + " at least",
                   "identity tokens of every size are signed"};
  }
  return Finding{largest == 0 ? CheckStatus::kFailed : CheckStatus::kLimited,
                 what + why,
                 "longer claims, and longer files of 'sigtoken sign', are "
                 "refused"};
}

}  // namespace sigtoken
