// What stands in a handle: junk is no object, and nobody looks behind the name
// of a token.

#include <functional>
#include <string>
#include <vector>

#include "tests/tools/csf/caller.h"

namespace sigtoken::testing {
namespace {

class HandlesTest : public CsfTest {
 protected:
  // Handles of `key` that are none.
  static std::vector<std::string> Junk(const std::string& key) {
    const std::string name = key.substr(0, 32);
    const std::string object = key.substr(32);
    const auto with = [&](std::size_t at, std::string_view text) {
      std::string handle = key;
      handle.replace(at, text.size(), text);
      return handle;
    };
    using namespace std::string_view_literals;
    return {with(41, "\0\0\0"sv),
            with(41, "\0  "sv),
            with(43, "\0"sv),
            with(41, "xxx"),
            with(41, "  \xff"),
            with(32, "        "),
            with(32, "\0\0\0\0\0\0\0\0"sv),
            with(32, "       1"),
            with(32, "1       "),
            with(32, "0000000\0"sv),
            with(32, "0000000G"),
            with(32, "+0000001"),
            with(32, "0x000001"),
            with(32, "0000000\n"),
            with(40, "\0"sv),
            with(40, "t"),
            with(40, " "),
            with(40, "\xff"),
            with(0, "\0"sv),
            with(0, " "),
            with(0, "1"),
            with(31, "\0"sv),
            with(31, "a"),
            std::string(32, ' ') + object,
            std::string(44, '\0'),
            std::string(44, '\xff'),
            std::string(44, ' ')};
  }

  // Of a token's handle: what callers leave behind the name.
  static std::vector<std::string> Tails() {
    using namespace std::string_view_literals;
    return {std::string(12, ' '),
            std::string(12, '\0'),
            "        T   ",
            "00000001T   ",
            std::string("        \0\0\0\0"sv),
            "\xff\x01garbage!!\n",
            std::string(12, 'T')};
  }

  static void ExpectAll(const std::string& what, Request request,
                        const std::vector<std::string>& handles, Codes codes) {
    for (const std::string& handle : handles) {
      ASSERT_EQ(handle.size(), 44U);
      Request one = request;
      one.handle = handle;
      EXPECT_EQ(one.Call(), codes)
          << what << ' ' << ::testing::PrintToString(handle);
      if (codes.return_code < 8) continue;
      request.handle = handle;
      EXPECT_EQ(one, request) << what << ": an output was touched";
    }
  }

  static std::vector<std::string> WithTails(const std::string& token) {
    std::vector<std::string> handles;
    for (const std::string& tail : Tails()) {
      handles.push_back(token.substr(0, 32) + tail);
    }
    return handles;
  }
};

TEST_F(HandlesTest, JunkIsNoObject) {
  const std::string key = NewKey(NewToken());
  const auto junk = Junk(key);
  const Codes bad{8, 3001};
  ExpectAll("HMG", MacOf(key, "text"), junk, bad);
  ExpectAll("HMG FIRST", MacOf(key, "text", "FIRST"), junk, bad);
  Request verify = MacOf(key, "text");
  verify.service = "CSFPHMV";
  ExpectAll("HMV", verify, junk, bad);
  Request get{"CSFPGAV"};
  ExpectAll("GAV", get.Room(8192), junk, bad);
  Request set{"CSFPSAV"};
  set.Input(AttributeList().Add(CKA_LABEL, "new").text());
  ExpectAll("SAV", set, junk, bad);
  ExpectAll("TRD OBJECT", Delete("OBJECT", key), junk, bad);
  Request copy{"CSFPTRC"};
  copy.Rules({"OBJECT", "COPY"}).Input(AttributeList().text());
  ExpectAll("TRC COPY", copy, junk, bad);
  Request sign{"CSFPOWH"};
  sign.Rules({"SHA-256", "SIGN-RSA", "ONLY"}).Input("text").Room(256);
  ExpectAll("OWH", sign, junk, bad);
  // It is all there still.
  EXPECT_EQ(MacOf(key, "text").Call(), (Codes{0, 0}));
}

TEST_F(HandlesTest, NobodyLooksBehindTheNameOfAToken) {
  const std::string token = NewToken();
  const Codes good{0, 0};
  ExpectAll("PRF", RandomOf(token, 16), WithTails(token), good);
  ExpectAll("TRL", List("OBJECT", token, 10, 44),
            {token.substr(0, 32) + std::string(12, '\0'),
             token.substr(0, 32) + "        T   "},
            good);
  Request data{"CSFPTRC"};
  data.Rules({"OBJECT"})
      .Input(AttributeList()
                 .Number(CKA_CLASS, CKO_DATA)
                 .Flag(CKA_TOKEN, true)
                 .Add(CKA_VALUE, "kept")
                 .text());
  ExpectAll("TRC OBJECT", data, WithTails(token), good);
  Request key{"CSFPGSK"};
  key.Rules({"KEY"}).Input(AttributeList()
                               .Number(CKA_CLASS, CKO_SECRET_KEY)
                               .Number(CKA_KEY_TYPE, CKK_GENERIC_SECRET)
                               .Flag(CKA_TOKEN, true)
                               .Number(CKA_VALUE_LEN, 32)
                               .text());
  ExpectAll("GSK", key, WithTails(token), good);
  for (const std::string& tail : Tails()) {
    Request create{"CSFPTRC", TokenHandle("TAILED").substr(0, 32) + tail};
    create.Rules({"TOKEN"}).Input(std::string(64, ' ') + std::string(4, '\0'));
    EXPECT_EQ(create.Call(), good) << ::testing::PrintToString(tail);
    EXPECT_EQ(
        Delete("TOKEN", TokenHandle("TAILED").substr(0, 32) + tail).Call(),
        good)
        << ::testing::PrintToString(tail);
  }
}

TEST_F(HandlesTest, ANameWithNulsIsNoName) {
  std::string name = NewToken().substr(0, 32);
  name[31] = '\0';
  const std::vector<std::string> handles = {
      name + std::string(12, ' '), std::string(44, '\0'),
      "A\nB" + std::string(41, ' '), "A B" + std::string(41, ' ')};
  const Codes bad{8, 3001};
  ExpectAll("PRF", RandomOf(name, 16), handles, bad);
  ExpectAll("TRD", Delete("TOKEN", name), handles, bad);
  ExpectAll("TRL", List("OBJECT", name, 10, 44), handles, bad);
}

}  // namespace
}  // namespace sigtoken::testing
