#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "keygen/adopt.h"
#include "keygen/services/get_attribute_value.h"
#include "keygen/services/token_record_create.h"
#include "keygen/services/token_record_delete.h"
#include "tests/import_key.h"
#include "tests/keygen/keys_of_others.h"
#include "tests/keygen/services/service_fixture.h"
#include "tests/matrix/requests.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken::testing {
namespace {

constexpr std::size_t kRoom = 32752;

void Open(World& world) { world.Open(); }

Result<Handle> MakeData(World& world) {
  return TokenRecordCreate(
      world.icsf(), {Handle(Name(World::kName)).Format(), "OBJECT  ",
                     FormatAttributeList(DataToBring(), kOrder), kOrder});
}

// Whole: all that it was made with.
void ExpectData(World& world, const Handle& handle) {
  const auto list =
      GetAttributeValue(world.icsf(), {handle.Format(), "", kRoom, kOrder});
  ASSERT_THAT(list, IsOk());
  const auto attributes = Must(ParseAttributeList(*list, kOrder));
  for (const ListedAttribute& given : DataToBring()) {
    EXPECT_EQ(std::count_if(attributes.begin(), attributes.end(),
                            [&](const auto& each) {
                              return each.type == given.type &&
                                     std::ranges::equal(each.value,
                                                        given.value);
                            }),
              1)
        << given.type;
  }
}

Request MakeDataObject() {
  const auto made = std::make_shared<std::optional<Handle>>();
  return {"make data", RequestKind::kChanges, Open,
          [made](World& world) -> Status {
            SIGTOKEN_ASSIGN(*made, MakeData(world));
            return Ok();
          },
          [made](World& world, bool /*done*/) {
            if (!*made) return;
            const Handle handle = **made;
            made->reset();
            world.SpendNumber(handle.object()->sequence);
            ExpectData(world, handle);
            EXPECT_THAT(
                TokenRecordDelete(world.icsf(), {handle.Format(), "OBJECT  "}),
                IsOk());
          }};
}

Request DeleteDataObject() {
  const auto victim = std::make_shared<std::optional<Handle>>();
  return {"delete data", RequestKind::kChanges,
          [victim](World& world) {
            world.Open();
            if (*victim) return;
            *victim = Must(MakeData(world));
            world.SpendNumber((*victim)->object()->sequence);
          },
          [victim](World& world) {
            return TokenRecordDelete(world.icsf(),
                                     {(*victim)->Format(), "OBJECT  "});
          },
          [victim](World& world, bool done) {
            const auto list = GetAttributeValue(
                world.icsf(), {(*victim)->Format(), "", kRoom, kOrder});
            if (list) {
              EXPECT_FALSE(done);
              ExpectData(world, **victim);
              return;
            }
            EXPECT_THAT(list, FailsWith(kObjectNotFound));
            // Of a device that failed behind the destroying, the next one
            // hears.
            if (!done) {
              EXPECT_THAT(TokenRecordDelete(world.icsf(),
                                            {(*victim)->Format(), "OBJECT  "}),
                          FailsWith(kObjectNotFound));
            }
            victim->reset();
          }};
}

// The token is not written to; the key has a handle, or it has none.
Request Adopt() {
  const auto made = std::make_shared<std::optional<ObjectId>>();
  return {"adopt", RequestKind::kChanges, Open,
          [made](World& world) -> Status {
            SIGTOKEN_ASSIGN(
                const FoundKey key,
                AdoptKey(world.token(), KeysLabelled(World::kTheirs), 'T'));
            *made = *key.handle->object();
            return Ok();
          },
          [made](World& world, bool /*done*/) {
            if (!*made) return;
            const ObjectId id = **made;
            made->reset();
            world.SpendNumber(id.sequence);
            EXPECT_EQ(SignWith(Must(Key::Find(world.TokenOf(World::kName), id)),
                               "data"),
                      World::right_mac());
            EXPECT_THAT(ReleaseKey(world.token(), id), IsOk());
          }};
}

}  // namespace

std::vector<Request> ObjectRequests() {
  return {MakeDataObject(), DeleteDataObject(), Adopt()};
}

}  // namespace sigtoken::testing
