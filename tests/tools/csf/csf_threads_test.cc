// Eight threads, and every service at once.

#include <atomic>
#include <chrono>
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

  // Makes a session object, of the value `number` over and over.
  static Request SessionKey(const std::string& token, int number) {
    Request request{"CSFPTRC", token};
    const std::string value(32, static_cast<char>('0' + number));
    return request.Rules({"OBJECT"})
        .Input(AttributeList()
                   .Number(CKA_CLASS, CKO_SECRET_KEY)
                   .Number(CKA_KEY_TYPE, CKK_GENERIC_SECRET)
                   .Flag(CKA_TOKEN, false)
                   .Add(CKA_VALUE, value)
                   .text());
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
      Request chained{"CSFPOWH", key};
      must(chained.Rules({"SHA-256", "HASH", "FIRST"}).Input("a").Room(32));
      must(chained.Rules({"SHA-256", "HASH", "MIDDLE"}).Input("b").Room(32));
      must(chained.Rules({"SHA-256", "HASH", "LAST"}).Input("c").Room(32));
      if (chained.written() != hash.written()) ++bad;
      Request short_random{"CSNBRNG"};
      must(short_random.Rules({"RANDOM"}).Room(8));
      Request session = SessionKey(token, number);
      must(session);
      Request session_mac = MacOf(session.handle, "one, two");
      must(session_mac);
      Request session_gone = Delete("OBJECT", session.handle);
      must(session_gone);
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
      Request copy{"CSFPTRC", data};
      must(copy.Rules({"OBJECT", "COPY"})
               .Input(AttributeList().Add(CKA_LABEL, "COPY").text()));
      if (copy.handle == data) ++bad;
      Request copy_gone = Delete("OBJECT", copy.handle);
      must(copy_gone);
      Request gone = Delete("OBJECT", data);
      must(gone);
      Request made = Delete("OBJECT", NewKey(token));
      must(made);
      Request own{"CSFPTRC", TokenHandle("OF.THREAD" + text)};
      own.Rules({"TOKEN"}).Input(std::string(64, ' ') + std::string(4, '\0'));
      must(own);
      NewData(own.handle);
      Request own_gone = Delete("TOKEN", own.handle);
      must(own_gone);
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

// Calls that take locks of the host or of the store hold no fork() up.
TEST_F(CsfThreadsTest, ForkComesBackWhileOthersReadAndMakeKeys) {
  const std::string token = NewToken();
  const std::string key = NewKey(token);
  std::atomic<bool> enough = false;
  std::atomic<int> calls = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      while (!enough) {
        if (i % 2 == 0) {
          Request get{"CSFPGAV", key};
          EXPECT_EQ(get.Room(8192).Call(), (Codes{0, 0}));
        } else {
          EXPECT_EQ(Delete("OBJECT", NewKey(token)).Call(), (Codes{0, 0}));
        }
        ++calls;
      }
    });
  }
  while (calls < 8) std::this_thread::yield();
  for (int i = 0; i < 5; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const pid_t child = Fork([&] {
      alarm(60);  // A lock that is taken is never given back.
      Request request = MacOf(key, "text");
      const Codes codes = request.Call();
      return codes == Codes{0, 0} ? 0 : codes.return_code;
    });
    const auto took = std::chrono::steady_clock::now() - begin;
    // The library gives up waiting after 5 seconds.
    EXPECT_LT(took, std::chrono::seconds(4)) << i;
    EXPECT_EQ(Wait(child), 0) << i;
  }
  enough = true;
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace sigtoken::testing
