#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "keygen/export.h"
#include "keygen/services/get_attribute_value.h"
#include "keygen/services/pseudo_random_function.h"
#include "keygen/services/token_record_create.h"
#include "keygen/services/token_record_delete.h"
#include "keygen/services/token_record_list.h"
#include "keygen/tls_prf.h"
#include "signer/mac/hmac.h"
#include "signer/mac/one_way_hash.h"
#include "tests/import_key.h"
#include "tests/keygen/services/service_fixture.h"
#include "tests/matrix/requests.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/rsa_keys.h"
#include "tests/signer/mac/services.h"

namespace sigtoken::testing {
namespace {

constexpr std::size_t kRoom = 32752;
constexpr std::size_t kRsaRoom = 2048;

void Open(World& world) { world.Open(); }

std::string HandleOf(ObjectId id) {
  return Handle(Name(World::kName), id).Format();
}

Status SignRsa(World& world) {
  ChainBytes chain = Unwritten();
  SIGTOKEN_ASSIGN(
      const auto answer,
      OneWayHash(world.icsf(),
                 {Rules({"SHA-256", "SIGN-RSA"}), World::text(), chain,
                  HandleOf(World::kRsaPrivate), Octets(kRsaRoom)}));
  EXPECT_TRUE(AnyRsaPair().Verifies("SHA256", World::text(), answer.hash))
      << "a wrong signature";
  return Ok();
}

Status VerifyRsa(World& world) {
  ChainBytes chain = Unwritten();
  auto signature = AnyRsaPair().Sign("SHA256", World::text());
  for (const bool right : {true, false}) {
    if (!right) signature.back() ^= 1;
    SIGTOKEN_ASSIGN(
        const auto answer,
        OneWayHash(world.icsf(),
                   {Rules({"SHA-256", "VER-RSA"}), World::text(), chain,
                    HandleOf(World::kRsaPublic), signature}));
    EXPECT_EQ(answer.verified, right);
  }
  return Ok();
}

Status DrawRandom(World& world) {
  std::vector<std::uint8_t> output(32);
  SIGTOKEN_TRY(PseudoRandomFunction(
      world.icsf(), {"PRNG    ", Handle(Name(World::kName)).Format(), {}},
      output));
  EXPECT_FALSE(std::all_of(output.begin(), output.end(),
                           [](std::uint8_t byte) { return byte == 0; }));
  return Ok();
}

// The seed "seed" and the label "label".
Status DeriveTls(World& world) {
  auto parms = FormatNumber(4, kOrder);
  const auto label_bytes = FormatNumber(5, kOrder);
  parms.insert(parms.end(), label_bytes.begin(), label_bytes.end());
  const auto text = BytesOf("seedlabel");
  parms.insert(parms.end(), text.begin(), text.end());
  std::vector<std::uint8_t> output(40);
  SIGTOKEN_TRY(PseudoRandomFunction(
      world.icsf(), {"TLS-PRF ", HandleOf(World::kExportable), parms, kOrder},
      output));
  std::vector<std::uint8_t> value = World::value();
  const Secret secret = Must(Secret::Take(value));
  std::vector<std::uint8_t> right(output.size());
  Must(TlsPrf(secret, Bytes("labelseed"), right));
  EXPECT_EQ(output, right);
  return Ok();
}

// What the module does not say of an object is not in the list.
Status GetAttributes(World& world) {
  SIGTOKEN_ASSIGN(const auto list,
                  GetAttributeValue(world.icsf(), {HandleOf(World::kSigner), "",
                                                   kRoom, kOrder}));
  EXPECT_FALSE(Must(ParseAttributeList(list, kOrder)).empty());
  return Ok();
}

Status ListObjects(World& world) {
  SIGTOKEN_ASSIGN(
      const auto answer,
      TokenRecordList(world.icsf(), {Handle(Name(World::kName)).Format(),
                                     "OBJECT  ",
                                     {},
                                     kRoom,
                                     100,
                                     kOrder}));
  EXPECT_FALSE(answer.more);
  if (answer.count == World::kObjects) return Ok();
  return Refusal(kNotAllListed, CKR_FUNCTION_FAILED, "some are left out", "");
}

Status Export(World& world) {
  SIGTOKEN_ASSIGN(const Secret value,
                  ExportKey(world.token(), World::kExportable));
  EXPECT_EQ(std::vector(value.data(), value.data() + value.size()),
            World::value());
  return Ok();
}

// A key that ends with its login: it is made for each request.
Request SignWithSessionKey() {
  const auto made = std::make_shared<std::optional<Handle>>();
  return {
      "hmac S", RequestKind::kReads,
      [made](World& world) {
        world.Open();
        if (*made) return;
        const std::string value(World::value().begin(), World::value().end());
        *made = Must(TokenRecordCreate(
            world.icsf(),
            {Handle(Name(World::kName)).Format(), "OBJECT  ",
             FormatAttributeList(
                 With(KeyToBring(value), {Flag(CKA_TOKEN, false)}), kOrder),
             kOrder}));
      },
      [made](World& world) -> Status {
        ChainBytes chain = Unwritten();
        SIGTOKEN_ASSIGN(const auto mac,
                        GenerateHmac(world.icsf(),
                                     {Rules({"SHA-256"}), World::text(), chain,
                                      (*made)->Format()},
                                     kMaxMacBytes));
        EXPECT_EQ(std::vector(mac->bytes().begin(), mac->bytes().end()),
                  World::right_mac());
        return Ok();
      },
      [made](World& world, bool /*done*/) {
        const auto gone =
            TokenRecordDelete(world.icsf(), {(*made)->Format(), "OBJECT  "});
        if (!gone) {
          EXPECT_THAT(gone, FailsWith(kSessionObjectGone));
        }
        made->reset();
      }};
}

}  // namespace

std::vector<Request> ServiceRequests() {
  using enum RequestKind;
  return {{"rsa sign", kReads, Open, SignRsa},
          {"rsa verify", kReads, Open, VerifyRsa},
          {"prng", kReads, Open, DrawRandom},
          {"tls prf", kReads, Open, DeriveTls},
          {"get", kReads, Open, GetAttributes},
          {"list", kLists, Open, ListObjects},
          {"export", kReads, Open, Export},
          SignWithSessionKey()};
}

}  // namespace sigtoken::testing
