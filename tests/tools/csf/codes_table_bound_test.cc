// The table of codes, for what depends on the module and on the configuration:
// each row is a process of its own.

#include "tests/tools/csf/bound_programs.h"
#include "tests/tools/csf/codes_given.h"

namespace sigtoken::testing {
namespace {

class CodesTableBoundTest : public BoundProgramsTest {
 protected:
  void Check(const std::string& what, const Words& words,
             const std::string& codes) const {
    const Asked asked = Ask(words, "text");
    EXPECT_EQ(asked.codes, codes) << what;
    if (asked.codes == codes) NoteGiven(codes);
  }
  void CheckEach(const std::string& what, const std::string& codes) const {
    const std::string key = Padded(kBound) + "00000001T   ";
    Check(what, {"list", kBound, "4", "label"}, codes);
    Check(what, {"hmac", key, "SHA-256 "}, codes);
    Check(what, {"hash", key, "SHA-256 SIGN-RSA"}, codes);
  }
};

TEST_F(CodesTableBoundTest, Signatures) {
  MakePair("jwt");
  const std::string own = Find(kPrivate, "jwt");
  const std::string open = Find(kPublic, "jwt");
  const std::string wrong(512, 'a');
  Check("signs", {"hash", own, "SHA-256 SIGN-RSA"}, "0/0");
  Check("wrong", {"hash", open, "SHA-256 VER-RSA ", wrong}, "4/11000");
  Check("short", {"hash", open, "SHA-256 VER-RSA ", "aa"}, "4/11000");
  Check("empty", {"hash", open, "SHA-256 VER-RSA ", ""}, "4/11000");
  Check("a private key's HMAC", {"hmac", own, "SHA-256 "}, "8/3039");
}

TEST_F(CodesTableBoundTest, AWrongPin) {
  Configure("file:" + folder_.Write("wrong", "4321").string());
  CheckEach("a wrong PIN", "8/16000");
}

TEST_F(CodesTableBoundTest, AConfigurationThatCannotBeRead) {
  folder_.Write("home/sigtoken.toml", "[[token]\n");
  CheckEach("no TOML", "12/0");
  Check("no TOML", {"random", kBound}, "12/0");
  folder_.Write("home/sigtoken.toml", "no_such_key = 1\n");
  CheckEach("an unknown key", "12/0");
}

TEST_F(CodesTableBoundTest, AModuleThatIsNotThere) {
  folder_.Write("home/sigtoken.toml",
                "[[token]]\nname = \"" + std::string(kBound) +
                    "\"\nuri = \"pkcs11:token=hsm?module-path="
                    "/nonexistent/module.so&pin-source=file:" +
                    (folder_.path() / "pin").string() + "\"\n");
  CheckEach("no module", "12/0");
  Check("no module", {"random", kBound}, "12/0");
}

TEST_F(CodesTableBoundTest, ATokenThatIsNotThere) {
  folder_.Write("home/sigtoken.toml",
                "[[token]]\nname = \"" + std::string(kBound) +
                    "\"\nuri = \"pkcs11:token=nobodys?module-path=" +
                    std::string(SIGTOKEN_SOFTHSM2_MODULE) +
                    "&pin-source=file:" + (folder_.path() / "pin").string() +
                    "\"\n");
  CheckEach("no token", "12/0");
}

TEST_F(CodesTableBoundTest, AModuleThatFails) {
  fault_.Script("C_GetTokenInfo * return CKR_DEVICE_REMOVED\n");
  CheckEach("the device is gone", "12/0");
}

}  // namespace
}  // namespace sigtoken::testing
