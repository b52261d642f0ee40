// In what the modules differ, as far as sigtoken's users can tell.

#ifndef TESTS_MODULES_MODULE_TRAITS_H_
#define TESTS_MODULES_MODULE_TRAITS_H_

#include <p11-kit/pkcs11.h>

#include <array>
#include <cstddef>
#include <memory>
#include <ostream>
#include <span>
#include <string_view>

#include "tests/modules/hsm_test_rows.h"

namespace sigtoken::testing {

class ModuleFixture;

// A row of the table of differences. Whatever is not in it is the same for all
// modules; each column has a test of its own (differences_test.cc).
struct ModuleTraits {
  const char* name;
  std::unique_ptr<ModuleFixture> (*make)();

  // The shortest key that it signs with, for HS256, HS384 and HS512.
  std::array<std::size_t, 3> least_bytes;
  // Whether CKA_ALLOWED_MECHANISMS is kept, and obeyed.
  bool keeps_allowed_mechanisms;
  // What reading it gives; CKR_OK where it reads as it was written.
  CK_RV read_allowed_mechanisms;
  // The keywords of CSFPHMG that it does not have, with a blank between.
  std::string_view missing_macs;
  // Whether a token key whose CKA_SENSITIVE is FALSE can be made.
  bool lets_keys_out;
  // CKA_LOCAL of a key that it generated.
  bool says_local;
  // Whether a key takes the place of another that has its CKA_ID.
  bool duplicate_id_overwrites;
  // Whether two tokens have two serial numbers.
  bool unique_serial;
  // What C_Verify answers to a wrong MAC.
  CK_RV wrong_mac;
  // Whether C_Verify refuses a right MAC with more bytes behind it.
  bool looks_at_mac_length;
  // What C_Sign answers when the MAC does not fit.
  CK_RV short_buffer;
  // What C_Initialize answers without and with an initialisation string.
  CK_RV without_init;
  CK_RV with_init;
  // What `hsm test` says otherwise than of SoftHSM2.
  std::span<const HsmTestRow> hsm_test;
};

// The whole table.
const std::array<ModuleTraits, 5>& AllModules();

// For the names of tests.
std::ostream& operator<<(std::ostream& out, const ModuleTraits* traits);

}  // namespace sigtoken::testing

#endif  // TESTS_MODULES_MODULE_TRAITS_H_
