// The services of libsigtoken-saf, called with parameters that a test can
// spoil one by one.

#ifndef TESTS_TOOLS_SAF_CALLS_H_
#define TESTS_TOOLS_SAF_CALLS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <ostream>
#include <string>

#include "tests/program.h"
#include "tools/saf/include/irrsia00.h"
#include "tools/saf/include/racroute.h"

namespace sigtoken::testing {

// SAF return code, RACF return code, RACF reason code.
struct SafCodes {
  std::int32_t saf = -1;
  std::int32_t racf = -1;
  std::int32_t reason = -1;

  friend bool operator==(const SafCodes&, const SafCodes&) = default;
};

inline std::ostream& operator<<(std::ostream& stream, const SafCodes& codes) {
  return stream << codes.saf << '/' << codes.racf << '/' << codes.reason;
}

// An IDTA as a caller sets it up, and its buffer, with a margin that nobody may
// write to.
class TestIdta {
 public:
  // As Zowe's server has it: 2,048 bytes, End-User on.
  explicit TestIdta(std::uint32_t bytes = 2048);
  // A copy has a buffer of its own.
  TestIdta(const TestIdta& other);
  TestIdta& operator=(const TestIdta&) = delete;

  // Puts a token into the buffer, and its length into the IDTA.
  TestIdta& Give(const std::string& token);
  // The IDTA_IDT_Len bytes of the buffer.
  std::string token() const;
  // What the buffer has behind its first `bytes`, up to the end of the margin,
  // is as it was.
  bool IsUntouchedFrom(std::size_t bytes) const;

  IDTA area{};

 private:
  std::string buffer_;
};

// The parameters of IRRSIA00: those that function X'07' takes and no more.
struct InitAceeCall {
  InitAceeCall();
  InitAceeCall(const InitAceeCall&) = delete;
  InitAceeCall& operator=(const InitAceeCall&) = delete;

  SafCodes Call();

  std::uint8_t function = INTA_GENIDT;
  std::string appl = "\6APPL01";
  ACEE acee{};
  ACEE* acee_address = &acee;
  TestIdta idta;
  IDTA* idta_address = &idta.area;

  SafCodes codes;  // What came back; kNotWritten where nothing did.

  const std::int32_t* saf_alet = nullptr;
  std::int32_t* saf_code = &codes.saf;
  const std::int32_t* racf_alet = nullptr;
  std::int32_t* racf_code = &codes.racf;
  const std::int32_t* reason_alet = nullptr;
  std::int32_t* reason_code = &codes.reason;
  const void* function_code = &function;
  const void* attributes = nullptr;
  const void* racf_userid = nullptr;
  ACEE* const* acee_ptr = nullptr;
  const void* appl_id = appl.data();
  const void* password = nullptr;
  const void* logstring = nullptr;
  const void* certificate = nullptr;
  const void* envr_in = nullptr;
  const void* envr_out = nullptr;
  void* const* output_area = nullptr;
  void* const* x500_name = nullptr;
  const void* variable_list = nullptr;
  const void* security_label = nullptr;
  const void* servauth_name = nullptr;
  const void* password_phrase = nullptr;
  void* const* idid_area = nullptr;
  const std::int32_t* acee2_alet = nullptr;
  ACEE* const* acee2_ptr = &acee_address;
  IDTA* const* idta_ptr = &idta_address;
};

// The keywords of RACROUTE: RELEASE=PLV0001, user USER01, APPL01, a password.
struct RacrouteCall {
  RacrouteCall();
  RacrouteCall(const RacrouteCall&) = delete;
  RacrouteCall& operator=(const RacrouteCall&) = delete;

  SafCodes Call();

  TestIdta idta;
  ACEE acee{};
  RACROUTE_VERIFY keywords{};
};

// The user that an ACEE stands for, with its blanks: "6 USER01  ".
std::string UserIn(const ACEE& acee);

// Makes the token IDTTKN.JWT.SECRET with one key for HS256, and what a system
// has: the class IDTDATA active and RACLISTed, and profiles for each user of
//   APPL01  with the key
//   NOKEY   with one that is not there
//   RSA     with an algorithm that the key does not have
// Other applications have none: their tokens are not signed.
void MakeSystem(const Programs& programs);

// A test with such a home, which this process keeps for all of its tests: the
// library opens one home in a process.
class SafTest : public ::testing::Test {
 protected:
  SafTest();

  static const std::filesystem::path& home();
  // The programs, with that home.
  static Programs programs();

  // A token of APPL01 and USER01, signed.
  static std::string SignedToken();
};

}  // namespace sigtoken::testing

#endif  // TESTS_TOOLS_SAF_CALLS_H_
