#include "keygen/known_answer.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "pkcs11/cryptoki/mac.h"
#include "pkcs11/tokens/key_size.h"

namespace sigtoken {
namespace {

constexpr std::string_view kText = "sigtoken: known answer of a new key";

std::span<const std::uint8_t> Text() {
  return {reinterpret_cast<const std::uint8_t*>(kText.data()), kText.size()};
}

std::vector<const MacAlgorithm*> AlgorithmsToTry(const KeySpec& spec,
                                                 bool every_algorithm) {
  if (spec.algorithm != nullptr) return {spec.algorithm};
  std::vector<const MacAlgorithm*> algorithms = {&Hs256()};
  for (const MacAlgorithm& algorithm : MacAlgorithms()) {
    if (&algorithm != &Hs256() &&
        (every_algorithm || algorithm.mac_bytes <= spec.bytes)) {
      algorithms.push_back(&algorithm);
    }
  }
  return algorithms;
}

Error WrongAnswer(std::string_view call, std::string_view what) {
  return Error{CKR_DEVICE_ERROR, std::string(call),
               "the new key does not work: " + std::string(what) +
                   "; it was destroyed again",
               "the module or its device is faulty: try again, then replace it",
               kNotAvailable};
}

class Trial {
 public:
  Trial(Token& token, const HostLock::Exclusive& held, CK_OBJECT_HANDLE key,
        const MacAlgorithm& algorithm)
      : token_(token), held_(held), key_(key), algorithm_(algorithm) {}

  Result<Mac> Sign() {
    SIGTOKEN_ASSIGN(Session session,
                    token_.OpenSession(held_, Access::kReadOnly));
    return SignMac(session, key_, algorithm_, Text());
  }

  Result<bool> Verify(const Mac& mac) {
    SIGTOKEN_ASSIGN(Session session,
                    token_.OpenSession(held_, Access::kReadOnly));
    return VerifyMac(session, key_, algorithm_, Text(), mac.bytes());
  }

  // NSS calls a wrong MAC a device error; whether the device is well the right
  // MAC shows.
  Status RefusesWrong(Mac mac) {
    mac.data()[0] ^= 1;
    const auto verified = Verify(mac);
    if (!verified && (verified.error().rv != CKR_DEVICE_ERROR ||
                      verified.error().call != "C_Verify")) {
      return verified.error();
    }
    if (verified && *verified) {
      return WrongAnswer("C_Verify", "the module takes a MAC that is wrong");
    }
    return Ok();
  }

 private:
  Token& token_;
  const HostLock::Exclusive& held_;
  CK_OBJECT_HANDLE key_;
  const MacAlgorithm& algorithm_;
};

Status Try(Trial& trial, const KeySpec& spec, const MacAlgorithm& algorithm) {
  if (spec.verify_only) return trial.RefusesWrong(Mac(algorithm.mac_bytes));
  SIGTOKEN_ASSIGN(const Mac mac, trial.Sign());
  SIGTOKEN_ASSIGN(const Mac again, trial.Sign());
  const auto first = mac.bytes();
  const auto second = again.bytes();
  if (!std::equal(first.begin(), first.end(), second.begin(), second.end())) {
    return WrongAnswer("C_Sign", "it signs the same text differently");
  }
  if (!spec.may_verify) return Ok();
  SIGTOKEN_ASSIGN(const bool verified, trial.Verify(mac));
  if (!verified) {
    return WrongAnswer("C_Verify", "the module refuses its own MAC");
  }
  return trial.RefusesWrong(mac);
}

}  // namespace

Status CheckKnownAnswer(Token& token, const HostLock::Exclusive& held,
                        CK_OBJECT_HANDLE key, const KeySpec& spec,
                        bool every_algorithm) {
  for (const MacAlgorithm* algorithm : AlgorithmsToTry(spec, every_algorithm)) {
    Trial trial(token, held, key, *algorithm);
    auto tried = Try(trial, spec, *algorithm);
    if (tried) continue;
    if (tried.error().rv != CKR_KEY_SIZE_RANGE) return tried;
    return KeyTooShort(token, held, std::move(tried).error(), *algorithm,
                       spec.bytes);
  }
  return Ok();
}

}  // namespace sigtoken
