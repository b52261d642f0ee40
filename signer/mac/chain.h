// Chains: one text in several calls of a callable service.

#ifndef SIGNER_MAC_CHAIN_H_
#define SIGNER_MAC_CHAIN_H_

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/icsf/rule_array.h"
#include "pkcs11/objects/state_objects.h"

namespace sigtoken {

enum class ChainStep { kFirst, kMiddle, kLast, kOnly };

inline bool EndsChain(ChainStep step) {
  return step == ChainStep::kLast || step == ChainStep::kOnly;
}

// What a chain is begun with. Whoever goes on with it says the same.
struct ChainTerms {
  std::string_view service;  // "CSFPHMG"
  // As ParseRuleArray() gives them, without that of chaining.
  std::vector<std::string_view> keywords;
  std::optional<Handle> key;  // Nothing where the service looks at none.
};

struct ChainRules {
  std::vector<std::string_view> keywords;  // Of each group given its own.
  ChainStep step = ChainStep::kOnly;
};

// What a rule array says, FIRST, MIDDLE, LAST or ONLY among it; ONLY holds
// where none of them is there. Errors: as ParseRuleArray().
Result<ChainRules> ParseChainRules(std::string_view rule_array,
                                   std::vector<RuleGroup> groups);

// The handle of a key: all 44 characters count. Errors: kHandleInvalid, also
// for that of a token or of a state object.
Result<Handle> KeyHandleOf(std::string_view text);

// Zeros in all of it: no chain goes on from there.
void ClearChainData(ChainData chain_data);

// Puts `state` into `token`, and its reference into `chain_data`. Errors: as
// StateObjects::Add().
template <typename Work>
class Chain;
template <typename Work>
Status BeginChain(StateObjects& states, const TokenName& token,
                  ChainTerms terms, Work work, ChainData chain_data) {
  const bool secure = terms.key && (terms.key->object()->category == 'Y' ||
                                    terms.key->object()->category == 'X');
  return states.Add(
      token, secure,
      std::make_shared<Chain<Work>>(std::move(terms), std::move(work)),
      chain_data);
}

// The state of a chain, whatever its service.
class ChainOfTerms : public ChainState {
 public:
  explicit ChainOfTerms(ChainTerms terms) : terms_(std::move(terms)) {}

  // Whether a call with these terms may go on with it. Errors:
  // kSessionObjectGone for another service, kRuleArrayInvalid for another
  // keyword, kHandleInvalid for another key.
  Status Check(const ChainTerms& terms) const;

 private:
  const ChainTerms terms_;
};

// With what the service keeps.
template <typename Work>
class Chain : public ChainOfTerms {
 public:
  Chain(ChainTerms terms, Work begun)
      : ChainOfTerms(std::move(terms)), work(std::move(begun)) {}

  Work work;
};

// A chain that is gone on with: no other thread does so meanwhile.
class HeldChain {
 public:
  // Errors: kSessionObjectGone; as ChainOfTerms::Check().
  static Result<HeldChain> Find(StateObjects& states, ChainData chain_data,
                                const ChainTerms& terms);

  // What BeginChain() was given. Precondition: the service has one type of it.
  template <typename Work>
  Work& work() {
    return static_cast<Chain<Work>&>(*state_).work;
  }

  // Frees the state. The chain data stay as they are: who frees the state
  // object in them once more is told that it is gone (kObjectGone), as on z/OS.
  void End();

 private:
  HeldChain(StateObjects& states, ChainData chain_data,
            std::shared_ptr<ChainOfTerms> state,
            std::unique_lock<std::mutex> lock)
      : states_(&states),
        chain_data_(chain_data),
        state_(std::move(state)),
        lock_(std::move(lock)) {}

  StateObjects* states_;
  ChainData chain_data_;
  std::shared_ptr<ChainOfTerms> state_;
  std::unique_lock<std::mutex> lock_;  // Of the state: goes first.
};

}  // namespace sigtoken

#endif  // SIGNER_MAC_CHAIN_H_
