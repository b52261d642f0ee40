// A login that another part of this process ends: whoever is asked to change
// something makes it again.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "keygen/adopt.h"
#include "keygen/copy.h"
#include "keygen/data_object.h"
#include "keygen/export.h"
#include "keygen/remove.h"
#include "keygen/replace.h"
#include "pkcs11/store/token_records.h"
#include "tests/faulty_token.h"
#include "tests/keygen/keys_of_others.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::IsOk;
using testing::Must;
using testing::Name;

class LostLoginTest : public testing::FaultyTokenTest {
 protected:
  // The module forgets the login, or all sessions.
  template <typename Lose>
  void ExpectEachChange(const Lose& lose) {
    OpenAnewWithoutPauses();
    struct Row {
      std::string what;
      std::function<Status()> change;
    };
    Icsf icsf(*directory_);
    KeySpec readable;
    readable.exportable = true;
    readable.modifiable = true;
    Must(GenerateKey(token(), readable));
    testing::Import(token(),
                    testing::TheirKey("", "theirs", testing::ValueOf(64)));
    Handle data(token().name());
    const ObjectChange label{{{CKA_LABEL, {'x'}}}, {}};
    for (const Row& row : std::vector<Row>{
             {"generate", [&] { return Done(GenerateKey(token(), {})); }},
             {"disable",
              [&] {
                return DisableKey(token(), {2, 'T'}, true);
              }},
             {"export",
              [&] {
                return Done(ExportKey(token(), {1, 'T'}));
              }},
             {"adopt",
              [&] {
                return Done(
                    AdoptKey(token(), testing::KeysLabelled("theirs"), 'T'));
              }},
             {"copy",
              [&] {
                return Done(
                    CopyKeyTo(MakerIn(token()), token(), {1, 'T'}, readable));
              }},
             {"data",
              [&]() -> Status {
                SIGTOKEN_ASSIGN(data, MakeDataObject(icsf, token(), {}));
                return Ok();
              }},
             {"replace",
              [&] { return ReplaceObject(icsf, token(), data, label); }},
             {"delete data",
              [&] { return DeleteDataObject(token(), *data.object()); }},
             {"delete",
              [&] {
                return Done(DeleteKey(token(), {2, 'T'}, false));
              }},
             {"recreate",
              [&] { return directory_->RecreateToken(Name(kName), {}); }},
             {"create",
              [&]() -> Status {
                SIGTOKEN_ASSIGN(auto forget, directory_->database().Begin());
                SIGTOKEN_TRY(
                    DeleteTokenRecord(directory_->database(), Name(kName)));
                SIGTOKEN_TRY(forget.Commit());
                return directory_->CreateToken(Name(kName), {});
              }},
             {"delete token",
              [&] { return directory_->DeleteToken(Name(kName), true); }},
         }) {
      SCOPED_TRACE(row.what);
      Must(token().Ready());
      const auto logins = fault_.Calls("C_Login");
      lose();
      EXPECT_THAT(row.change(), IsOk());
      EXPECT_EQ(fault_.Calls("C_Login"), logins + 1);
    }
  }

  template <typename T>
  static Status Done(const Result<T>& result) {
    if (!result) return result.error();
    return Ok();
  }
};

TEST_F(LostLoginTest, IsMadeAgainForEachChange) {
  ExpectEachChange([&] { LogOut(); });
}

TEST_F(LostLoginTest, SessionsThatWereClosedAreOpenedAgainForEachChange) {
  ExpectEachChange([&] {
    const auto module =
        Must(Module::Load({testing::FaultModule::path(), "", ""}));
    EXPECT_EQ(module->functions().C_CloseAllSessions(SlotId()), CKR_OK);
  });
}

}  // namespace
}  // namespace sigtoken
