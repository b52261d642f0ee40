#include <string>

#include "tests/private_soft_hsm2.h"
#include "tests/tools/command_line.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

// A token of SoftHSM2 that an administrator made and bound to the name
// HSM.KEYS, with a key that pkcs11-tool made.
class KeyAdoptTest : public CommandLineTest {
 protected:
  static constexpr const char* kUri = "pkcs11:object=idt-signing";
  static constexpr const char* kAdopted = "HSM.KEYS:00000001T";

  KeyAdoptTest() {
    hsm_.MakeToken("hsm");
    programs_.SetEnvironment("SOFTHSM2_CONF", hsm_.conf());
    std::filesystem::create_directory(home_);
    std::filesystem::permissions(home_, std::filesystem::perms::owner_all);
    const std::string pin = folder_.Write("pin", PrivateSoftHsm2::kPin);
    folder_.Write(
        "home/sigtoken.toml",
        "[[token]]\nname = \"HSM.KEYS\"\n"
        "uri = \"pkcs11:token=hsm?module-path=" SIGTOKEN_SOFTHSM2_MODULE
        "&pin-source=file:" +
            pin + "\"\n");
    MakeKey("idt-signing", "0A0B");
  }

  Outcome Pkcs11Tool(const Words& more) const {
    return programs_.Run(
        SIGTOKEN_PKCS11_TOOL,
        Words{"--module", SIGTOKEN_SOFTHSM2_MODULE, "--token-label", "hsm",
              "--login", "--pin", PrivateSoftHsm2::kPin} +
            more);
  }

  void MakeKey(const std::string& label, const std::string& id,
               const Words& more = {"--private", "--sensitive"}) const {
    const Outcome made =
        Pkcs11Tool(Words{"--keygen", "--key-type", "GENERIC:64", "--label",
                         label, "--id", id} +
                   more);
    ASSERT_EQ(made.status, 0) << made.err;
  }

  static Words Adopt(const std::string& uri) {
    return {"key", "adopt", uri, "--token", "HSM.KEYS"};
  }

  // What the token itself shows.
  std::string Objects() const { return Pkcs11Tool({"--list-objects"}).out; }

  const PrivateSoftHsm2 hsm_;
};

TEST_F(KeyAdoptTest, GivesTheMembersOfAKeyThatWasGenerated) {
  const json foreign = Json({"key", "show", kUri})["keys"].at(0);
  EXPECT_EQ(foreign["handle"], nullptr);
  const std::string before = Objects();
  EXPECT_EQ(Json(Adopt(kUri)),
            (json{{"handle", "HSM.KEYS                        00000001T   "},
                  {"token", "HSM.KEYS"},
                  {"sequence", "00000001"},
                  {"category", "T"},
                  {"bytes", 64},
                  {"label", "idt-signing"},
                  {"uri", foreign["uri"]},
                  {"kcv", foreign["kcv"]},
                  {"idtparms",
                   "IDTPARMS(SIGTOKEN(HSM.KEYS) SIGSEQNUM(00000001) SIGCAT(T) "
                   "SIGALG(HS256))"},
                  {"disabled", false},
                  {"existed", false},
                  {"not_kept", json::array()}}));
  EXPECT_EQ(Objects(), before);
}

TEST_F(KeyAdoptTest, AnAdoptedKeySignsUnderItsHandle) {
  const std::string by_uri =
      Json({"sign", "--key", kUri, "--alg", "HS256"}, "text")["mac"];
  Text(Adopt(kUri));
  EXPECT_EQ(Json({"sign", "--key", kAdopted, "--alg", "HS256"}, "text")["mac"],
            by_uri);
  EXPECT_EQ(Json({"key", "list"})["keys"].at(0)["sequence"], "00000001");
  EXPECT_EQ(Json({"token", "list"})["tokens"].at(0)["last_sequence"],
            "00000001");
  EXPECT_EQ(Json({"key", "generate", "--token", "HSM.KEYS"})["sequence"],
            "00000002");
}

TEST_F(KeyAdoptTest, DeleteTakesTheHandleBackAndLeavesTheKey) {
  Text(Adopt(kUri));
  const std::string before = Objects();
  EXPECT_EQ(Text({"key", "delete", kAdopted}),
            "key HSM.KEYS:00000001T is no handle any more; the key itself, "
            "which others made, stays in the token\n");
  EXPECT_EQ(Objects(), before);
  ExpectRefusal({"key", "delete", kAdopted}, kObjectNotFound,
                "there is no key HSM.KEYS:00000001T");
  ExpectRefusal({"sign", "--key", kAdopted, "--alg", "HS256"}, kObjectNotFound,
                "there is no key HSM.KEYS:00000001T");
  EXPECT_EQ(Json({"key", "list"})["keys"].at(0)["handle"], nullptr);
  // Its number does not come back.
  EXPECT_EQ(Json(Adopt(kUri))["sequence"], "00000002");
}

TEST_F(KeyAdoptTest, ForcedDeleteDestroysTheKey) {
  Text(Adopt(kUri));
  EXPECT_EQ(Text({"key", "delete", kAdopted, "--force"}),
            "key HSM.KEYS:00000001T deleted\n");
  EXPECT_EQ(Json({"key", "list"}), (json{{"keys", json::array()}}));
  EXPECT_EQ(Objects(), "");
}

TEST_F(KeyAdoptTest, ADisabledAdoptedKeyDoesNotSign) {
  Text(Adopt(kUri));
  Text({"key", "disable", kAdopted});
  ExpectRefusal({"sign", "--key", kAdopted, "--alg", "HS256"}, kObjectDisabled,
                "the key HSM.KEYS:00000001T is disabled");
  ExpectRefusal({"sign", "--key", kUri, "--alg", "HS256"}, kObjectDisabled,
                "the key HSM.KEYS:00000001T is disabled");
}

TEST_F(KeyAdoptTest, CategoryYIsForKeysThatStayInTheToken) {
  const json key = Json(Adopt(kUri) + Words{"--category", "Y"});
  EXPECT_EQ(key["handle"], "HSM.KEYS                        00000001Y   ");
  MakeKey("open", "0C", {"--private", "--extractable"});
  ExpectRefusal(Adopt("pkcs11:object=open") + Words{"--category", "Y"},
                kObjectNotFound,
                "the object is not what category 'Y' says: its "
                "CKA_SENSITIVE is not TRUE");
  EXPECT_EQ(Json(Adopt("pkcs11:object=open"))["sequence"], "00000002");
}

// Nobody is told to delete a key that is not ours.
// As pkcs11-tool makes them without --private.
TEST_F(KeyAdoptTest, AKeyThatNeedsNoPinIsTakenWithAWarningAndNotForY) {
  MakeKey("public", "0C", {});
  ExpectRefusal(Adopt("pkcs11:object=public") + Words{"--category", "Y"},
                kObjectNotFound,
                "the object is not what category 'Y' says: its CKA_PRIVATE is "
                "not TRUE");
  const Outcome outcome = Run(Adopt("pkcs11:object=public"));
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err,
            "sigtoken: warning: THIS KEY IS PUBLIC, its CKA_PRIVATE is FALSE: "
            "whoever reaches the token can sign with it without a PIN\n");
}

TEST_F(KeyAdoptTest, TheKeyMustBeTheOnlyOneOfItsLabelAndId) {
  MakeKey("twin", "01");
  MakeKey("twin", "02");
  MakeKey("twin", "02");
  ExpectRefusal(Adopt("pkcs11:object=twin;id=%02"), kHandleInvalid,
                "2 keys are with the attributes of that URI");
  EXPECT_EQ(Json(Adopt("pkcs11:object=twin;id=%01"))["sequence"], "00000001");
}

struct Mistake {
  Words words;
  IcsfCode code;
  std::string message;
};

TEST_F(KeyAdoptTest, RefusesWhatNamesNotOneKeyOfTheToken) {
  MakeKey("twin", "01");
  MakeKey("twin", "02");
  const std::string ours =
      Json({"key", "generate", "--token", "HSM.KEYS"})["uri"];
  const std::string before = Objects();
  for (const Mistake& mistake : std::vector<Mistake>{
           {Adopt("pkcs11:object=none"), kObjectNotFound,
            "there is no key with the attributes of that URI"},
           {Adopt("pkcs11:object=idt-signing;id=%01"), kObjectNotFound,
            "there is no key with the attributes of that URI"},
           {Adopt("pkcs11:object=twin"), kHandleInvalid,
            "2 keys are with the attributes of that URI"},
           {Adopt("pkcs11:token=other;object=idt-signing"), kObjectNotFound,
            "the URI names a key of another token than HSM.KEYS"},
           {Adopt("pkcs11:serial=0011;object=idt-signing"), kObjectNotFound,
            "the URI names a key of another token than HSM.KEYS"},
           {Adopt("pkcs11:"), kParameterInvalid,
            "the URI does not say which key to adopt"},
           {Adopt("pkcs11:token=hsm;type=secret-key"), kParameterInvalid,
            "the URI does not say which key to adopt"},
           {Adopt("HSM.KEYS:1T"), kParameterInvalid,
            "the text is not a usable PKCS#11 URI: it does not begin with "
            "'pkcs11:' in lower case"},
           {Adopt("PKCS11:object=idt-signing"), kParameterInvalid,
            "the text is not a usable PKCS#11 URI: it does not begin with "
            "'pkcs11:' in lower case"},
           {Adopt("pkcs11:object=idt-signing?pin-value=1234"),
            kParameterInvalid,
            "the text is not a usable PKCS#11 URI: it has a pin-value, and a "
            "PIN must not be written there"},
           {Adopt(ours), kHandleInvalid,
            "the key has a handle already: HSM.KEYS:00000001T"},
           {Adopt(kUri) + Words{"--category", "S"}, kParameterInvalid,
            "keys of category 'S' do not outlive the process that makes them"},
           {Adopt(kUri) + Words{"--category", "U"}, kParameterInvalid,
            "keys of category 'U' do not outlive the process that makes them"},
           {Adopt(kUri) + Words{"--category", "E"}, kHandleInvalid,
            "the category 'E' belongs to the regional cryptographic server, "
            "which sigtoken does not have"},
           {Adopt(kUri) + Words{"--category", "t"}, kHandleInvalid,
            "the category 't' is none of T, Y, S, X, U, Z"},
           {Adopt(kUri) + Words{"--category", "TY"}, kParameterInvalid,
            "the category 'TY' is not one letter"},
           {{"key", "adopt", kUri, "--token", "hsm.keys"},
            kHandleInvalid,
            "'hsm.keys' is not a token name"},
           {{"key", "adopt", kUri, "--token", "NONE"},
            kTokenNotFound,
            "the configuration does not bind the name NONE and does not use "
            "the embedded store"},
       }) {
    ExpectRefusal(mistake.words, mistake.code, mistake.message);
  }
  EXPECT_EQ(Objects(), before);
  EXPECT_EQ(Json({"token", "list"})["tokens"].at(0)["last_sequence"],
            "00000001");
}

TEST_F(KeyAdoptTest, AKeyIsAdoptedOnce) {
  Text(Adopt(kUri));
  ExpectRefusal(Adopt(kUri), kHandleInvalid,
                "the key has a handle already: HSM.KEYS:00000001T");
}

TEST_F(KeyAdoptTest, AKeyWithoutAHandleIsAdoptedBeforeItIsExportedOrDeleted) {
  MakeKey("open", "0C", {"--private", "--extractable"});
  const std::string file = folder_.path() / "exported";
  for (const Words& words :
       std::vector<Words>{{"key", "export", "pkcs11:object=open", "--to", file},
                          {"key", "delete", "pkcs11:object=open"}}) {
    const Outcome outcome = Run(words);
    EXPECT_EQ(outcome.status, 8);
    EXPECT_THAT(outcome.err, HasSubstr("has no handle: others made it"));
    EXPECT_THAT(outcome.err, HasSubstr("dopt it first with 'sigtoken key "
                                       "adopt'"));
  }
  Text(Adopt("pkcs11:object=open"));
  Text({"key", "export", kAdopted, "--to", file, "--format", "hex"});
  EXPECT_EQ(std::filesystem::file_size(file), 129U);
}

}  // namespace
}  // namespace sigtoken::testing
