// Eight threads, and every service at once.

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "tests/forked.h"
#include "tests/tools/csf/caller.h"

namespace sigtoken::testing {
namespace {

constexpr int kThreads = 8;
constexpr int kRounds = 10;

class CsfThreadsTest : public CsfTest {
 protected:
  // Runs `work` in all threads at once, with the thread's number.
  static void InThreads(const std::function<void(int)>& work) {
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) threads.emplace_back(work, i);
    for (std::thread& thread : threads) thread.join();
  }
};

// The first call of a process opens what all of them use.
TEST_F(CsfThreadsTest, TheFirstCallMayBeEverybodys) {
  std::atomic<int> good = 0;
  InThreads([&](int) {
    Request request{"CSNBRNG"};
    request.Rules({"RANDOM"}).Room(8);
    if (request.Call() == Codes{0, 0}) ++good;
  });
  EXPECT_EQ(good, kThreads);
}

TEST_F(CsfThreadsTest, EveryServiceAtOnce) {
  const std::string token = NewToken();
  const std::string key = NewKey(token);
  Request whole = MacOf(key, "one, two");
  ASSERT_EQ(whole.Call(), (Codes{0, 0}));
  const std::string mac = whole.written();
  std::atomic<int> bad = 0;
  const auto must = [&](Request& request) {
    const Codes codes = request.Call();
    if (codes.return_code > 4 || codes.return_code < 0) {
      ++bad;
      ADD_FAILURE() << request.service << ' ' << codes;
    }
  };
  InThreads([&](int number) {
    for (int round = 0; round < kRounds; ++round) {
      Request sign = MacOf(key, "one, two");
      must(sign);
      if (sign.written() != mac) ++bad;
      Request verify = sign;
      verify.service = "CSFPHMV";
      must(verify);
      Request chain = MacOf(key, "one, ", "FIRST");
      must(chain);
      chain.Rules({"SHA-256", "LAST"}).Input("two").Room(32);
      must(chain);
      if (chain.written() != mac) ++bad;
      Request random = RandomOf(token, 100);
      must(random);
      Request list = List("OBJECT", token, 4, 44);
      must(list);
      Request tokens = List("TOKEN", TokenHandle(""), 16, 116);
      must(tokens);
      Request attributes{"CSFPGAV", key};
      must(attributes.Room(8192));
      Request hash{"CSFPOWH", key};
      must(hash.Rules({"SHA-256", "HASH", "ONLY"}).Input("abc").Room(32));
      Request wrong{"CSFPTRD", TokenHandle("NO.SUCH.TOKEN")};
      if (wrong.Rules({"TOKEN"}).Call() != Codes{8, 3024}) ++bad;
      // Few: each makes an object, under a lock of the host.
      if (round % 5 != 0) continue;
      const std::string data = NewData(token);
      Request set{"CSFPSAV", data};
      const std::string text = std::to_string(number);
      must(set.Input(AttributeList().Add(CKA_APPLICATION, text).text()));
      Request get{"CSFPGAV", data};
      must(get.Room(8192));
      if (ValueIn(get.written(), CKA_APPLICATION) != text) ++bad;
      Request gone = Delete("OBJECT", data);
      must(gone);
      Request made = Delete("OBJECT", NewKey(token));
      must(made);
    }
  });
  EXPECT_EQ(bad, 0);
}

// A child of fork() finds no lock that another thread has taken.
TEST_F(CsfThreadsTest, ForkWhileOthersCall) {
  const std::string token = NewToken();
  const std::string key = NewKey(token);
  std::atomic<bool> enough = false;
  std::vector<std::thread> threads;
  for (int i = 0; i + 1 < kThreads; ++i) {
    threads.emplace_back([&] {
      while (!enough) {
        Request request = MacOf(key, "text");
        EXPECT_EQ(request.Call(), (Codes{0, 0}));
      }
    });
  }
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(InChild([&] {
                alarm(60);  // A lock that is taken is never given back.
                Request request = MacOf(key, "text");
                const Codes codes = request.Call();
                return codes == Codes{0, 0} ? 0 : codes.return_code;
              }),
              0);
  }
  enough = true;
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace sigtoken::testing
