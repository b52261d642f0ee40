#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "keygen/generate.h"
#include "keygen/remove.h"
#include "keygen/services/generate_secret_key.h"
#include "keygen/services/set_attribute_value.h"
#include "keygen/services/token_record_create.h"
#include "keygen/services/token_record_delete.h"
#include "pkcs11/store/object_records.h"
#include "pkcs11/tokens/address_search.h"
#include "tests/import_key.h"
#include "tests/keygen/keys_of_others.h"
#include "tests/keygen/services/service_fixture.h"
#include "tests/matrix/requests.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken::testing {
namespace {

// What a request has made or is to delete.
struct Made {
  std::optional<ObjectId> id;
  std::shared_ptr<Token> token;
  std::unique_ptr<Directory> directory;
  int labels = 0;
};

void Open(World& world) { world.Open(); }

bool HasRecord(Token& token, ObjectId id) {
  return Must(FindObjectRecord(token.database(), token.name(), id)).has_value();
}

std::size_t ObjectsOf(Token& token, ObjectId id) {
  const TokenName name = token.name();
  return Change(token, [&](Session& session) {
    return Must(FindObjects(session, AddressOf(name, id))).size();
  });
}

void ExpectRight(Token& token, ObjectId id) {
  std::shared_ptr<Token> share(&token, [](Token*) {});
  const auto key = Key::Find(share, id);
  ASSERT_THAT(key, IsOk());
  const auto mac = key->Sign(Hs256(), World::text());
  ASSERT_THAT(mac, IsOk());
  EXPECT_EQ(std::vector(mac->bytes().begin(), mac->bytes().end()),
            World::right_mac());
}

// A key that was made has a number of its own and works; and goes again.
void SettleMade(World& world, Made& made, bool of_known_value) {
  if (!made.id) return;
  const ObjectId id = *std::exchange(made.id, std::nullopt);
  world.SpendNumber(id.sequence);
  EXPECT_EQ(ObjectsOf(world.token(), id), 1U);
  EXPECT_TRUE(HasRecord(world.token(), id));
  if (of_known_value) {
    ExpectRight(world.token(), id);
  } else {
    EXPECT_THAT(
        Must(Key::Find(world.TokenOf(World::kName), id)).Sign(Hs256(), {}),
        IsOk());
  }
  EXPECT_THAT(DeleteKey(world.token(), id, false), IsOk());
}

Status Remember(Made& made, const Result<MadeKey>& key) {
  if (!key) return key.error();
  made.id = *key->key.handle->object();
  return Ok();
}

Request Generate() {
  const auto made = std::make_shared<Made>();
  return {
      "generate", RequestKind::kChanges, Open,
      [made](World& world) {
        return Remember(*made, GenerateKey(world.token(), {}));
      },
      [made](World& world, bool /*done*/) { SettleMade(world, *made, false); }};
}

Request Import() {
  const auto made = std::make_shared<Made>();
  return {
      "import", RequestKind::kChanges, Open,
      [made](World& world) {
        return Remember(*made, ImportValue(world.token(), World::value()));
      },
      [made](World& world, bool /*done*/) { SettleMade(world, *made, true); }};
}

Request Copy() {
  const auto made = std::make_shared<Made>();
  return {
      "copy", RequestKind::kChanges, Open,
      [made](World& world) -> Status {
        const Handle source(Name(World::kName), World::kChangeable);
        const auto nothing = FormatAttributeList({}, kOrder);
        const auto copied = TokenRecordCreate(
            world.icsf(),
            {source.Format(), "OBJECT  COPY    ", nothing, kOrder});
        if (!copied) return copied.error();
        made->id = *copied->object();
        return Ok();
      },
      [made](World& world, bool /*done*/) { SettleMade(world, *made, true); }};
}

std::string LabelOf(World& world, ObjectId id) {
  return Must(Key::Find(world.TokenOf(World::kName), id))
      .found()
      .attributes.label;
}

Request Rename() {
  const auto made = std::make_shared<Made>();
  return {"rename", RequestKind::kChanges, Open,
          [made](World& world) -> Status {
            const Handle handle(Name(World::kName), World::kChangeable);
            const List list = {
                Text(CKA_LABEL, "label " + std::to_string(++made->labels))};
            return SetAttributeValue(
                world.icsf(), {handle.Format(), "",
                               FormatAttributeList(list, kOrder), kOrder});
          },
          [made](World& world, bool done) {
            ExpectRight(world.token(), World::kChangeable);
            const std::string label = LabelOf(world, World::kChangeable);
            const std::string fresh = "label " + std::to_string(made->labels);
            if (done) {
              EXPECT_EQ(label, fresh);
              EXPECT_EQ(ObjectsOf(world.token(), World::kChangeable), 1U);
            }
          }};
}

// Gone with its record, or there and working.
void SettleDeleted(Token& token, Made& victim, bool done) {
  const std::size_t there = ObjectsOf(token, *victim.id);
  EXPECT_LE(there, 1U);
  if (done) {
    EXPECT_EQ(there, 0U);
  }
  if (there == 0) {
    // Of a device that failed behind the destroying, the next one hears.
    if (!done) {
      EXPECT_THAT(DeleteKey(token, *victim.id, false),
                  FailsWith(kObjectNotFound));
    }
    EXPECT_FALSE(HasRecord(token, *victim.id)) << "a record without its key";
    victim.id.reset();
    return;
  }
  EXPECT_TRUE(HasRecord(token, *victim.id));
  ExpectRight(token, *victim.id);
}

Request Delete() {
  const auto victim = std::make_shared<Made>();
  return {"delete", RequestKind::kChanges,
          [victim](World& world) {
            world.Open();
            if (victim->id) return;
            victim->id = *Must(ImportValue(world.token(), World::value()))
                              .key.handle->object();
            world.SpendNumber(victim->id->sequence);
          },
          [victim](World& world) -> Status {
            SIGTOKEN_TRY(DeleteKey(world.token(), *victim->id, false));
            return Ok();
          },
          [victim](World& world, bool done) {
            SettleDeleted(world.token(), *victim, done);
          }};
}

// Of a name that shares its partition with others: its own objects go.
Request Drop() {
  const auto victim = std::make_shared<Made>();
  return {"drop", RequestKind::kChanges,
          [victim](World& world) {
            world.Open();
            if (!victim->id) {
              victim->id = *Must(ImportValue(*world.TokenOf(World::kOtherName),
                                             World::value()))
                                .key.handle->object();
            }
            world.directory().Close(Name(World::kOtherName));
          },
          [](World& world) {
            return world.directory().DeleteToken(Name(World::kOtherName), true);
          },
          [victim](World& world, bool done) {
            SettleDeleted(*world.TokenOf(World::kOtherName), *victim, done);
            if (done) {
              EXPECT_FALSE(Must(FindTokenRecord(world.directory().database(),
                                                Name(World::kOtherName))));
            }
            world.directory().Close(Name(World::kOtherName));
          }};
}

Request MakeSessionKey() {
  const auto made = std::make_shared<Made>();
  return {"session", RequestKind::kChanges, Open,
          [made](World& world) -> Status {
            const List list = {Number(CKA_CLASS, CKO_SECRET_KEY),
                               Number(CKA_KEY_TYPE, CKK_GENERIC_SECRET),
                               Flag(CKA_TOKEN, false),
                               Number(CKA_VALUE_LEN, 32)};
            const auto attributes = FormatAttributeList(list, kOrder);
            return Remember(
                *made, GenerateSecretKey(world.icsf(),
                                         {Handle(Name(World::kName)).Format(),
                                          "KEY     ",
                                          attributes,
                                          {},
                                          kOrder}));
          },
          [made](World& world, bool /*done*/) {
            if (!made->id) return;
            const Handle handle(Name(World::kName),
                                *std::exchange(made->id, std::nullopt));
            const auto key = world.icsf().FindKey(handle);
            ASSERT_THAT(key, IsOk());
            EXPECT_THAT(key->Sign(Hs256(), {}), IsOk());
            EXPECT_THAT(
                TokenRecordDelete(world.icsf(), {handle.Format(), "OBJECT  "}),
                IsOk());
          }};
}

// The module makes the token, in its free slot.
Request Create() {
  const auto made = std::make_shared<Made>();
  return {
      "create", RequestKind::kChanges,
      [made](World& world) {
        world.Close();
        if (made->directory) return;
        world.RemoveNewTokens();
        made->directory = world.OpenWithoutToken();
      },
      [made](World& /*world*/) {
        return made->directory->CreateToken(Name(World::kNewName), {});
      },
      [made](World& world, bool done) {
        EXPECT_LE(world.NewTokens().size(), 1U);
        if (!done) return;
        EXPECT_EQ(world.NewTokens().size(), 1U);
        EXPECT_THAT(
            Must(made->directory->FindToken(Name(World::kNewName)))->Login(),
            IsOk());
        made->directory.reset();
        world.RemoveNewTokens();
      }};
}

}  // namespace

std::vector<Request> ChangingRequests() {
  return {Generate(), Import(), Copy(),           Rename(),
          Delete(),   Drop(),   MakeSessionKey(), Create()};
}

}  // namespace sigtoken::testing
