// The command line and the token that is always there.

#include <string>

#include "tests/tools/bound_token.h"
#include "tests/tools/command_line.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;

constexpr const char* kOmnipresent = "SYSTOK-SESSION-ONLY";

class OmnipresentCommandTest : public CommandLineTest {};

TEST_F(OmnipresentCommandTest, IsNotMadeDeletedOrShown) {
  const std::string token = std::string("the token ") + kOmnipresent;
  ExpectRefusal({"token", "create", kOmnipresent}, kTokenExists,
                token + " is always there");
  for (const Words& force : {Words{}, Words{"--force"}}) {
    ExpectRefusal(Words{"token", "delete", kOmnipresent} + force,
                  kAttributeReadOnly, token + " cannot be deleted");
  }
  for (const Words& show : {Words{"token", "show", kOmnipresent},
                            Words{"key", "list", "--token", kOmnipresent}}) {
    ExpectRefusal(show, kTokenNotFound,
                  token +
                      " holds session objects alone, which each process sees "
                      "for itself: there is nothing to show");
  }
  EXPECT_EQ(Json({"token", "list"}), (json{{"tokens", json::array()}}));
}

TEST_F(OmnipresentCommandTest, TakesNoKeys) {
  const std::string refusal = std::string("the token ") + kOmnipresent +
                              " is write-protected: it holds session objects "
                              "alone";
  folder_.Write("key", std::string(64, 'x'));
  for (const Words& words :
       {Words{"key", "generate", "--token", kOmnipresent},
        Words{"key", "generate", "--token", kOmnipresent, "--category", "Y"},
        Words{"key", "import", "--token", kOmnipresent, "--from",
              (folder_.path() / "key").string()},
        Words{"key", "adopt", "--token", kOmnipresent,
              "pkcs11:object=theirs"}}) {
    ExpectRefusal(words, kAttributeReadOnly, refusal);
  }
  // Nothing was touched, nor made on the way.
  EXPECT_FALSE(std::filesystem::exists(home_ / "embedded" / kOmnipresent));
}

class OmnipresentBoundCommandTest : public BoundTokenTest {};

TEST_F(OmnipresentBoundCommandTest, WhereItIsBoundItIsShownAndTakesNoKeys) {
  Configure(
      "file:" + (folder_.path() / "pin").string(), "",
      std::string("[[token]]\nname = \"") + kOmnipresent +
          "\"\nuri = \"pkcs11:token=hsm?module-path=" + FaultModule::path() +
          "&pin-source=file:" + (folder_.path() / "pin").string() + "\"\n");
  EXPECT_EQ(Json({"token", "show", kOmnipresent})["tokens"][0]["name"],
            kOmnipresent);
  EXPECT_EQ(Json({"token", "list"})["tokens"].size(), 2U);
  EXPECT_EQ(Run({"key", "generate", "--token", kOmnipresent}).status, 8);
  EXPECT_EQ(Run({"token", "create", kOmnipresent}).status, 8);
  EXPECT_EQ(Run({"token", "delete", kOmnipresent, "--force"}).status, 8);
}

}  // namespace
}  // namespace sigtoken::testing
