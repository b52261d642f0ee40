// What a token is kept in is taken away, replaced, or changed by others, under
// a process that goes on using it and under programs that begin then.

#include <filesystem>
#include <string>
#include <vector>

#include "pkcs11/tokens/directory.h"
#include "tests/embedded_home.h"
#include "tests/import_key.h"
#include "tests/modules/contract.h"
#include "tests/modules/staying_process.h"

namespace sigtoken::testing {
namespace {

namespace fs = std::filesystem;

// What SoftHSM2 keeps is in files, whether it is the module or behind it.
class TokenFolderTest : public ContractTest {
 protected:
  TokenFolderTest() {
    Json({"key", "import", "--token", kBound}, StayingProcess::kValue);
  }

  // What the program answers who asks for the MAC by key 1.
  std::string Program() const {
    const Outcome made =
        Run({"--json", "sign", "--key", Handle(1), "--alg", "HS256"},
            StayingProcess::kText);
    const auto document = made.json();
    if (made.status == 0) {
      return document["mac"] == StayingProcess::RightMac() ? "right"
                                                           : "a wrong MAC";
    }
    const auto& icsf = document["error"]["icsf"];
    EXPECT_EQ(icsf["return_code"], made.status);
    return icsf["return_code"].dump() + '/' + icsf["reason_code"].dump();
  }

  fs::path store() const { return module_->hsm().tokens(); }
  fs::path aside() const { return store().string() + ".aside"; }
  fs::path token_folder() const {
    return fs::directory_iterator(store())->path();
  }
  static void Copy(const fs::path& from, const fs::path& to) {
    fs::copy(from, to, fs::copy_options::recursive);
  }
};

TEST_P(TokenFolderTest, ItIsTakenAwayAndPutBack) {
  Stay(*module_, [&](const StayingProcess& process) {
    for (const fs::path& folder : {store(), token_folder()}) {
      SCOPED_TRACE(folder);
      fs::rename(folder, aside());
      EXPECT_EQ(process.Held(), "12/0");
      EXPECT_EQ(process.Found(), "12/0");
      EXPECT_EQ(process.Listed(), "12/0");
      EXPECT_EQ(process.Generated(), "12/0");
      EXPECT_EQ(process.Imported(), "12/0");
      EXPECT_EQ(process.Deleted(1), "12/0");
      EXPECT_EQ(Program(), "12/0");
      fs::rename(aside(), folder);
      process.ExpectBack();
      EXPECT_EQ(process.Listed(), "1");
      EXPECT_EQ(Program(), "right");
    }
  });
}

TEST_P(TokenFolderTest, ACopyIsTheSameToken) {
  Stay(*module_, [&](const StayingProcess& process) {
    fs::rename(store(), aside());
    Copy(aside(), store());
    fs::remove_all(aside());
    EXPECT_EQ(Program(), "right");
    process.ExpectBack();
    EXPECT_EQ(process.Generated(), "2");
    EXPECT_EQ(Keys().size(), 2U);
  });
}

TEST_P(TokenFolderTest, AnOlderBackupHasTheKeysOfThen) {
  Copy(store(), aside());
  Generate();
  Stay(*module_, [&](const StayingProcess& process) {
    EXPECT_EQ(process.Found(2), "right");
    const fs::path newer = store().string() + ".newer";
    fs::rename(store(), newer);
    fs::rename(aside(), store());
    process.ExpectBack();
    EXPECT_EQ(process.Found(2), "8/3025");
    EXPECT_EQ(Program(), "right");
    // Its number is not given out twice, for it may come back.
    EXPECT_EQ(process.Generated(), "3");
    EXPECT_EQ(Generate()["sequence"], "00000004");
    fs::rename(store(), aside());
    fs::rename(newer, store());
    process.ExpectBack();
    // SoftHSM2 2.6.1 does not look at a folder again whose count of changes
    // fits what it knows (measured): a program that begins now does.
    EXPECT_EQ(process.Found(2), "8/3025");
    EXPECT_EQ(process.Found(3), "8/3025");
  });
  const Outcome listed = Run({"--json", "key", "list"});
  EXPECT_EQ(listed.json()["keys"].size(), 2U) << listed.out;
}

// Its serial number is another one.
TEST_P(TokenFolderTest, AnotherTokenOfTheLabelIsNotTakenForIt) {
  Stay(*module_, [&](const StayingProcess& process) {
    fs::rename(store(), aside());
    fs::create_directory(store());
    module_->hsm().MakeToken(ModuleFixture::kLabel);
    EXPECT_EQ(process.Held(), "12/0");
    EXPECT_EQ(process.Found(), "12/0");
    EXPECT_EQ(process.Generated(), "12/0");
    // The URI of the configuration has the label alone, and fits that one.
    EXPECT_EQ(Program(), "8/3025");
    fs::remove_all(store());
    fs::rename(aside(), store());
    process.ExpectBack();
    EXPECT_EQ(Program(), "right");
  });
}

TEST_P(TokenFolderTest, AnotherKeyInTheKeysPlaceSignsNothing) {
  Stay(*module_, [&](const StayingProcess& process) {
    EXPECT_TRUE(RunForked([&] {
      const auto directory = Must(Directory::Open(module_->configuration()));
      const auto token = Must(directory->FindToken(Name(kBound)));
      Destroy(*token, Must(Key::Find(token, ObjectId{1, 'T'})).found().object);
      ImportKey(*token, {1, 'T'}, std::vector<std::uint8_t>(64, 'x'));
    }));
    EXPECT_EQ(process.Held(), "8/3025");
    EXPECT_EQ(process.Found(), "8/3025");
    EXPECT_EQ(Program(), "8/3025");
  });
}

// What a process makes that had logged in before is there for the others.
TEST_P(TokenFolderTest, ATokenThatIsInitialisedAnewIsEmpty) {
  Stay(*module_, [&](const StayingProcess& process) {
    module_->hsm().InitialiseAnew(ModuleFixture::kLabel);
    EXPECT_EQ(process.Held(), "8/3025");
    EXPECT_EQ(process.Found(), "8/3025");
    EXPECT_EQ(process.Listed(), "0");
    EXPECT_EQ(Program(), "8/3025");
    EXPECT_EQ(process.Generated(), "2");
    const auto keys = Keys();
    ASSERT_EQ(keys.size(), 1U);
    EXPECT_TRUE(keys[0]["kcv"].is_string()) << keys[0];
    const std::string mac = Sign(2, "HS256", "data");
    EXPECT_EQ(Verify(2, "HS256", mac, "data"), 0);
    EXPECT_EQ(process.Found(2), "right");
  });
}

INSTANTIATE_TEST_SUITE_P(SomeModules, TokenFolderTest,
                         ::testing::Values(&AllModules()[0], &AllModules()[2]),
                         ModuleName);

}  // namespace
}  // namespace sigtoken::testing
