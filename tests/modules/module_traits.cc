#include "tests/modules/module_traits.h"

#include "tests/modules/module_fixture.h"
#include "tests/modules/p11_kit_fixture.h"

namespace sigtoken::testing {

const std::array<ModuleTraits, 5>& AllModules() {
  static const ModuleTraits soft_hsm = {.name = "softhsm",
                                        .make = &MakeSoftHsmFixture,
                                        .least_bytes = {32, 48, 64},
                                        .keeps_allowed_mechanisms = true,
                                        .read_allowed_mechanisms = CKR_OK,
                                        .missing_macs = "SSL3-MD5 SSL3-SHA",
                                        .lets_keys_out = true,
                                        .says_local = true,
                                        .duplicate_id_overwrites = false,
                                        .unique_serial = true,
                                        .wrong_mac = CKR_SIGNATURE_INVALID,
                                        .looks_at_mac_length = true,
                                        .short_buffer = CKR_BUFFER_TOO_SMALL,
                                        .without_init = CKR_OK,
                                        .with_init = CKR_ARGUMENTS_BAD,
                                        .hsm_test = {}};
  static const ModuleTraits fault = [] {
    ModuleTraits row = soft_hsm;
    row.name = "fault";
    row.make = &MakeFaultFixture;
    return row;
  }();
  // SoftHSM2 again, as p11-kit hands it on.
  static const ModuleTraits isolated = [] {
    ModuleTraits row = soft_hsm;
    row.name = "isolated";
    row.make = &MakeIsolatedFixture;
    row.read_allowed_mechanisms = CKR_DEVICE_ERROR;
    row.missing_macs = "SHA-224 SSL3-MD5 SSL3-SHA";
    return row;
  }();
  static const std::array<ModuleTraits, 5> rows = {{
      soft_hsm,
      {.name = "nss",
       .make = &MakeNssFixture,
       .least_bytes = {1, 1, 1},
       .keeps_allowed_mechanisms = false,
       .read_allowed_mechanisms = CKR_ATTRIBUTE_TYPE_INVALID,
       .missing_macs = "",
       .lets_keys_out = false,
       .says_local = false,
       .duplicate_id_overwrites = true,
       .unique_serial = false,
       .wrong_mac = CKR_DEVICE_ERROR,
       .looks_at_mac_length = false,
       .short_buffer = CKR_OK,
       .without_init = CKR_ARGUMENTS_BAD,
       .with_init = CKR_OK,
       .hsm_test = HsmTestOfNss()},
      {.name = "p11kit",
       .make = &MakeP11KitFixture,
       .least_bytes = {32, 48, 64},
       .keeps_allowed_mechanisms = true,
       .read_allowed_mechanisms = CKR_DEVICE_ERROR,
       // What it is a client of has SHA-224; p11-kit does not pass it on.
       .missing_macs = "SHA-224 SSL3-MD5 SSL3-SHA",
       .lets_keys_out = true,
       .says_local = true,
       .duplicate_id_overwrites = false,
       .unique_serial = true,
       .wrong_mac = CKR_SIGNATURE_INVALID,
       .looks_at_mac_length = true,
       .short_buffer = CKR_BUFFER_TOO_SMALL,
       .without_init = CKR_OK,
       .with_init = CKR_OK,
       .hsm_test = HsmTestOfP11Kit()},
      fault,
      isolated,
  }};
  return rows;
}

std::ostream& operator<<(std::ostream& out, const ModuleTraits* traits) {
  return out << traits->name;
}

}  // namespace sigtoken::testing
