// What the state store knows of a token, against what its module shows or says.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "keygen/generate.h"
#include "pkcs11/store/token_records.h"
#include "tests/faulty_token.h"
#include "tests/import_key.h"
#include "tests/keygen/keys_of_others.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;
using testing::Name;
using testing::WithFlag;

class ForeignStoreTest : public testing::FaultyTokenTest {
 protected:
  // What the other part of the program does in the end.
  void FinalizeForOthers() {
    token_.reset();
    directory_.reset();
    Must(Module::Load({testing::FaultModule::path(), "", ""}))
        ->functions()
        .C_Finalize(nullptr);
  }
};

// Another part of this program had initialised the module with its own store,
// in which a token has the label of ours.
TEST_F(ForeignStoreTest, ATokenOfTheSameLabelIsKnownByItsSerialNumber) {
  Must(GenerateKey(token(), {}));
  const std::string ours = token().identity().serial;
  Reopen();
  const testing::PrivateSoftHsm2 others;
  others.MakeToken("faulty");
  const auto logins = fault_.Calls("C_Login");
  fault_.Script("C_Initialize * already-initialized");
  const auto found = directory_->FindToken(Name(kName));
  EXPECT_THAT(found, FailsWith(kNotAvailable));
  EXPECT_THAT(MessageOf(found),
              ::testing::StartsWith("the token IDT.KEYS has the serial number "
                                    "'" +
                                    ours + "', and the module shows '"));
  EXPECT_EQ(fault_.Calls("C_Login"), logins);
  FinalizeForOthers();
}

TEST_F(ForeignStoreTest, TheSameTokenIsUsedWhoeverInitialisedItsModule) {
  Must(GenerateKey(token(), {}));
  Reopen();
  fault_.Script("C_Initialize * already-initialized");
  EXPECT_THAT(FindKey(1).Sign(Hs256(), {}), IsOk());
  FinalizeForOthers();
}

TEST_F(ForeignStoreTest, ADeletedTokenWhoseObjectsStayIsTold) {
  Must(GenerateKey(token(), {}));
  Must(GenerateKey(token(), {}));
  fault_.Script("C_DestroyObject * return CKR_OK");
  const auto deleted = directory_->DeleteToken(Name(kName), true);
  EXPECT_THAT(deleted, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(deleted),
            "of the objects of the token IDT.KEYS, 2 are still there after "
            "they were destroyed");
  EXPECT_TRUE(Must(FindTokenRecord(directory_->database(), Name(kName))));
  EXPECT_THAT(FindKey(2).Sign(Hs256(), {}), IsOk());
  fault_.Script("");
  EXPECT_THAT(directory_->DeleteToken(Name(kName), true), IsOk());
  EXPECT_FALSE(Must(FindTokenRecord(directory_->database(), Name(kName))));
}

// In the place of a key that was not to be read is one that may be.
TEST_F(ForeignStoreTest, AKeyThatCameToBeReadableIsRefused) {
  const std::vector<std::uint8_t> value(64, 7);
  testing::Import(token(),
                  WithFlag(testing::KeyToImport("IDT.KEYS:00000001T", value),
                           CKA_EXTRACTABLE, true));
  ObjectRecord record =
      RecordFor(FindKey(1).found(), Must(AddressBook::Of(token())));
  const auto put = [&](bool exportable) {
    record.exportable = exportable;
    auto transaction = Must(directory_->database().Begin());
    Must(PutTokenRecord(directory_->database(),
                        {Name(kName), "", "", "", 1, {}, token().identity()}));
    Must(PutObjectRecord(directory_->database(), Name(kName), record));
    Must(transaction.Commit());
  };
  put(true);
  EXPECT_THAT(FindKey(1).Sign(Hs256(), {}), IsOk());
  put(false);
  const auto found = Key::Find(token_, {1, 'T'});
  EXPECT_THAT(found, FailsWith(kObjectNotFound));
  EXPECT_THAT(MessageOf(found),
              ::testing::StartsWith("nobody asked for a key whose value may be "
                                    "read, and its "));
}

}  // namespace
}  // namespace sigtoken
