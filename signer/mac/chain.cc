#include "signer/mac/chain.h"

#include <algorithm>
#include <array>
#include <string>

#include "pkcs11/base/printable.h"

namespace sigtoken {
namespace {

struct Step {
  std::string_view keyword;
  ChainStep step;
};

constexpr std::array<Step, 4> kSteps = {{{"FIRST", ChainStep::kFirst},
                                         {"MIDDLE", ChainStep::kMiddle},
                                         {"LAST", ChainStep::kLast},
                                         {"ONLY", ChainStep::kOnly}}};
constexpr std::array<std::string_view, 4> kStepKeywords = {
    kSteps[0].keyword, kSteps[1].keyword, kSteps[2].keyword, kSteps[3].keyword};

Error NoSuchChain() {
  return Refusal(kSessionObjectGone, CKR_SESSION_HANDLE_INVALID,
                 "the chain data are of no chain of this service",
                 "pass the chain data as the call before gave them back, to "
                 "the service that began the chain");
}

std::string Listed(const std::vector<std::string_view>& keywords) {
  std::string text;
  for (const std::string_view keyword : keywords) {
    if (!text.empty()) text += ' ';
    text += keyword;
  }
  return text;
}

}  // namespace

Result<ChainRules> ParseChainRules(std::string_view rule_array,
                                   std::vector<RuleGroup> groups) {
  groups.push_back({"chaining keyword", kStepKeywords, "ONLY"});
  SIGTOKEN_ASSIGN(auto keywords, ParseRuleArray(rule_array, groups));
  const auto* said = std::find_if(
      kSteps.begin(), kSteps.end(),
      [&](const Step& each) { return each.keyword == keywords.back(); });
  keywords.pop_back();
  return ChainRules{std::move(keywords), said->step};
}

Result<Handle> KeyHandleOf(std::string_view text) {
  auto handle = Handle::Parse(text);
  if (!handle) return handle;
  const auto& object = handle->object();
  if (object && object->category != 'U' && object->category != 'Z') {
    return handle;
  }
  return Refusal(kHandleInvalid, CKR_ARGUMENTS_BAD,
                 Quoted(handle->FormatShort()) + " is the handle of a " +
                     (object ? "state object" : "token") + ", not of a key",
                 "pass the 44 characters of the key's handle");
}

void ClearChainData(ChainData chain_data) {
  std::fill(chain_data.begin(), chain_data.end(), std::uint8_t{0});
}

Status ChainOfTerms::Check(const ChainTerms& terms) const {
  if (terms.service != terms_.service) return NoSuchChain();
  if (terms.keywords != terms_.keywords) {
    return Refusal(kRuleArrayInvalid, CKR_ARGUMENTS_BAD,
                   "the chain was begun with " + Listed(terms_.keywords) +
                       ", not with " + Listed(terms.keywords),
                   "pass the same keywords in all calls of a chain");
  }
  if (terms.key != terms_.key) {
    return Refusal(kHandleInvalid, CKR_ARGUMENTS_BAD,
                   "the chain was begun with the key " +
                       terms_.key->FormatShort() + ", not with " +
                       terms.key->FormatShort(),
                   "pass the same key handle in all calls of a chain");
  }
  return Ok();
}

Result<HeldChain> HeldChain::Find(StateObjects& states, ChainData chain_data,
                                  const ChainTerms& terms) {
  SIGTOKEN_ASSIGN(const auto found, states.Find(chain_data));
  auto state = std::dynamic_pointer_cast<ChainOfTerms>(found);
  if (state == nullptr) return NoSuchChain();
  SIGTOKEN_TRY(state->Check(terms));
  std::unique_lock lock(state->mutex);
  // Another thread's LAST may have ended it while this one waited.
  SIGTOKEN_TRY(states.Find(chain_data));
  return HeldChain(states, chain_data, std::move(state), std::move(lock));
}

void HeldChain::End() { states_->Remove(chain_data_); }

}  // namespace sigtoken
