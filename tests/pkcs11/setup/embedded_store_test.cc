#include "pkcs11/setup/embedded_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/cryptoki/token_setup.h"
#include "tests/embedded_home.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

namespace fs = std::filesystem;

using testing::CureOf;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::kTokenName;
using testing::MessageOf;
using testing::Must;
using testing::Name;

std::string Read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// In place, as SoftHSM2 writes.
void Write(const fs::path& file, std::string_view bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

std::vector<std::string> NamesIn(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.push_back(entry.path().filename());
  }
  return names;
}

class EmbeddedStoreTest : public testing::TokenTest {
 protected:
  fs::path Ours(const std::string& name = kTokenName) const {
    return home_.path() / "embedded" / name;
  }
  fs::path Theirs(const std::string& name = kTokenName) const {
    return home_.path() / "tokens" / Read(Ours(name) / "folder");
  }

  void Close() {
    token_.reset();
    directory_.reset();
  }

  // The MAC that the first key makes of no data, with all opened anew; or what
  // stands in the way.
  std::string MacOrError() {
    Close();
    const auto made = [&]() -> Result<Mac> {
      SIGTOKEN_ASSIGN(const auto directory,
                      Directory::Open(home_.configuration()));
      SIGTOKEN_ASSIGN(const Key key,
                      directory->FindKey(std::string(kTokenName) + ":1T"));
      return key.Sign(Hs256(), {});
    }();
    if (!made) return ToText(made.error());
    return {made->bytes().begin(), made->bytes().end()};
  }

  EmbeddedStore Store() { return Must(EmbeddedStore::Open(home_.path())); }
  HostLock::Exclusive Change() {
    return Must(
        HostLock(home_.path() / "locks", "embedded").AcquireExclusive());
  }

  // Up to where CreateToken() would commit.
  void MakeTokenWithoutCommit(const std::string& name) {
    const auto store = Store();
    const auto held = Change();
    Secret pin = Must(store.Begin(held));
    Secret so_pin = Must(Secret::RandomHex(32));
    const auto module = Must(Module::Load(store.module()));
    Must(InitializeFreeSlot(module, Name(name).Padded(), so_pin, pin));
  }
};

TEST_F(EmbeddedStoreTest, ATornTokenFileOfEveryLengthIsPutBack) {
  Generate();
  const std::string right = MacOrError();
  ASSERT_EQ(right.size(), 32U) << right;
  const fs::path file = Theirs() / "token.object";
  const std::string whole = Read(file);
  ASSERT_EQ(whole.size(), 320U);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Write(file, whole.substr(0, size));
    ASSERT_EQ(MacOrError(), right) << size;
  }
  Write(file, whole + whole);
  EXPECT_EQ(MacOrError(), right);
  fs::remove(file);
  EXPECT_EQ(MacOrError(), right);
}

TEST_F(EmbeddedStoreTest, AChangedByteOfTheTokenFileIsPutBack) {
  Generate();
  const std::string right = MacOrError();
  const fs::path file = Theirs() / "token.object";
  const std::string whole = Read(file);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string torn = whole;
    torn[at] = static_cast<char>(torn[at] ^ 0x20);
    Write(file, torn);
    ASSERT_EQ(MacOrError(), right) << at;
  }
}

TEST_F(EmbeddedStoreTest, EveryChangedByteIsSeenButThoseOfTheCounter) {
  Close();
  const auto store = Store();
  const auto held = Change();
  const auto token = Must(store.Find(held, Name(kTokenName)));
  ASSERT_TRUE(token);
  const fs::path file = Theirs() / "token.object";
  const std::string whole = Read(file);
  EXPECT_FALSE(Must(store.IsTorn(held, *token)));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string torn = whole;
    torn[at] = static_cast<char>(torn[at] ^ 1);
    Write(file, torn);
    EXPECT_EQ(Must(store.IsTorn(held, *token)), at >= 8) << at;
  }
  ASSERT_THAT(store.Repair(held, *token), IsOk());
  EXPECT_FALSE(Must(store.IsTorn(held, *token)));
}

TEST_F(EmbeddedStoreTest, ATornTokenDoesNotHinderTheOthers) {
  Generate();
  const std::string right = MacOrError();
  directory_ = Must(Directory::Open(home_.configuration()));
  Must(directory_->CreateToken(Name("OTHER"), {}));
  Close();
  Write(Theirs("OTHER") / "token.object", "");
  EXPECT_EQ(MacOrError(), right);
  EXPECT_EQ(Read(Theirs("OTHER") / "token.object").size(), 320U);
}

// Both files empty: nothing is left to put back, and nothing may be put over.
TEST_F(EmbeddedStoreTest, ACopyThatIsDamagedIsNotPutBack) {
  Generate();
  Close();
  const fs::path file = Theirs() / "token.object";
  const std::string whole = Read(file);
  for (const std::string& now : {whole, std::string()}) {
    for (const std::string& copy : {std::string(), std::string(8, 'x')}) {
      Write(file, now);
      Write(Ours() / "token.object", copy);
      EXPECT_THAT(MacOrError(),
                  ::testing::AllOf(HasSubstr("token.object"),
                                   HasSubstr("is damaged (ICSF 12/0, X'0')")));
      EXPECT_EQ(Read(file), now);
    }
  }
}

TEST_F(EmbeddedStoreTest, AnotherConfigurationOfSoftHsm2IsLeftAsItIs) {
  Generate();
  const std::string right = MacOrError();
  const fs::path conf = home_.path() / "softhsm2.conf";
  const std::string text = Read(conf);
  EXPECT_THAT(text, HasSubstr("directories.tokendir = " +
                              (home_.path() / "tokens").string() + "\n"));
  for (const char* other :
       {"directories.tokendir = /tmp\n", "#", "log.level = INFO\n"}) {
    Write(conf, other);
    EXPECT_EQ(MacOrError(),
              "'" + conf.string() +
                  "' is not the one that sigtoken writes for its embedded "
                  "store there (ICSF 12/0, X'0'). Is it yours, move it to a "
                  "folder of its own, and SOFTHSM2_CONF with it, or choose "
                  "another home with the environment variable SIGTOKEN_HOME, "
                  "or a command's with --home DIR; else remove it");
    EXPECT_EQ(Read(conf), other);
  }
  Write(conf, "");
  EXPECT_EQ(MacOrError(), right);
  EXPECT_EQ(Read(conf), text);
}

TEST_F(EmbeddedStoreTest, ATokenThatAKilledProcessHadNotFinishedIsNone) {
  Generate();
  const std::string right = MacOrError();
  fs::create_directory(home_.path() / "tokens" / "left-behind");
  MakeTokenWithoutCommit("HALF");
  fs::create_directory(home_.path() / "embedded" / ".old");
  directory_ = Must(Directory::Open(home_.configuration()));
  EXPECT_THAT(Must(directory_->Names()), ElementsAre(Name(kTokenName)));
  EXPECT_THAT(directory_->FindToken(Name("HALF")), FailsWith(kTokenNotFound));
  EXPECT_EQ(NamesIn(home_.path() / "tokens").size(), 3U);

  // The next token that is made sweeps, and the name is free.
  ASSERT_THAT(directory_->CreateToken(Name("HALF"), {}), IsOk());
  EXPECT_THAT(NamesIn(home_.path() / "embedded"),
              ::testing::UnorderedElementsAre(kTokenName, "HALF"));
  EXPECT_THAT(
      NamesIn(home_.path() / "tokens"),
      ::testing::UnorderedElementsAre(
          Theirs().filename(), Theirs("HALF").filename(), "left-behind"));
  token_ = Must(directory_->FindToken(Name("HALF")));
  EXPECT_EQ(Generate().handle->FormatShort(), "HALF:00000001T");
  EXPECT_EQ(MacOrError(), right);
}

TEST_F(EmbeddedStoreTest, ATokenWhoseRemovalWasKilledHalfWayIsNone) {
  Generate();
  Generate();
  Close();
  // Killed after the one rename, before anything was swept or forgotten.
  fs::rename(Ours(), home_.path() / "embedded" / ".old");
  directory_ = Must(Directory::Open(home_.configuration()));
  EXPECT_THAT(Must(directory_->Names()), IsEmpty());
  ASSERT_THAT(directory_->CreateToken(Name(kTokenName), {}), IsOk());
  token_ = Must(directory_->FindToken(Name(kTokenName)));
  EXPECT_EQ(Generate().handle->FormatShort(), "IDTTKN.JWT.SECRET:00000001T");
  EXPECT_EQ(NamesIn(home_.path() / "tokens").size(), 1U);
}

TEST_F(EmbeddedStoreTest, ADeletedTokenLeavesNoFiles) {
  Generate();
  ASSERT_THAT(directory_->DeleteToken(Name(kTokenName), true), IsOk());
  EXPECT_THAT(NamesIn(home_.path() / "embedded"), IsEmpty());
  EXPECT_THAT(NamesIn(home_.path() / "tokens"), IsEmpty());
}

TEST_F(EmbeddedStoreTest, ADamagedTokenIsDeletedByForceAndNoOther) {
  Generate();
  Must(directory_->CreateToken(Name("OTHER"), {}));
  const std::vector<void (*)(const fs::path&)> damages = {
      [](const fs::path& ours) { Write(ours / "folder", "nonsense"); },
      [](const fs::path& ours) {
        Write(ours / "folder", "../../../../../../etc/../etc/../etc/");
      },
      [](const fs::path& ours) { fs::remove(ours / "folder"); },
      [](const fs::path& ours) { fs::remove(ours / "token.object"); },
      [](const fs::path& ours) { Write(ours / "token.object", ""); },
      [](const fs::path& ours) { fs::remove(ours / "pin"); },
  };
  for (const auto damage : damages) {
    directory_ = Must(Directory::Open(home_.configuration()));
    damage(Ours("OTHER"));
    EXPECT_THAT(directory_->DeleteToken(Name("OTHER"), false),
                FailsWith(kNotAvailable));
    ASSERT_THAT(directory_->DeleteToken(Name("OTHER"), true), IsOk());
    EXPECT_THAT(Must(directory_->Names()), ElementsAre(Name(kTokenName)));
    ASSERT_THAT(directory_->CreateToken(Name("OTHER"), {}), IsOk());
    EXPECT_EQ(NamesIn(home_.path() / "tokens").size(), 2U);
  }
  EXPECT_EQ(MacOrError().size(), 32U);
}

// Somebody else may have put it there: it stays.
TEST_F(EmbeddedStoreTest, AFolderOfTheModuleThatNobodyKnowsIsNotRemoved) {
  Must(directory_->CreateToken(Name("OTHER"), {}));
  const fs::path theirs = Theirs("OTHER");
  fs::remove_all(Ours("OTHER"));
  Write(Ours("OTHER"), "");
  ASSERT_THAT(directory_->DeleteToken(Name("OTHER"), true), IsOk());
  ASSERT_THAT(directory_->CreateToken(Name("OTHER"), {}), IsOk());
  ASSERT_THAT(directory_->DeleteToken(Name(kTokenName), true), IsOk());
  EXPECT_THAT(NamesIn(home_.path() / "tokens"),
              ::testing::UnorderedElementsAre(theirs.filename(),
                                              Theirs("OTHER").filename()));
}

TEST_F(EmbeddedStoreTest, ADamagedTokenDoesNotStopTheOthers) {
  Generate();
  const std::string right = MacOrError();
  directory_ = Must(Directory::Open(home_.configuration()));
  Must(directory_->CreateToken(Name("OTHER"), {}));
  Close();
  const auto name_of_other = [this] {
    directory_ = Must(Directory::Open(home_.configuration()));
    EXPECT_THAT(Must(directory_->Names()),
                ElementsAre(Name(kTokenName), Name("OTHER")));
    return MessageOf(directory_->FindToken(Name("OTHER")));
  };
  const fs::path theirs = Theirs("OTHER");
  fs::remove_all(theirs);
  EXPECT_EQ(MacOrError(), right);
  EXPECT_EQ(name_of_other(), "'" + theirs.string() +
                                 "', of the token OTHER of the embedded store, "
                                 "is not there");
  Write(Ours("OTHER") / "folder", "nonsense");
  EXPECT_EQ(MacOrError(), right);
  EXPECT_EQ(name_of_other(),
            "'" + (Ours("OTHER") / "folder").string() +
                "', of the token OTHER of the embedded store, is damaged");
}

TEST_F(EmbeddedStoreTest, ADamagedTokenSaysSo) {
  Close();
  Write(Ours() / "folder", "nonsense");
  directory_ = Must(Directory::Open(home_.configuration()));
  const auto found = directory_->FindToken(Name(kTokenName));
  EXPECT_THAT(found, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(found),
            "'" + (Ours() / "folder").string() +
                "', of the token IDTTKN.JWT.SECRET of the embedded store, is "
                "damaged");
  EXPECT_EQ(CureOf(found),
            "put it back from a backup, or give the token up: sigtoken token "
            "delete --force IDTTKN.JWT.SECRET");
}

TEST_F(EmbeddedStoreTest, ASweepLeavesAloneWhatADamagedTokenMayOwn) {
  Generate();
  const std::string right = MacOrError();
  const auto store = Store();
  const std::string folder = Read(Ours() / "folder");
  Write(Ours() / "folder", "nonsense");
  EXPECT_THAT(store.Sweep(Change()), IsOk());
  Write(Ours() / "folder", folder);
  EXPECT_EQ(MacOrError(), right);
}

TEST_F(EmbeddedStoreTest, ATokenWithoutTheModulesFilesIsNotAvailable) {
  Generate();
  Close();
  fs::remove_all(Theirs());
  EXPECT_THAT(MacOrError(), HasSubstr("(ICSF 12/0, X'0')"));
}

TEST_F(EmbeddedStoreTest, NothingIsCommittedOverATokenThatIsThere) {
  const std::string pin = Read(Ours() / "pin");
  Close();
  const auto store = Store();
  const auto held = Change();
  const auto token = Must(store.Find(held, Name(kTokenName)));
  Must(store.Begin(held));
  EXPECT_THAT(store.Commit(held, token->name, token->serial()),
              FailsWith(kTokenExists));
  EXPECT_THAT(store.Commit(held, Name("NEW"), "0123456789abcdef"),
              FailsWith(kNotAvailable));
  EXPECT_EQ(Read(Ours() / "pin"), pin);
}

TEST_F(EmbeddedStoreTest, TheSerialNumberIsTheEndOfTheFolder) {
  EXPECT_EQ(
      (EmbeddedStore::Token{Name("A"), "817dd4d0-a5dd-8114-54a0-d4547606b304"}
           .serial()),
      "54a0d4547606b304");
  EXPECT_EQ((EmbeddedStore::Token{Name("A"), "left-behind"}.serial()),
            "leftbehind");
}

}  // namespace
}  // namespace sigtoken
