// A token that wants no login: a database of NSS without a password.

#include <filesystem>
#include <string>

#include "tests/fault_module.h"
#include "tests/tools/command_line.h"

namespace sigtoken::testing {
namespace {

class TokenWithoutPinTest : public CommandLineTest {
 protected:
  TokenWithoutPinTest() {
    const auto database = folder_.path() / "nss";
    std::filesystem::create_directory(database);
    const std::string where = "sql:" + database.string();
    const Outcome made = programs_.Run(SIGTOKEN_CERTUTIL,
                                       {"-N", "-d", where, "--empty-password"});
    EXPECT_EQ(made.status, 0) << made.err;
    std::filesystem::create_directory(home_);
    std::filesystem::permissions(home_, std::filesystem::perms::owner_all);
    folder_.Write("home/sigtoken.toml",
                  "[[token]]\nname = \"NSS.KEYS\"\n"
                  "uri = \"pkcs11:token=open?module-path=" +
                      FaultModule::path() + "\"\ninit = \"configdir='" + where +
                      "' dbTokenDescription='open' flags=\"\n");
    for (const auto& [name, value] : fault_.environment()) {
      programs_.SetEnvironment(name, value);
    }
  }

  FaultModule fault_{SIGTOKEN_NSS_MODULE};
};

TEST_F(TokenWithoutPinTest, KeysAreMadeAndSignWithoutALogin) {
  const auto made =
      Json({"key", "generate", "--token", "NSS.KEYS", "--bytes", "64"});
  EXPECT_EQ(made["sequence"], "00000001");
  const std::string mac =
      Json({"sign", "--key", "NSS.KEYS:1T", "--alg", "HS256"}, "data")["mac"];
  EXPECT_EQ(
      Text({"verify", "--key", "NSS.KEYS:1T", "--alg", "HS256", "--mac", mac},
           "data"),
      "verified\n");
  EXPECT_GT(fault_.Calls("C_Sign"), 0U);
  EXPECT_EQ(fault_.Calls("C_Login"), 0U);
}

}  // namespace
}  // namespace sigtoken::testing
