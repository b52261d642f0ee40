#include "pkcs11/tokens/rfc4231.h"

#include <gtest/gtest.h>

#include "pkcs11/cryptoki/mac_algorithm.h"
#include "tests/import_key.h"

namespace sigtoken {
namespace {

TEST(Rfc4231Test, TheMacsAreThoseOfOpenSsl) {
  const auto cases = Rfc4231Cases();
  ASSERT_EQ(cases.size(), 2U);
  EXPECT_EQ(cases[0].key.size(), 64U);
  EXPECT_EQ(cases[1].key.size(), 131U);
  for (const Rfc4231Case& row : cases) {
    for (std::size_t i = 0; i < row.macs.size(); ++i) {
      EXPECT_EQ(row.macs.at(i), testing::OpenSslMac(MacAlgorithms()[i], row.key,
                                                    testing::Bytes(row.data)))
          << row.data << i;
    }
  }
}

}  // namespace
}  // namespace sigtoken
