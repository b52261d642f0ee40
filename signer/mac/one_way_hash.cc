#include "signer/mac/one_way_hash.h"

#include <array>
#include <optional>
#include <utility>

#include "signer/mac/chain.h"
#include "signer/mac/digest.h"
#include "signer/mac/rsa_key.h"

namespace sigtoken {
namespace {

// ICSF Application Programmer's Guide, CSFPOWH: the rules. It has more hashes
// (MD5, RIPEMD-160) and operations (SIGN-EC and others) than are here.
constexpr std::array<std::string_view, 5> kMethods = {
    "SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512"};
constexpr std::string_view kHash = "HASH";
constexpr std::string_view kSign = "SIGN-RSA";
constexpr std::string_view kVerify = "VER-RSA";
constexpr std::array<std::string_view, 3> kOperations = {kHash, kSign, kVerify};

// One call, as it was understood.
struct Request {
  const HashMethod* method;
  std::string_view operation;
  ChainStep step;
  ChainTerms terms;

  const Handle& key() const { return *terms.key; }
  // HASH belongs to no token of the caller's.
  TokenName token() const {
    return terms.key ? terms.key->token_name() : TokenName::Omnipresent();
  }
};

Result<Request> Understand(const OneWayHashCall& call) {
  SIGTOKEN_ASSIGN(
      auto rules,
      ParseChainRules(call.rule_array, {{"hash method", kMethods},
                                        {"operation", kOperations, kHash}}));
  const HashMethod* method = FindHashMethod(rules.keywords[0]);
  if (method == nullptr) return Fault("a keyword of CSFPOWH has no hash");
  const std::string_view operation = rules.keywords[1];
  std::optional<Handle> key;
  if (operation != kHash) {
    SIGTOKEN_ASSIGN(key, KeyHandleOf(call.handle));
  }
  return Request{method,
                 operation,
                 rules.step,
                 {"CSFPOWH", std::move(rules.keywords), std::move(key)}};
}

Status CheckKey(Icsf& icsf, const Request& request) {
  if (request.operation == kSign) return CheckRsaSigner(icsf, request.key());
  if (request.operation == kVerify) {
    SIGTOKEN_TRY(FindRsaVerifier(icsf, request.key()));
  }
  return Ok();
}

Status CheckRoom(std::string_view what, const OneWayHashCall& call,
                 std::size_t needed) {
  if (call.hash.size() >= needed) return Ok();
  return OutputTooShort(what, call.hash.size(), needed);
}

// What becomes of the whole text, whose digest this is.
Result<OneWayHashAnswer> Answer(Icsf& icsf, const Request& request,
                                const OneWayHashCall& call,
                                const Digest& digest) {
  OneWayHashAnswer answer;
  SIGTOKEN_ASSIGN(auto hash, digest.Hash());
  if (request.operation == kHash) {
    SIGTOKEN_TRY(CheckRoom("the hash", call, hash.size()));
    answer.hash = std::move(hash);
  } else if (request.operation == kSign) {
    SIGTOKEN_ASSIGN(answer.hash, SignRsa(icsf, request.key(),
                                         DigestInfo(*request.method, hash)));
    SIGTOKEN_TRY(CheckRoom("the signature", call, answer.hash.size()));
  } else {
    SIGTOKEN_ASSIGN(const RsaPublicKey key,
                    FindRsaVerifier(icsf, request.key()));
    SIGTOKEN_ASSIGN(answer.verified,
                    VerifyRsaPkcs(key, *request.method, hash, call.hash));
  }
  return answer;
}

Status Begin(Icsf& icsf, const Request& request, const OneWayHashCall& call) {
  SIGTOKEN_TRY(CheckKey(icsf, request));
  SIGTOKEN_ASSIGN(Digest digest, Digest::Begin(*request.method));
  SIGTOKEN_TRY(digest.Update(call.text));
  return BeginChain(icsf.states(), request.token(), request.terms,
                    std::move(digest), call.chain_data);
}

Status GoOn(Icsf& icsf, const Request& request, const OneWayHashCall& call) {
  SIGTOKEN_ASSIGN(
      HeldChain chain,
      HeldChain::Find(icsf.states(), call.chain_data, request.terms));
  return chain.work<Digest>().Update(call.text);
}

Result<OneWayHashAnswer> End(Icsf& icsf, const Request& request,
                             const OneWayHashCall& call) {
  SIGTOKEN_ASSIGN(
      HeldChain chain,
      HeldChain::Find(icsf.states(), call.chain_data, request.terms));
  // The chain's own stays as it is, for a LAST that does better.
  SIGTOKEN_ASSIGN(Digest digest, chain.work<Digest>().Copy());
  SIGTOKEN_TRY(digest.Update(call.text));
  auto answer = Answer(icsf, request, call, digest);
  // Numbers are not given twice: no key comes back under this handle.
  if (answer || ToIcsf(answer.error()) == kObjectNotFound) chain.End();
  return answer;
}

Result<OneWayHashAnswer> Whole(Icsf& icsf, const Request& request,
                               const OneWayHashCall& call) {
  SIGTOKEN_ASSIGN(Digest digest, Digest::Begin(*request.method));
  SIGTOKEN_TRY(digest.Update(call.text));
  auto answer = Answer(icsf, request, call, digest);
  if (answer) ClearChainData(call.chain_data);
  return answer;
}

}  // namespace

Result<OneWayHashAnswer> OneWayHash(Icsf& icsf, const OneWayHashCall& call) {
  SIGTOKEN_ASSIGN(const Request request, Understand(call));
  switch (request.step) {
    case ChainStep::kFirst:
      SIGTOKEN_TRY(Begin(icsf, request, call));
      return OneWayHashAnswer{};
    case ChainStep::kMiddle:
      SIGTOKEN_TRY(GoOn(icsf, request, call));
      return OneWayHashAnswer{};
    case ChainStep::kLast:
      return End(icsf, request, call);
    case ChainStep::kOnly:
      return Whole(icsf, request, call);
  }
  return Fault("a chain has no such step");
}

}  // namespace sigtoken
