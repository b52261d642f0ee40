#include "pkcs11/capabilities/capabilities.h"

#include <algorithm>

#include "pkcs11/base/printable.h"
#include "pkcs11/cryptoki/objects.h"
#include "tests/capabilities.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::Must;

constexpr const char* kNoGenerate =
    "C_GenerateKey * return CKR_FUNCTION_NOT_SUPPORTED\n";
constexpr const char* kNoImport =
    "C_CreateObject * return CKR_ATTRIBUTE_VALUE_INVALID\n";

class TryModuleTest : public testing::CapabilitiesTest {
 protected:
  void SetUp() override { Must(token().LoginUntried()); }

  Capabilities All(const std::string& script = "") {
    fault_.Script(script);
    auto all = Must(TryAll());
    fault_.Script("");
    return all;
  }
  // Every attribute of every object, in an order of their own.
  std::vector<std::string> Everything() {
    return testing::Change(token(), [](Session& session) {
      std::vector<std::string> all;
      for (const auto object : Must(FindObjects(session, Attributes()))) {
        std::string text;
        for (const CK_ATTRIBUTE_TYPE type :
             {CKA_CLASS, CKA_TOKEN, CKA_PRIVATE, CKA_LABEL, CKA_APPLICATION,
              CKA_VALUE, CKA_OBJECT_ID, CKA_KEY_TYPE, CKA_ID, CKA_SENSITIVE,
              CKA_SIGN, CKA_VERIFY, CKA_VALUE_LEN, CKA_EXTRACTABLE, CKA_LOCAL,
              CKA_MODIFIABLE, CKA_ALLOWED_MECHANISMS}) {
          const auto value = ReadBytes(session, object, type);
          text += value ? Hex(*value) + "," : "-,";
        }
        all.push_back(text);
      }
      std::sort(all.begin(), all.end());
      return all;
    });
  }
  // A key and a data object of others.
  void PutOthers() {
    testing::Import(token(), testing::KeyToImport(
                                 "theirs", std::vector<std::uint8_t>(64, 7)));
    testing::Import(token(), Attributes()
                                 .Number(CKA_CLASS, CKO_DATA)
                                 .Flag(CKA_TOKEN, true)
                                 .Flag(CKA_PRIVATE, true)
                                 .Text(CKA_LABEL, kScratchLabel)
                                 .Text(CKA_VALUE, "theirs"));
  }
  // Of all sessions, as another part of the program does it.
  void LogOut() {
    const auto held = Must(token().Change());
    Session session = Must(token().OpenSession(held, Access::kReadOnly));
    ASSERT_EQ(session.functions().C_Logout(session.handle()), CKR_OK);
  }
  std::size_t OpenSessions() const {
    return fault_.Calls("C_OpenSession") - fault_.Calls("C_CloseSession");
  }
};

TEST_F(TryModuleTest, EachCheckHasItsPlace) {
  std::vector<std::string_view> announced;
  TryOptions options;
  options.on_check = [&](std::string_view name,
                         const std::vector<CheckResult>& found) {
    EXPECT_EQ(found.size(), announced.size());
    announced.push_back(name);
  };
  const auto all = Must(TryModule(token(), recipe_, options));
  std::vector<std::string_view> names;
  for (const CheckResult& check : all.checks) {
    names.push_back(check.name);
    EXPECT_NE(check.finding.detail, "") << check.name;
    EXPECT_NE(check.finding.consequence, "") << check.name;
  }
  EXPECT_EQ(names, CheckNames());
  EXPECT_EQ(announced, names);
  EXPECT_TRUE(all.ok);
  EXPECT_FALSE(all.left_any);
  EXPECT_EQ(all.verdict,
            "this token works with sigtoken: keys are generated and imported");
  EXPECT_EQ(OpenSessions(), 1U);
}

TEST_F(TryModuleTest, WhatOthersHaveInTheTokenIsNotTouched) {
  PutOthers();
  const auto before = Everything();
  ASSERT_EQ(before.size(), 2U);
  EXPECT_TRUE(All().ok);
  EXPECT_EQ(Everything(), before);
  // Where much goes wrong, too.
  EXPECT_FALSE(All("C_Sign * corrupt").ok);
  EXPECT_EQ(Everything(), before);
  EXPECT_EQ(fault_.Calls("C_InitToken") + fault_.Calls("C_SetPIN") +
                fault_.Calls("C_InitPIN"),
            0U);
}

TEST_F(TryModuleTest, TheVerdictFollowsFromWhatWorks) {
  struct Row {
    std::string script;
    bool ok;
    std::string verdict;
  };
  const std::string works =
      "this token works with sigtoken, within limits: keys are ";
  const std::string does_not = "this token does not work with sigtoken: ";
  const std::string none = does_not +
                           "it neither makes an HMAC key nor takes one, and "
                           "has none of others";
  for (const Row& row : std::vector<Row>{
           {kNoGenerate, true, works + "imported, and not generated"},
           {kNoImport, true, works + "generated, and not imported"},
           {std::string(kNoGenerate) + kNoImport, false, none},
           {"C_Sign * corrupt", false, does_not + "its MACs are wrong"},
           {"C_Sign * truncate 1", false, does_not + "its keys do not sign"},
           {"C_Sign * lengthen 1", false, does_not + "its keys do not sign"},
           {"C_SignInit * return CKR_MECHANISM_INVALID", false,
            does_not + "its keys do not sign"},
           {"C_GetAttributeValue * flip-attribute CKA_SENSITIVE", false, none},
           {"C_GenerateKey * drop-attribute CKA_SENSITIVE", true,
            works + "imported, and not generated"},
           {"C_Verify * return CKR_OK", false, none},
           {"C_CreateObject * same-key", false,
            does_not + "its MACs are wrong"}}) {
    SCOPED_TRACE(row.script);
    const Capabilities all = All(row.script);
    EXPECT_EQ(all.ok, row.ok);
    EXPECT_EQ(all.verdict, row.verdict);
    EXPECT_FALSE(all.left_any);
    EXPECT_EQ(Objects(), 0U);
    EXPECT_EQ(OpenSessions(), 1U);
  }
}

// As tpm2-pkcs11, whose keys its own tool makes.
TEST_F(TryModuleTest, KeysOfOthersAreEnough) {
  PutOthers();
  const Capabilities all = All(std::string(kNoGenerate) + kNoImport);
  EXPECT_TRUE(all.ok);
  EXPECT_EQ(all.verdict,
            "this token works with sigtoken, within limits: keys that others "
            "made there are adopted, and none is made");
  EXPECT_EQ(TextOfCheck(all, "verify"),
            "missing: not tried: no key can be made -> not known");
  EXPECT_EQ(TextOfCheck(all, "speed"),
            "missing: not tried: no key can be made -> not known");
  // But none that cannot be tried while the device fails.
  const std::string fails =
      "C_GenerateKey * return CKR_DEVICE_ERROR\n"
      "C_CreateObject * return CKR_DEVICE_MEMORY\n";
  const Capabilities failing = All(fails);
  EXPECT_FALSE(failing.ok);
  EXPECT_EQ(failing.verdict,
            "this token does not work with sigtoken: no key can be made now "
            "(C_GenerateKey answered CKR_DEVICE_ERROR: the device may be full, "
            "read-only or out of order; mend it and run this again)");
  EXPECT_EQ(TextOfCheck(failing, "generate"),
            "failed: 32, 48 and 64: C_GenerateKey answered CKR_DEVICE_ERROR -> "
            "'sigtoken key generate' makes no key here");
  EXPECT_THAT(TextOfCheck(failing, "mechanisms"),
              ::testing::EndsWith("does not work -> not known"));
  // Nor those that do not sign.
  EXPECT_FALSE(All("C_Sign * truncate 1").ok);
}

TEST_F(TryModuleTest, TwoSessionsAreNotEnoughToMakeKeys) {
  const Capabilities all = All("* * most-sessions 1");
  EXPECT_FALSE(all.ok);
  EXPECT_EQ(TextOfCheck(all, "sessions"),
            "limited: 2 at once; more: C_OpenSession answered "
            "CKR_SESSION_COUNT -> at most 1 threads of all programs sign at "
            "once");
  EXPECT_EQ(TextOfCheck(all, "generate").substr(0, 7), "failed:");
  const Capabilities none = All("* * most-sessions 0");
  EXPECT_FALSE(none.ok);
  EXPECT_EQ(none.verdict,
            "this token does not work with sigtoken: it has no session to sign "
            "in");
}

TEST_F(TryModuleTest, SevenSessionsWillDo) {
  const Capabilities all = All("* * most-sessions 6");
  EXPECT_TRUE(all.ok);
  EXPECT_EQ(TextOfCheck(all, "sessions"),
            "limited: 7 at once; more: C_OpenSession answered "
            "CKR_SESSION_COUNT -> at most 6 threads of all programs sign at "
            "once");
  EXPECT_EQ(TextOfCheck(all, "threads"),
            "limited: C_OpenSession answered CKR_SESSION_COUNT -> fewer than 8 "
            "threads sign at once");
}

TEST_F(TryModuleTest, WhatIsNotDestroyedIsSaid) {
  const Capabilities all = All("C_DestroyObject * return CKR_FUNCTION_FAILED");
  EXPECT_TRUE(all.ok);
  EXPECT_EQ(all.verdict,
            "this token works with sigtoken, within limits: it destroys no "
            "object, so 'sigtoken key delete' is impossible and a scratch key "
            "stays");
  EXPECT_EQ(TextOfCheck(all, "destroy"),
            "failed: what the checks before have made was not destroyed -> "
            "'sigtoken key delete' is impossible, and a scratch key stays");
  EXPECT_TRUE(all.left_any);
  EXPECT_EQ(TextOfCheck(all, "scratch objects"),
            "failed: 4 objects made, not all are destroyed: C_DestroyObject "
            "answered CKR_FUNCTION_FAILED -> destroy what is labelled "
            "'sigtoken hsm test' with the vendor's tool");
  EXPECT_EQ(TextOfCheck(all, "import"),
            "missing: not tried: nothing is made in a token that does not "
            "destroy it again -> not known");
  // Nothing more was made.
  EXPECT_EQ(Objects(), 4U);
  const Capabilities next = All();
  EXPECT_EQ(TextOfCheck(next, "scratch objects"),
            "ok: 20 objects made and destroyed; 4 of an interrupted run too -> "
            "the token is as it was before");
  EXPECT_EQ(Objects(), 0U);
}

// They may be there and not be shown.
TEST_F(TryModuleTest, WhatWasNotDestroyedAtFirstIsSaid) {
  const Capabilities all =
      All("C_DestroyObject 1-9 return CKR_FUNCTION_FAILED");
  EXPECT_TRUE(all.left_any);
  EXPECT_EQ(all.verdict,
            "this token works with sigtoken, within limits: it did not destroy "
            "an object, so 'sigtoken key delete' is not to be relied on");
  EXPECT_EQ(TextOfCheck(all, "destroy"),
            "failed: what the checks before have made was not destroyed -> "
            "'sigtoken key delete' is not to be relied on: use the vendor's "
            "tool");
  EXPECT_EQ(TextOfCheck(all, "scratch objects"),
            "limited: 4 objects made, none of them is to be seen now; to "
            "destroy one: C_DestroyObject answered CKR_FUNCTION_FAILED -> look "
            "for what is labelled 'sigtoken hsm test' with the vendor's tool");
  EXPECT_EQ(Objects(), 0U);
}

TEST_F(TryModuleTest, ADeviceThatGoesAwayIsNotAvailable) {
  fault_.Script("C_OpenSession 20- return CKR_DEVICE_REMOVED");
  const auto gone = TryAll();
  EXPECT_THAT(gone, FailsWith(kNotAvailable));
  EXPECT_EQ(gone.error().rv, CKR_DEVICE_REMOVED);
}

TEST_F(TryModuleTest, ALoginThatIsLostIsNotAvailable) {
  TryOptions options;
  options.on_check = [&](std::string_view name, const auto& /*found*/) {
    if (name == "macs") LogOut();
  };
  const auto gone = TryModule(token(), recipe_, options);
  EXPECT_THAT(gone, FailsWith(kNotAvailable));
  EXPECT_EQ(gone.error().rv, CKR_USER_NOT_LOGGED_IN);
}

// SoftHSM2 on a full disk makes keys that it does not know again.
TEST_F(TryModuleTest, WhatTheModuleHasLostIsNotSaidToBeDestroyed) {
  const Capabilities all =
      All("C_DestroyObject * return CKR_OBJECT_HANDLE_INVALID\n"
          "C_FindObjects * return CKR_OK");
  EXPECT_THAT(TextOfCheck(all, "scratch objects"),
              ::testing::AllOf(
                  ::testing::StartsWith("failed: "),
                  ::testing::EndsWith(
                      " made, and lost by the module before they were "
                      "destroyed -> see whether the device has room, and what "
                      "is left on it")));
}

TEST_F(TryModuleTest, ALoginThatIsNoOtherSessionsIsOfNoUse) {
  LogOut();
  const Capabilities all = All();
  EXPECT_FALSE(all.ok);
  EXPECT_EQ(all.verdict,
            "this token does not work with sigtoken: it has no session to sign "
            "in");
}

}  // namespace
}  // namespace sigtoken
