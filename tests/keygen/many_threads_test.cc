// Thirty-two threads through one token, while keys are made and deleted in it
// and its module is opened anew.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "keygen/generate.h"
#include "keygen/remove.h"
#include "pkcs11/tokens/object_index.h"
#include "tests/faulty_token.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using std::chrono::milliseconds;
using testing::Bytes;
using testing::Must;
using testing::OpenSslMac;

using Clock = std::chrono::steady_clock;

// One of them makes and deletes keys.
constexpr int kSign = 16;
constexpr int kVerify = 7;
constexpr int kFind = 4;
constexpr int kList = 4;
static_assert(kSign + kVerify + kFind + kList + 1 == 32);

// Two seconds are promised; five times as long on a machine that does much
// else.
constexpr milliseconds kBackWithin{5 * 2000};

class ManyThreadsTest : public testing::FaultyTokenTest {
 protected:
  // True for a right answer, false for another one.
  using Request = std::function<Result<bool>()>;

  void SetUp() override { testing::ImportKey(token(), {1, 'T'}, value_); }

  // Asks again and again, until all is over.
  void Ask(const Request& request) {
    while (!stop_) Count(request());
  }

  void Count(const Result<bool>& answer) {
    if (answer && *answer) {
      ++right_;
    } else if (answer) {
      Complain("a wrong answer");
    } else if (!may_fail_ || ToIcsf(answer.error()) != kNotAvailable) {
      Complain(ToText(answer.error()));
    }
  }

  void Complain(const std::string& what) {
    const std::lock_guard lock(mutex_);
    complaints_.push_back(what);
  }

  Result<bool> SignsRight(const Key& key) const {
    SIGTOKEN_ASSIGN(const Mac mac, key.Sign(Hs256(), Bytes("data")));
    return std::ranges::equal(mac.bytes(), right_mac_);
  }
  Result<bool> Verifies(const Key& key) const {
    auto wrong = right_mac_;
    wrong.back() ^= 1;
    SIGTOKEN_ASSIGN(const bool right,
                    key.Verify(Hs256(), Bytes("data"), right_mac_));
    SIGTOKEN_ASSIGN(const bool bad, key.Verify(Hs256(), Bytes("data"), wrong));
    return right && !bad;
  }
  Result<bool> IsListed() const {
    SIGTOKEN_ASSIGN(const KeyList list, ListKeys(*token_));
    return list.left_out.empty() && list.half_made.empty() &&
           !list.keys.empty() &&
           list.keys.front().handle->object()->sequence == 1;
  }
  // Makes a key, uses it and deletes it.
  Result<bool> KeyComesAndGoes() {
    SIGTOKEN_ASSIGN(const MadeKey made, GenerateKey(*token_, {}));
    const ObjectId id = *made.key.handle->object();
    const auto mac = Must(Key::Find(token_, id)).Sign(Hs256(), Bytes("data"));
    SIGTOKEN_TRY(DeleteKey(*token_, id, false));
    SIGTOKEN_TRY(mac);
    ++made_;
    return true;
  }

  // Until as many keys were made, and all others asked too.
  void AwaitKeys(int more) {
    const int keys = made_ + more;
    const auto answers = right_ + 200;
    while (made_ < keys || right_ < answers) {
      std::this_thread::sleep_for(milliseconds{1});
    }
  }

  const std::vector<std::uint8_t> value_ = std::vector<std::uint8_t>(64, 0xA5);
  const std::vector<std::uint8_t> right_mac_ =
      OpenSslMac(Hs256(), value_, Bytes("data"));
  std::atomic<bool> stop_ = false;
  std::atomic<bool> may_fail_ = false;
  std::atomic<unsigned> right_ = 0;
  std::atomic<int> made_ = 0;
  std::mutex mutex_;
  std::vector<std::string> complaints_;
};

TEST_F(ManyThreadsTest, AllAnswersAreRight) {
  const Key key = FindKey(1);
  std::vector<std::jthread> threads;
  const auto start = [&](int count, const Request& request) {
    for (int i = 0; i < count; ++i) {
      threads.emplace_back([this, request] { Ask(request); });
    }
  };
  start(kSign, [&] { return SignsRight(key); });
  start(kVerify, [&] { return Verifies(key); });
  start(kFind, [&]() -> Result<bool> {
    SIGTOKEN_ASSIGN(const Key found, Key::Find(token_, {1, 'T'}));
    return SignsRight(found);
  });
  start(kList, [&] { return IsListed(); });
  start(1, [&] { return KeyComesAndGoes(); });
  AwaitKeys(5);

  may_fail_ = true;
  const auto initialised = fault_.Calls("C_Initialize");
  fault_.Script("C_Sign 20 return CKR_DEVICE_REMOVED");
  const auto since = Clock::now();
  while (fault_.Calls("C_Initialize") == initialised &&
         Clock::now() < since + kBackWithin) {
    std::this_thread::sleep_for(milliseconds{1});
  }
  EXPECT_EQ(fault_.Calls("C_Initialize"), initialised + 1);
  while (!key.Sign(Hs256(), {}) && Clock::now() < since + kBackWithin) {
  }
  AwaitKeys(1);
  may_fail_ = false;
  AwaitKeys(3);
  stop_ = true;
  threads.clear();
  EXPECT_THAT(complaints_, ::testing::IsEmpty());
}

}  // namespace
}  // namespace sigtoken
