// Chains of calls of CSFPHMG: who may go on with one, and what becomes of those
// that nobody does.

#include <string>
#include <thread>
#include <vector>

#include "tests/forked.h"
#include "tests/tools/csf/caller.h"

namespace sigtoken::testing {
namespace {

class ChainsTest : public CsfTest {
 protected:
  // Begins a chain of `key` with this text.
  static Request Begin(const std::string& key, std::string_view text) {
    Request request = MacOf(key, text, "FIRST");
    EXPECT_EQ(request.Call(), (Codes{0, 0}));
    EXPECT_EQ(request.output_length, 0);
    return request.Room(32);
  }

  static Codes GoOn(Request& request, const std::string& chaining,
                    std::string_view text) {
    request.Rules({"SHA-256", chaining}).Input(text).Room(32);
    return request.Call();
  }

  static std::string WholeMac(const std::string& key, std::string_view text) {
    Request request = MacOf(key, text);
    EXPECT_EQ(request.Call(), (Codes{0, 0}));
    return request.written();
  }

  // Frees the state object of a chain.
  static Codes Free(const Request& request) {
    return Delete("OBJECT", request.chain.substr(0, 44)).Call();
  }
};

TEST_F(ChainsTest, IsTheMacOfTheWholeText) {
  const std::string key = NewKey(NewToken());
  Request request = Begin(key, "one, ");
  EXPECT_EQ(GoOn(request, "MIDDLE", "two, "), (Codes{0, 0}));
  EXPECT_EQ(request.output_length, 0);
  EXPECT_EQ(GoOn(request, "LAST", "three"), (Codes{0, 0}));
  EXPECT_EQ(request.written(), WholeMac(key, "one, two, three"));
  EXPECT_EQ(GoOn(request, "LAST", "again"), (Codes{8, 3019}));
}

TEST_F(ChainsTest, AnotherThreadMayGoOn) {
  const std::string key = NewKey(NewToken());
  Request request = Begin(key, "one, ");
  Codes codes;
  std::thread([&] { codes = GoOn(request, "MIDDLE", "two, "); }).join();
  EXPECT_EQ(codes, (Codes{0, 0}));
  std::thread([&] { codes = GoOn(request, "LAST", "three"); }).join();
  EXPECT_EQ(codes, (Codes{0, 0}));
  EXPECT_EQ(request.written(), WholeMac(key, "one, two, three"));
}

TEST_F(ChainsTest, AKeyThatIsDeletedEndsItsChain) {
  const std::string key = NewKey(NewToken());
  Request request = Begin(key, "one, ");
  EXPECT_EQ(Delete("OBJECT", key).Call(), (Codes{0, 0}));
  EXPECT_EQ(GoOn(request, "LAST", "two"), (Codes{8, 3025}));
  EXPECT_EQ(Free(request), (Codes{8, 3027}));
}

TEST_F(ChainsTest, AChainIsOfItsKey) {
  const std::string token = NewToken();
  Request request = Begin(NewKey(token), "one, ");
  request.handle = NewKey(token);
  EXPECT_GE(GoOn(request, "LAST", "two").return_code, 8);
}

TEST_F(ChainsTest, TenThousandThatNobodyEndsCanStillBeEnded) {
  constexpr int kChains = 10'000;
  const std::string key = NewKey(NewToken());
  const std::string mac = WholeMac(key, "one, two");
  std::vector<Request> chains;
  chains.reserve(kChains);
  for (int i = 0; i < kChains; ++i) chains.push_back(Begin(key, "one, "));
  for (int i = 0; i < kChains; ++i) {
    Request& request = chains[static_cast<std::size_t>(i)];
    if (i % 2 == 0) {
      ASSERT_EQ(Free(request), (Codes{0, 0})) << i;
    } else {
      ASSERT_EQ(GoOn(request, "LAST", "two"), (Codes{0, 0})) << i;
      ASSERT_EQ(request.written(), mac) << i;
    }
    ASSERT_EQ(Free(request), (Codes{8, 3027})) << i;
  }
}

TEST_F(ChainsTest, AForkedChildCannotGoOn) {
  const std::string key = NewKey(NewToken());
  Request request = Begin(key, "one, ");
  EXPECT_EQ(InChild([&] {
              Request copy = request;
              if (GoOn(copy, "LAST", "two") != Codes{8, 3019}) return 1;
              if (Free(request) != Codes{8, 3027}) return 2;
              // It has what a process begins with.
              Request whole = MacOf(key, "one, two");
              return whole.Call() == Codes{0, 0} ? 0 : 3;
            }),
            0);
  EXPECT_EQ(GoOn(request, "LAST", "two"), (Codes{0, 0}));
  EXPECT_EQ(request.written(), WholeMac(key, "one, two"));
}

}  // namespace
}  // namespace sigtoken::testing
