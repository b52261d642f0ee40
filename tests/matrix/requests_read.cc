#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "pkcs11/tokens/token_random.h"
#include "signer/idt/generate.h"
#include "signer/idt/validate.h"
#include "signer/jws/compact.h"
#include "tests/import_key.h"
#include "tests/matrix/requests.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken::testing {
namespace {

constexpr Instant kNow{1'736'963'652'106'359'000};

void Open(World& world) { world.Open(); }
void Close(World& world) { world.Close(); }

Status ExpectRight(const Result<Mac>& made) {
  if (!made) return made.error();
  EXPECT_EQ(std::vector(made->bytes().begin(), made->bytes().end()),
            World::right_mac())
      << "a wrong MAC";
  return Ok();
}

Status Sign(World& world) {
  return ExpectRight(world.signer().Sign(Hs256(), World::text()));
}

Status FindAndSign(World& world) {
  SIGTOKEN_ASSIGN(const Key key,
                  world.directory().FindKey("IDT.KEYS:00000001T"));
  return ExpectRight(key.Sign(Hs256(), World::text()));
}

Status OpenAndSign(World& world) {
  SIGTOKEN_TRY(world.TryOpen());
  return FindAndSign(world);
}

Status VerifyRight(const Key& key) {
  SIGTOKEN_ASSIGN(const bool fits,
                  key.Verify(Hs256(), World::text(), World::right_mac()));
  if (fits) return Ok();
  return Refusal(kMacNotVerified, CKR_SIGNATURE_INVALID,
                 "a right MAC was refused", "");
}

Status VerifyWrong(const Key& key) {
  auto wrong = World::right_mac();
  wrong.back() ^= 1;
  SIGTOKEN_ASSIGN(const bool fits, key.Verify(Hs256(), World::text(), wrong));
  EXPECT_FALSE(fits) << "a wrong MAC was taken";
  return Ok();
}

Status Generate(World& world) {
  GenerateRequest request;
  request.service = IdtService::kInitAcee;
  request.appl = World::kAppl;
  request.user = World::kUser;
  request.now = kNow;
  request.key.rules = RulesOf(world.directory());
  const GenerateResult result = GenerateIdt(request);
  EXPECT_EQ(result.returned, !result.error);
  if (result.error) {
    // 12/8 is an error of ICSF, which is there.
    const IcsfCode icsf = ToIcsf(*result.error);
    const bool there = icsf.return_code == 8 || icsf == kServiceNotAvailable;
    EXPECT_EQ(result.idt_gen_rc,
              there ? kGenRcIcsfError : kGenRcIcsfUnavailable);
    EXPECT_EQ(result.code,
              there ? kInitAceeIcsfError : kInitAceeIcsfUnavailable);
    EXPECT_EQ(result.token, "");
    return *result.error;
  }
  const CompactJws token = Must(CompactJws::Parse(result.token));
  const auto signature = token.signature();
  EXPECT_EQ(std::vector(signature.begin(), signature.end()),
            OpenSslMac(Hs256(), World::value(), token.signing_input()))
      << "a wrong signature";
  return Ok();
}

std::string TokenMadeElsewhere() {
  std::string token = MakeSigningInput(
      R"({"alg":"HS256"})",
      R"({"jti":"00E04D2A6355870000000000000000001","txn":"00E04D2A6355870000000000000000001","iss":"saf",)"
      R"("sub":"USER1","aud":["APPL1"],"iat":1736963652,"exp":1736963952,)"
      R"("amr":["saf-acee"]})");
  const auto mac = OpenSslMac(Hs256(), World::value(), AsBytes(token));
  AppendSignature(token, mac);
  return token;
}

Status Validate(World& world) {
  ValidateRequest request;
  request.token = TokenMadeElsewhere();
  request.appl = World::kAppl;
  request.at = kNow;
  request.key.rules = RulesOf(world.directory());
  const ValidateResult result = ValidateIdt(request);
  EXPECT_NE(result.code, kSignatureNotValid) << "it would revoke the user";
  EXPECT_EQ(result.valid, !result.error) << result.reason;
  if (result.error) return *result.error;
  return Ok();
}

Status Random(World& world) {
  SIGTOKEN_ASSIGN(const auto bytes, RandomBytesOf(world.token(), 32));
  EXPECT_EQ(bytes.size(), 32U);
  EXPECT_FALSE(std::all_of(bytes.begin(), bytes.end(),
                           [](std::uint8_t byte) { return byte == 0; }));
  return Ok();
}

// What cannot be told of a key, it is left out for, and named.
Status List(World& world) {
  SIGTOKEN_ASSIGN(const KeyList list, ListKeys(world.token()));
  EXPECT_EQ(list.keys.size() + list.left_out.size() + list.half_made.size(),
            World::kKeys);
  return Ok();
}

Status Tokens(World& world) {
  SIGTOKEN_TRY(world.TryOpen());
  SIGTOKEN_ASSIGN(const auto names, world.directory().Names());
  EXPECT_EQ(names.size(), 2U);
  for (const TokenName& name : names) {
    SIGTOKEN_ASSIGN(const auto token, world.directory().FindToken(name));
    EXPECT_EQ(Trimmed(token->info().label), "faulty");
  }
  return Ok();
}

Status Login(World& world) {
  SIGTOKEN_TRY(world.TryOpen());
  SIGTOKEN_ASSIGN(const auto token, world.directory().FindToken(
                                        Must(TokenName::Parse(World::kName))));
  return token->Login();
}

}  // namespace

std::vector<Request> ReadingRequests() {
  using enum RequestKind;
  return {
      {"tokens", kOpens, Close, Tokens},
      {"login", kOpens, Close, Login},
      {"1st sign", kOpens, Close, OpenAndSign},
      {"sign", kReads, Open, Sign},
      {"re-sign", kReads, Open, Sign, nullptr,
       "C_Sign 1 return CKR_DEVICE_REMOVED"},
      {"find", kReads, Open, FindAndSign},
      {"verify", kReads, Open,
       [](World& world) { return VerifyRight(world.signer()); }},
      {"refuse", kReads, Open,
       [](World& world) { return VerifyWrong(world.signer()); }},
      {"verify V", kReads, Open,
       [](World& world) { return VerifyRight(world.verifier()); }},
      {"refuse V", kReads, Open,
       [](World& world) { return VerifyWrong(world.verifier()); }},
      {"idt gen", kReads, Open, Generate},
      {"idt val", kReads, Open, Validate},
      {"random", kReads, Open, Random},
      {"keys", kLists, Open, List},
  };
}

std::span<const Request> Requests() {
  static const auto* const requests = [] {
    auto* all = new std::vector<Request>(ReadingRequests());
    const auto add = [&](const std::vector<Request>& more) {
      all->insert(all->end(), more.begin(), more.end());
    };
    add(ChangingRequests());
#ifndef SIGTOKEN_SANITIZED  // They take twice the time of the others.
    add(ServiceRequests());
    add(ObjectRequests());
    add({HsmTestRequest()});
#endif
    return all;
  }();
  return *requests;
}

}  // namespace sigtoken::testing
