#include "signer/mac/hmac.h"

#include <array>
#include <string>
#include <utility>

#include "signer/mac/chain.h"
#include "signer/mac/collected_text.h"

namespace sigtoken {
namespace {

// ICSF Application Programmer's Guide, CSFPHMG: the rules.
constexpr std::array<std::string_view, 8> kKeywords = {
    "MD5",     "SHA-1",   "SHA-224",  "SHA-256",
    "SHA-384", "SHA-512", "SSL3-MD5", "SSL3-SHA"};

// One call, as it was understood.
struct Request {
  const MacAlgorithm* algorithm;
  CK_ATTRIBUTE_TYPE use;  // CKA_SIGN or CKA_VERIFY
  ChainStep step;
  ChainTerms terms;

  const Handle& key() const { return *terms.key; }
};

Result<Request> Understand(std::string_view service, CK_ATTRIBUTE_TYPE use,
                           const HmacCall& call) {
  SIGTOKEN_ASSIGN(auto rules,
                  ParseChainRules(call.rule_array, {{"algorithm", kKeywords}}));
  SIGTOKEN_ASSIGN(Handle key, KeyHandleOf(call.key_handle));
  const MacAlgorithm* algorithm = FindHmacAlgorithm(rules.keywords.front());
  if (algorithm == nullptr) return Fault("a keyword of CSFPHMG has no MAC");
  return Request{algorithm,
                 use,
                 rules.step,
                 {service, std::move(rules.keywords), std::move(key)}};
}

// The key, which may do what it is asked for.
Result<Key> KeyFor(Icsf& icsf, const Request& request) {
  SIGTOKEN_ASSIGN(Key key, icsf.FindKey(request.key()));
  SIGTOKEN_TRY(key.MayBeUsed(request.use));
  return key;
}

Status Begin(Icsf& icsf, const Request& request, const HmacCall& call) {
  SIGTOKEN_TRY(KeyFor(icsf, request));
  CollectedText text;
  SIGTOKEN_TRY(text.Append(call.text));
  return BeginChain(icsf.states(), request.key().token_name(), request.terms,
                    std::move(text), call.chain_data);
}

Status GoOn(Icsf& icsf, const Request& request, const HmacCall& call) {
  SIGTOKEN_ASSIGN(
      HeldChain chain,
      HeldChain::Find(icsf.states(), call.chain_data, request.terms));
  return chain.work<CollectedText>().Append(call.text);
}

// What `finish(key, text)` gives.
template <typename Finish>
auto Compute(Icsf& icsf, const Request& request,
             std::span<const std::uint8_t> text, const Finish& finish)
    -> decltype(finish(std::declval<const Key&>(), text)) {
  SIGTOKEN_ASSIGN(const Key key, icsf.FindKey(request.key()));
  auto result = finish(key, text);
  if (result || ToIcsf(result.error()) != kObjectNotFound) return result;
  // The key was one of those that are kept. Looked for anew, it may be there
  // again, or there is more to say of why it is not.
  icsf.Forget(request.key());
  SIGTOKEN_ASSIGN(const Key again, icsf.FindKey(request.key()));
  return finish(again, text);
}

// No key will come back under this handle: numbers are not given twice, and
// session objects do not outlive their login.
bool IsGone(const Error& error) {
  const IcsfCode code = ToIcsf(error);
  return code == kObjectNotFound || code == kSessionObjectGone;
}

// Takes back what a last call has added, also where memory runs out in it: a
// chain that has ended does not hear of it any more.
class TextCutBack {
 public:
  explicit TextCutBack(CollectedText& text)
      : text_(text), before_(text.size()) {}
  TextCutBack(const TextCutBack&) = delete;
  TextCutBack& operator=(const TextCutBack&) = delete;
  ~TextCutBack() { text_.CutTo(before_); }

 private:
  CollectedText& text_;
  std::size_t before_;
};

// Compute() over the text of a chain and that of its last call.
template <typename Finish>
auto End(Icsf& icsf, const Request& request, const HmacCall& call,
         const Finish& finish)
    -> decltype(finish(std::declval<const Key&>(), call.text)) {
  SIGTOKEN_ASSIGN(
      HeldChain chain,
      HeldChain::Find(icsf.states(), call.chain_data, request.terms));
  auto& text = chain.work<CollectedText>();
  const TextCutBack cut_back(text);
  SIGTOKEN_TRY(text.Append(call.text));
  auto result = Compute(icsf, request, text.bytes(), finish);
  if (result || IsGone(result.error())) chain.End();
  return result;
}

// LAST and ONLY.
template <typename Finish>
auto Finished(Icsf& icsf, const Request& request, const HmacCall& call,
              const Finish& finish)
    -> decltype(finish(std::declval<const Key&>(), call.text)) {
  if (request.step == ChainStep::kLast) {
    return End(icsf, request, call, finish);
  }
  auto result = Compute(icsf, request, call.text, finish);
  if (result) ClearChainData(call.chain_data);
  return result;
}

}  // namespace

Result<std::optional<Mac>> GenerateHmac(Icsf& icsf, const HmacCall& call,
                                        std::size_t room) {
  SIGTOKEN_ASSIGN(const Request request, Understand("CSFPHMG", CKA_SIGN, call));
  if (!EndsChain(request.step)) {
    SIGTOKEN_TRY(request.step == ChainStep::kFirst ? Begin(icsf, request, call)
                                                   : GoOn(icsf, request, call));
    return std::optional<Mac>();
  }
  const MacAlgorithm& algorithm = *request.algorithm;
  SIGTOKEN_ASSIGN(
      Mac mac, Finished(icsf, request, call,
                        [&](const Key& key,
                            std::span<const std::uint8_t> text) -> Result<Mac> {
                          SIGTOKEN_TRY(key.MayBeUsed(CKA_SIGN));
                          if (room < algorithm.mac_bytes) {
                            return OutputTooShort("the MAC", room,
                                                  algorithm.mac_bytes);
                          }
                          return key.Sign(algorithm, text);
                        }));
  return std::optional<Mac>(mac);
}

Result<bool> VerifyHmac(Icsf& icsf, const HmacCall& call,
                        std::span<const std::uint8_t> hmac) {
  SIGTOKEN_ASSIGN(const Request request,
                  Understand("CSFPHMV", CKA_VERIFY, call));
  if (!EndsChain(request.step)) {
    SIGTOKEN_TRY(request.step == ChainStep::kFirst ? Begin(icsf, request, call)
                                                   : GoOn(icsf, request, call));
    return true;
  }
  const MacAlgorithm& algorithm = *request.algorithm;
  return Finished(
      icsf, request, call,
      [&](const Key& key, std::span<const std::uint8_t> text) -> Result<bool> {
        SIGTOKEN_TRY(key.MayBeUsed(CKA_VERIFY));
        if (hmac.size() < algorithm.mac_bytes) {
          return Refusal(kLengthInvalid, CKR_SIGNATURE_LEN_RANGE,
                         "the MAC to verify has " +
                             std::to_string(hmac.size()) + " bytes, not " +
                             std::to_string(algorithm.mac_bytes),
                         "pass the whole MAC");
        }
        return key.Verify(algorithm, text, hmac.first(algorithm.mac_bytes));
      });
}

}  // namespace sigtoken
