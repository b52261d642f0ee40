#include "pkcs11/base/secret.h"

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <string>
#include <type_traits>

#include "tests/forked.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

std::string Text(const Secret& secret) {
  return {reinterpret_cast<const char*>(secret.data()), secret.size()};
}

static_assert(!std::is_copy_constructible_v<Secret>);
static_assert(!std::is_copy_assignable_v<Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret>);

TEST(SecretTest, BeginsWithZeroBytes) {
  const auto secret = Secret::OfSize(64);
  ASSERT_THAT(secret, testing::IsOk());
  EXPECT_EQ(Text(*secret), std::string(64, '\0'));
}

TEST(SecretTest, OfNoBytesHasAnAddress) {
  const auto secret = Secret::OfSize(0);
  ASSERT_THAT(secret, testing::IsOk());
  EXPECT_EQ(secret->size(), 0U);
  EXPECT_NE(secret->data(), nullptr);
}

TEST(SecretTest, SaysThatThereIsNoMemory) {
  const auto secret = Secret::OfSize(SIZE_MAX / 2);
  EXPECT_THAT(secret, testing::FailsWith(kNotAvailable));
  EXPECT_EQ(secret.error().rv, CK_RV{CKR_HOST_MEMORY});
}

// The sanitizers take mlock() for themselves, and say yes to everything.
#ifndef SIGTOKEN_SANITIZED
// Root may lock what it likes.
TEST(SecretTest, IsNotMadeOfMemoryThatIsNotLocked) {
  EXPECT_EQ(testing::InChild([] {
              constexpr ::uid_t kNobody = 65'534;
              const ::rlimit none{0, 0};
              if (setrlimit(RLIMIT_MEMLOCK, &none) != 0) return 2;
              if (geteuid() == 0 && setuid(kNobody) != 0) return 3;
              const auto secret = Secret::OfSize(4);
              return !secret && secret.error().icsf == kNotAvailable &&
                             secret.error().message ==
                                 "the memory for a secret could not be locked"
                         ? 0
                         : 1;
            }),
            0);
}
#endif

TEST(SecretTest, OverwritesTheBytesThatItTakes) {
  std::array<std::uint8_t, 4> bytes = {'1', '2', '3', '4'};
  const auto secret = Secret::Take(bytes);
  ASSERT_THAT(secret, testing::IsOk());
  EXPECT_EQ(Text(*secret), "1234");
  EXPECT_EQ(bytes, (std::array<std::uint8_t, 4>{}));
}

TEST(SecretTest, TakesNothing) {
  const auto secret = Secret::Take({});
  ASSERT_THAT(secret, testing::IsOk());
  EXPECT_EQ(secret->size(), 0U);
}

TEST(SecretTest, OverwritesTheBytesThatItForgets) {
  std::array<std::uint8_t, 4> bytes = {'1', '2', '3', '4'};
  auto secret = Secret::Take(bytes);
  ASSERT_THAT(secret, testing::IsOk());
  secret->Shorten(2);
  EXPECT_EQ(Text(*secret), "12");
  EXPECT_EQ(secret->data()[2], 0);
  EXPECT_EQ(secret->data()[3], 0);
}

TEST(SecretTest, IsNotMadeLongerByShortening) {
  auto secret = Secret::OfSize(2);
  ASSERT_THAT(secret, testing::IsOk());
  secret->Shorten(3);
  EXPECT_EQ(secret->size(), 2U);
}

TEST(SecretTest, MovesWithoutACopy) {
  auto secret = Secret::OfSize(2);
  ASSERT_THAT(secret, testing::IsOk());
  const std::uint8_t* const bytes = secret->data();
  const Secret moved = *std::move(secret);
  EXPECT_EQ(moved.data(), bytes);
}

TEST(SecretTest, MakesRandomLowerCaseDigits) {
  const auto one = Secret::RandomHex(32);
  const auto other = Secret::RandomHex(32);
  ASSERT_THAT(one, testing::IsOk());
  ASSERT_THAT(other, testing::IsOk());
  EXPECT_EQ(one->size(), 32U);
  EXPECT_EQ(Text(*one).find_first_not_of("0123456789abcdef"),
            std::string::npos);
  EXPECT_NE(Text(*one), Text(*other));
}

TEST(SecretTest, UsesEveryDigit) {
  const auto secret = Secret::RandomHex(2'000);
  ASSERT_THAT(secret, testing::IsOk());
  for (const char digit : std::string("0123456789abcdef")) {
    EXPECT_NE(Text(*secret).find(digit), std::string::npos) << digit;
  }
}

}  // namespace
}  // namespace sigtoken
