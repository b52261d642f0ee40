// Every code that modules were seen to give, at every function that an
// operation calls: the answer is one of ICSF's, nothing is lost or left behind,
// and the next call is as good as new.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "keygen/generate.h"
#include "keygen/remove.h"
#include "tests/faulty_token.h"
#include "tests/import_key.h"
#include "tests/keygen/keys_of_others.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::Bytes;
using testing::CountObjects;
using testing::IsOk;
using testing::Must;
using testing::OpenSslMac;

// What SoftHSM2, NSS, openCryptoki, p11-kit and a TPM were seen to answer when
// their store, their daemon, their token or an object was gone, and what the
// standard lets any function answer.
constexpr std::array<std::string_view, 24> kCodes = {
    "CKR_ARGUMENTS_BAD",
    "CKR_BUFFER_TOO_SMALL",
    "CKR_CRYPTOKI_NOT_INITIALIZED",
    "CKR_DEVICE_ERROR",
    "CKR_DEVICE_MEMORY",
    "CKR_DEVICE_REMOVED",
    "CKR_FUNCTION_FAILED",
    "CKR_FUNCTION_NOT_SUPPORTED",
    "CKR_GENERAL_ERROR",
    "CKR_HOST_MEMORY",
    "CKR_KEY_HANDLE_INVALID",
    "CKR_KEY_SIZE_RANGE",
    "CKR_OBJECT_HANDLE_INVALID",
    "CKR_OPERATION_ACTIVE",
    "CKR_PIN_EXPIRED",
    "CKR_SESSION_CLOSED",
    "CKR_SESSION_COUNT",
    "CKR_SESSION_HANDLE_INVALID",
    "CKR_SESSION_READ_ONLY",
    "CKR_TOKEN_NOT_PRESENT",
    "CKR_TOKEN_NOT_RECOGNIZED",
    "CKR_TOKEN_WRITE_PROTECTED",
    "CKR_USER_NOT_LOGGED_IN",
    "0xCE534351"};

class SweepTest : public testing::FaultyTokenTest {
 protected:
  void SetUp() override {
    // Thousands of faults, one behind the other.
    configuration_.pauses = {{}, {{}, {}}};
    Reopen();
    // Number 1 stays; its MAC shows that it is the same still.
    testing::ImportKey(token(), {1, 'T'}, value_);
    objects_ = CountObjects(token());
  }

  // `work(rule)`, with rules that hold once, and without end: what a repetition
  // cures, and what it does not.
  template <typename Work>
  void Sweep(std::string_view function, const Work& work) {
    for (const std::string_view code : kCodes) {
      for (const std::string_view when : {"1", "*"}) {
        const std::string rule = std::string(function) + " " +
                                 std::string(when) + " return " +
                                 std::string(code);
        SCOPED_TRACE(rule);
        work(rule);
        if (HasFatalFailure()) return;
      }
    }
  }

  template <typename T>
  static void ExpectAnswer(const Result<T>& result) {
    if (result) return;
    const int code = ToIcsf(result.error()).return_code;
    EXPECT_TRUE(code == 4 || code == 8 || code == 12) << ToText(result.error());
  }
  void ExpectRightMac(const Result<Mac>& made) {
    ExpectAnswer(made);
    if (!made) return;
    EXPECT_EQ(std::vector(made->bytes().begin(), made->bytes().end()), right_);
  }
  Result<Mac> FindAndSign() {
    SIGTOKEN_ASSIGN(const Key key, Key::Find(token_, {1, 'T'}));
    return key.Sign(Hs256(), Bytes("data"));
  }
  void ExpectGoodAsNew() {
    fault_.Script("");
    auto made = FindAndSign();
    // A device that did not come back is tried again a little later.
    const auto begin = BackOff::Clock::now();
    while (!made && BackOff::Clock::now() < begin + std::chrono::seconds{5}) {
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
      made = FindAndSign();
    }
    ASSERT_THAT(made, IsOk());
    ExpectRightMac(made);
    ASSERT_EQ(CountObjects(token()), objects_);
  }

  const std::vector<std::uint8_t> value_ = std::vector<std::uint8_t>(64, 0xA5);
  const std::vector<std::uint8_t> right_ =
      OpenSslMac(Hs256(), value_, Bytes("data"));
  std::size_t objects_ = 0;
};

TEST_F(SweepTest, OfAKeyThatIsFoundAndSigns) {
  for (const std::string_view function :
       {"C_OpenSession", "C_FindObjectsInit", "C_FindObjects",
        "C_GetAttributeValue", "C_SignInit", "C_Sign"}) {
    Sweep(function, [&](const std::string& rule) {
      fault_.Script(rule);
      ExpectRightMac(FindAndSign());
      ExpectGoodAsNew();
    });
  }
}

// A key that was found before has its handle and its session already.
TEST_F(SweepTest, OfAKeyThatSigns) {
  const Key key = FindKey(1);
  for (const std::string_view function :
       {"C_OpenSession", "C_FindObjectsInit", "C_FindObjects",
        "C_GetAttributeValue", "C_SignInit", "C_Sign"}) {
    Sweep(function, [&](const std::string& rule) {
      fault_.Script(rule);
      ExpectRightMac(key.Sign(Hs256(), Bytes("data")));
      ExpectGoodAsNew();
      const auto again = key.Sign(Hs256(), Bytes("data"));
      ASSERT_THAT(again, IsOk());
      ExpectRightMac(again);
    });
  }
}

TEST_F(SweepTest, OfLogins) {
  Sweep("C_Login", [&](const std::string& rule) {
    Reopen();
    fault_.Script(rule);
    const auto made = [&]() -> Result<Mac> {
      SIGTOKEN_ASSIGN(token_, directory_->FindToken(testing::Name(kName)));
      return FindAndSign();
    }();
    // It is not tried again, whatever the code: it may be the PIN's.
    EXPECT_FALSE(made);
    ExpectAnswer(made);
    // A PIN that was refused is not tried again until it is written anew.
    hsm_.Configure();
    ExpectGoodAsNew();
  });
}

TEST_F(SweepTest, OfKeysThatAreMade) {
  for (const std::string_view function :
       {"C_OpenSession", "C_FindObjectsInit", "C_FindObjects",
        "C_GetAttributeValue", "C_SignInit", "C_Sign", "C_GenerateKey"}) {
    Sweep(function, [&](const std::string& rule) {
      fault_.Script(rule);
      const auto made = GenerateKey(token(), {});
      ExpectAnswer(made);
      fault_.Script("");
      if (made) {
        const Key key = FindKey(made->key.handle->object()->sequence);
        EXPECT_THAT(key.Sign(Hs256(), {}), IsOk());
        testing::Destroy(token(), key.found().object);
      }
      ExpectGoodAsNew();
    });
  }
}

TEST_F(SweepTest, OfKeysThatAreDeleted) {
  std::uint32_t victim = 0;
  for (const std::string_view function :
       {"C_OpenSession", "C_FindObjectsInit", "C_FindObjects",
        "C_GetAttributeValue", "C_SignInit", "C_Sign", "C_DestroyObject"}) {
    Sweep(function, [&](const std::string& rule) {
      if (victim == 0) {
        victim = Must(GenerateKey(token(), {})).key.handle->object()->sequence;
        ++objects_;
      }
      fault_.Script(rule);
      const auto deleted = DeleteKey(token(), {victim, 'T'}, false);
      ExpectAnswer(deleted);
      fault_.Script("");
      if (deleted) {
        --objects_;
        victim = 0;
      } else {
        EXPECT_THAT(FindKey(victim).Sign(Hs256(), {}), IsOk());
      }
      ExpectGoodAsNew();
    });
  }
}

}  // namespace
}  // namespace sigtoken
