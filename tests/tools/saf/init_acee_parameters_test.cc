// What IRRSIA00 says of parameters; that it refuses them is in
// irrsia00_test.cc.

#include "tools/saf/init_acee_parameters.h"

#include <functional>
#include <vector>

#include "tests/tools/saf/calls.h"

namespace sigtoken::testing {
namespace {

using saf::InitAceeParameters;

// Good ones, to be spoilt.
class InitAceeParametersTest : public ::testing::Test {
 protected:
  InitAceeParametersTest() {
    EXPECT_EQ(acee_init(&acee_, "USER01"), 0);
    given_.function_code = &function_;
    given_.appl_id = "\6APPL01";
    given_.acee2_ptr = &acee_address_;
    given_.idta_ptr = &idta_address_;
  }

  // The message and the cure, with a colon between; "" for good ones.
  static std::string Why(const InitAceeParameters& given) {
    const auto parameters = saf::ReadGenIdt(given);
    if (parameters) return "";
    EXPECT_EQ(ToIcsf(parameters.error()), kParameterInvalid);
    return parameters.error().message + ": " + parameters.error().cure;
  }

  std::uint8_t function_ = INTA_GENIDT;
  ACEE acee_{};
  ACEE* acee_address_ = &acee_;
  IDTA idta_{};
  IDTA* idta_address_ = &idta_;
  InitAceeParameters given_{};
};

TEST_F(InitAceeParametersTest, AreApplicationUserAndIdta) {
  const auto parameters = saf::ReadGenIdt(given_);
  ASSERT_TRUE(parameters);
  EXPECT_EQ(parameters->appl, "APPL01");
  EXPECT_EQ(parameters->user, "USER01");
  EXPECT_EQ(parameters->idta, &idta_);
}

TEST_F(InitAceeParametersTest, EachOneThatIsNotTakenIsNamed) {
  const std::vector<std::pair<const char*, const void* InitAceeParameters::*>>
      parameters = {
          {"Attributes", &InitAceeParameters::attributes},
          {"RACF_userid", &InitAceeParameters::racf_userid},
          {"ACEE_ptr", &InitAceeParameters::acee_ptr},
          {"Password", &InitAceeParameters::password},
          {"Logstring", &InitAceeParameters::logstring},
          {"Certificate", &InitAceeParameters::certificate},
          {"ENVR_in", &InitAceeParameters::envr_in},
          {"ENVR_out", &InitAceeParameters::envr_out},
          {"Output_area", &InitAceeParameters::output_area},
          {"X500name", &InitAceeParameters::x500_name},
          {"Variable_list", &InitAceeParameters::variable_list},
          {"Security_label", &InitAceeParameters::security_label},
          {"SERVAUTH_name", &InitAceeParameters::servauth_name},
          {"Password_phrase", &InitAceeParameters::password_phrase},
          {"IDID_area", &InitAceeParameters::idid_area},
      };
  const std::string area(16, '\1');
  for (const auto& [name, member] : parameters) {
    InitAceeParameters spoilt = given_;
    spoilt.*member = area.data();
    EXPECT_EQ(Why(spoilt),
              std::string(name) +
                  " is given, and not zero: function X'07' does not take it: "
                  "pass NULL, or zeros");
  }
}

TEST_F(InitAceeParametersTest, EachAletIsNamed) {
  const std::int32_t one = 1;
  const std::vector<std::pair<const char*, const void* InitAceeParameters::*>>
      alets = {
          {"the ALET of SAF_return_code",
           &InitAceeParameters::saf_return_code_alet},
          {"the ALET of RACF_return_code",
           &InitAceeParameters::racf_return_code_alet},
          {"the ALET of RACF_reason_code",
           &InitAceeParameters::racf_reason_code_alet},
          {"ACEE2_ALET", &InitAceeParameters::acee2_alet},
      };
  for (const auto& [name, member] : alets) {
    InitAceeParameters spoilt = given_;
    spoilt.*member = &one;
    EXPECT_EQ(Why(spoilt), std::string(name) +
                               " is not zero: pass 0: there is one address "
                               "space");
  }
}

TEST_F(InitAceeParametersTest, FunctionsAreNamed) {
  const std::vector<std::pair<std::uint8_t, const char*>> functions = {
      {0, "X'00', which there is not"},
      {1, "X'01', Create an ACEE"},
      {2, "X'02', Delete an ACEE"},
      {3, "X'03', Purge all managed ACEEs"},
      {4, "X'04', Register a certificate"},
      {5, "X'05', Deregister a certificate"},
      {6, "X'06', Query a certificate"},
      {8, "X'08', which there is not"},
      {0xAF, "X'AF', which there is not"}};
  for (const auto& [code, name] : functions) {
    function_ = code;
    EXPECT_EQ(Why(given_),
              "function " + std::string(name) +
                  ", is refused: X'07', Generate an IDT from an ACEE, is there "
                  "alone");
  }
}

TEST_F(InitAceeParametersTest, WhatIsMissingIsNamed) {
  const std::vector<std::pair<const char*, const void* InitAceeParameters::*>>
      needed = {{"Function_code is not given: pass X'07'",
                 &InitAceeParameters::function_code},
                {"APPL_id is not given: function X'07' needs it",
                 &InitAceeParameters::appl_id},
                {"ACEE2_ptr is not given: function X'07' needs it",
                 &InitAceeParameters::acee2_ptr},
                {"IDTA_ptr is not given: function X'07' needs it",
                 &InitAceeParameters::idta_ptr}};
  for (const auto& [why, member] : needed) {
    InitAceeParameters spoilt = given_;
    spoilt.*member = nullptr;
    EXPECT_EQ(Why(spoilt), why);
  }
}

TEST_F(InitAceeParametersTest, TheApplicationIsNamed) {
  given_.appl_id = "\0";
  EXPECT_EQ(Why(given_),
            "the length of APPL_id is 0: function X'07' needs a name of 1 to 8 "
            "characters");
  given_.appl_id = "\6appl01";
  EXPECT_EQ(Why(given_),
            "'appl01' is not valid as application name in APPL_id: write it in "
            "upper case: APPL01");
}

// In any area, at any address: the sanitizers look.
TEST_F(InitAceeParametersTest, NoneNeedBeAligned) {
  std::string area(64, '\0');
  given_.attributes = given_.certificate = given_.output_area = area.data() + 1;
  std::string addresses(1 + 2 * sizeof(void*), '\0');
  std::memcpy(addresses.data() + 1, &acee_address_, sizeof(void*));
  std::memcpy(addresses.data() + 1 + sizeof(void*), &idta_address_,
              sizeof(void*));
  given_.acee2_ptr = addresses.data() + 1;
  given_.idta_ptr = addresses.data() + 1 + sizeof(void*);
  EXPECT_EQ(Why(given_), "");
}

}  // namespace
}  // namespace sigtoken::testing
