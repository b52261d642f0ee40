// What `sigtoken hsm test` says of each module.

#ifndef TESTS_MODULES_HSM_TEST_ROWS_H_
#define TESTS_MODULES_HSM_TEST_ROWS_H_

#include <span>

namespace sigtoken::testing {

// One check. The detail is a regular expression, for what differs from run to
// run; all else is exact.
struct HsmTestRow {
  const char* name;
  const char* status;
  const char* detail;
  const char* consequence;
};

// All checks, in their order, as SoftHSM2 2.6.1 stands them.
std::span<const HsmTestRow> HsmTestOfSoftHsm();

// Those that differ, for the table of modules.
std::span<const HsmTestRow> HsmTestOfNss();
std::span<const HsmTestRow> HsmTestOfP11Kit();

}  // namespace sigtoken::testing

#endif  // TESTS_MODULES_HSM_TEST_ROWS_H_
