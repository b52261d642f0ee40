// What the first call of a process finds. Each test looks at it in a child of
// fork(), which begins anew.

#include "tools/saf/services.h"

#include <cstdlib>

#include "tests/forked.h"
#include "tests/tools/saf/calls.h"

namespace sigtoken::testing {
namespace {

class SafServicesTest : public SafTest {
 protected:
  static void Close() {
    setenv("SIGTOKEN_CONFIG", "/nonexistent/sigtoken.toml", 1);
  }
};

TEST_F(SafServicesTest, InitAceeIsSixteenFourUntilThereIsAConfiguration) {
  EXPECT_EQ(InChild([] {
              Close();
              InitAceeCall call;
              if (call.Call() != SafCodes{8, 16, 4}) return 1;
              const IDTA& idta = call.idta.area;
              if (idta.IDTA_IDT_Gen_RC != IDTA_IDT_GEN_RC_ICSF_UNAVAIL ||
                  idta.IDTA_IDT_Len != 0 || idta.IDTA_IDT_Prop_Out != 0) {
                return 2;
              }
              unsetenv("SIGTOKEN_CONFIG");
              return call.Call() == SafCodes{0, 0, 0} ? 0 : 3;
            }),
            0);
}

TEST_F(SafServicesTest, WhatIsWrongWithTheRequestGoesBeforeTheConfiguration) {
  EXPECT_EQ(InChild([] {
              Close();
              InitAceeCall parameter;
              parameter.function = INTA_CREATE;
              if (parameter.Call() != SafCodes{8, 8, 4}) return 1;
              InitAceeCall field;
              field.idta.area.IDTA_ID[0] = '?';
              return field.Call() == SafCodes{8, 12, 1} ? 0 : 2;
            }),
            0);
}

// Nobody knows whether the user is revoked.
TEST_F(SafServicesTest, RacrouteLetsNobodyInWithoutAConfiguration) {
  const std::string token = SignedToken();
  EXPECT_EQ(InChild([&] {
              Close();
              RacrouteCall call;
              if (call.Call() != SafCodes{8, 0x6C, 0xA0B}) return 1;
              if (call.acee.ACEEUSRL != 0) return 2;
              RacrouteCall validation;
              validation.idta.Give(token);
              if (validation.Call() != SafCodes{8, 0x6C, 0xA0B}) return 3;
              if (validation.idta.area.IDTA_IDT_Len != 0) return 4;
              unsetenv("SIGTOKEN_CONFIG");
              return call.Call() == SafCodes{0, 0, 0} ? 0 : 5;
            }),
            0);
}

TEST_F(SafServicesTest, AChildTakesWhatItsParentHasMade) {
  RacrouteCall call;
  ASSERT_EQ(call.Call(), (SafCodes{0, 0, 0}));
  EXPECT_EQ(InChild([&] {
              call.keywords.PASSWRD = nullptr;
              return call.Call() == SafCodes{0, 0, 0} ? 0 : 1;
            }),
            0);
}

}  // namespace
}  // namespace sigtoken::testing
