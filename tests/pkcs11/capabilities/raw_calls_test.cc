#include "pkcs11/capabilities/raw_calls.h"

#include <algorithm>

#include "pkcs11/capabilities/proof.h"
#include "tests/capabilities.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::IsOk;
using testing::Must;

class RawCallsTest : public testing::CapabilitiesTest {};

TEST_F(RawCallsTest, MechanismsAreListedWithTheirSizes) {
  InScratch([](Scratch& scratch) {
    Session session = Must(scratch.Open(Access::kReadOnly));
    const auto list = Must(ListedMechanisms(session));
    EXPECT_EQ(std::count(list.begin(), list.end(), CKM_SHA384_HMAC), 1);
    EXPECT_EQ(Must(ListedKeySize(session, CKM_SHA384_HMAC)), 48U);
    EXPECT_EQ(ListedKeySize(session, CKM_VENDOR_DEFINED).error().rv,
              CKR_MECHANISM_INVALID);
    return 0;
  });
}

TEST_F(RawCallsTest, AShortBufferStaysWholeInMemory) {
  InScratch([&](Scratch& scratch) {
    const ScratchKey key = Must(scratch.MakeKey());
    const auto sign = [&](const std::string& script) {
      Session session = Must(scratch.Open(Access::kReadOnly));
      fault_.Script(script);
      return Must(SignIntoShortBuffer(session, key.object, Hs256(), 16));
    };
    const ShortSign refused = sign("");
    EXPECT_EQ(refused.rv, CKR_BUFFER_TOO_SMALL);
    EXPECT_FALSE(refused.overran);
    const ShortSign overran = sign("C_Sign * ignore-room");
    EXPECT_EQ(overran.rv, CKR_OK);
    EXPECT_EQ(overran.length, 32U);
    EXPECT_TRUE(overran.overran);
    fault_.Script("");
    return 0;
  });
}

TEST_F(RawCallsTest, AMacOfAnyLengthIsAskedFor) {
  InScratch([](Scratch& scratch) {
    const ScratchKey key = Must(scratch.MakeKey());
    const auto data = BytesOf("data");
    const Mac mac = Must(SignOnce(scratch, key.object, Hs256(), data));
    const auto ask = [&](std::size_t bytes) {
      Session session = Must(scratch.Open(Access::kReadOnly));
      return Must(VerifyOfLength(session, key.object, Hs256(), data,
                                 mac.bytes(), bytes));
    };
    EXPECT_EQ(ask(32), CKR_OK);
    EXPECT_EQ(ask(31), CKR_SIGNATURE_LEN_RANGE);
    EXPECT_EQ(ask(33), CKR_SIGNATURE_LEN_RANGE);
    EXPECT_EQ(ask(0), CKR_SIGNATURE_LEN_RANGE);
    return 0;
  });
}

}  // namespace
}  // namespace sigtoken
