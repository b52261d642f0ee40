#include "tests/tools/saf/calls.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "tests/pkcs11/temporary_folder.h"

namespace sigtoken::testing {
namespace {

constexpr char kUntouched = '?';
constexpr std::size_t kMargin = 64;

constexpr const char* kUser = "\6USER01";
constexpr const char* kAppl = "APPL01  ";
constexpr const char* kPassword = "\10password";

}  // namespace

TestIdta::TestIdta(std::uint32_t bytes) : buffer_(bytes + kMargin, kUntouched) {
  std::memcpy(area.IDTA_ID, IDTA_EYECATCHER, sizeof area.IDTA_ID);
  area.IDTA_Version = IDTA_VERSION;
  area.IDTA_Length = IDTA_LENGTH;
  area.IDTA_IDT_Buffer_Ptr = buffer_.data();
  area.IDTA_IDT_Buffer_Len = bytes;
  area.IDTA_IDT_Type = IDTA_IDT_TYPE_JWT;
  area.IDTA_IDT_Prop_In = IDTA_End_User_IDT;
}

TestIdta::TestIdta(const TestIdta& other)
    : area(other.area), buffer_(other.buffer_) {
  area.IDTA_IDT_Buffer_Ptr = buffer_.data();
}

TestIdta& TestIdta::Give(const std::string& token) {
  EXPECT_LE(token.size(), buffer_.size() - kMargin);
  std::copy(token.begin(), token.end(), buffer_.begin());
  area.IDTA_IDT_Len = static_cast<std::uint32_t>(token.size());
  return *this;
}

std::string TestIdta::token() const {
  return buffer_.substr(0, area.IDTA_IDT_Len);
}

bool TestIdta::IsUntouchedFrom(std::size_t bytes) const {
  return buffer_.find_first_not_of(kUntouched, bytes) == std::string::npos;
}

InitAceeCall::InitAceeCall() { EXPECT_EQ(acee_init(&acee, "USER01"), 0); }

SafCodes InitAceeCall::Call() {
  codes = {};
  const std::int32_t value = IRRSIA00(
      nullptr, saf_alet, saf_code, racf_alet, racf_code, reason_alet,
      reason_code, function_code, attributes, racf_userid, acee_ptr, appl_id,
      password, logstring, certificate, envr_in, envr_out, output_area,
      x500_name, variable_list, security_label, servauth_name, password_phrase,
      idid_area, acee2_alet, acee2_ptr, idta_ptr);
  if (saf_code == nullptr) {
    EXPECT_EQ(codes.saf, -1);
    codes.saf = value;
  }
  EXPECT_EQ(value, codes.saf) << "IRRSIA00 gives the SAF return code";
  return codes;
}

RacrouteCall::RacrouteCall() {
  keywords.SIZE = sizeof keywords;
  keywords.RELEASE = RACROUTE_RELEASE_IDTA;
  keywords.USERID = kUser;
  keywords.APPL = kAppl;
  keywords.PASSWRD = kPassword;
  keywords.IDTA = &idta.area;
  keywords.ACEE = &acee;
}

SafCodes RacrouteCall::Call() {
  SafCodes codes;
  const std::int32_t value =
      racroute_verify(&keywords, &codes.saf, &codes.racf, &codes.reason);
  EXPECT_EQ(value, codes.saf) << "racroute_verify gives the SAF return code";
  return codes;
}

std::string UserIn(const ACEE& acee) {
  return std::to_string(acee.ACEEUSRL) + ' ' +
         std::string(acee.ACEEUSRI, sizeof acee.ACEEUSRI);
}

void MakeSystem(const Programs& programs) {
  const auto must = [&](const std::vector<std::string>& words,
                        const std::string& input = "") {
    const Outcome outcome = programs.Sigtoken(words, input);
    ASSERT_EQ(outcome.status, 0) << outcome.err;
  };
  must({"token", "create", "IDTTKN.JWT.SECRET"});
  must({"key", "generate", "--token", "IDTTKN.JWT.SECRET", "--alg", "HS256"});
  must({"racf", "--file", "-"},
       "SETROPTS CLASSACT(IDTDATA) GENERIC(IDTDATA)\n"
       "RDEFINE IDTDATA JWT.APPL01.*.SAF "
       "IDTPARMS(SIGTOKEN(IDTTKN.JWT.SECRET) SIGSEQNUM(1) SIGALG(HS256))\n"
       "RDEFINE IDTDATA JWT.NOKEY.*.SAF "
       "IDTPARMS(SIGTOKEN(IDTTKN.JWT.SECRET) SIGSEQNUM(FFF) SIGALG(HS256))\n"
       "RDEFINE IDTDATA JWT.RSA.*.SAF "
       "IDTPARMS(SIGTOKEN(IDTTKN.JWT.SECRET) SIGSEQNUM(1) SIGALG(RS256))\n"
       "SETROPTS RACLIST(IDTDATA)\n");
}

SafTest::SafTest() {
  setenv("SIGTOKEN_HOME", home().c_str(), 1);
  unsetenv("SIGTOKEN_CONFIG");
}

const std::filesystem::path& SafTest::home() {
  static const TemporaryFolder folder;
  static const std::filesystem::path home = [] {
    const std::filesystem::path path = folder.path() / "home";
    MakeSystem(Programs(path.string()));
    return path;
  }();
  return home;
}

Programs SafTest::programs() { return Programs(home().string()); }

std::string SafTest::SignedToken() {
  RacrouteCall call;
  EXPECT_EQ(call.Call(), (SafCodes{0, 0, 0}));
  EXPECT_EQ(call.idta.area.IDTA_IDT_Prop_Out,
            IDTA_SAF_IDT_RETURN | IDTA_IDT_AUTH_DONE | IDTA_IDT_SIGNED);
  return call.idta.token();
}

}  // namespace sigtoken::testing
