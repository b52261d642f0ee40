// A state store with the tables of RACF, and commands in it.

#ifndef TESTS_SIGNER_RACF_RACF_STORE_H_
#define TESTS_SIGNER_RACF_RACF_STORE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "signer/racf/command/commands.h"
#include "signer/racf/schema.h"
#include "tests/embedded_home.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/pkcs11/temporary_folder.h"

namespace sigtoken::testing {

class RacfStoreTest : public ::testing::Test {
 protected:
  RacfStoreTest() { EXPECT_THAT(MigrateRacf(*database_), IsOk()); }

  Result<CommandOutput> Run(const std::string& text) {
    SIGTOKEN_ASSIGN(const auto commands, SplitCommands(text));
    return RunCommands(*database_, commands);
  }
  // What commands that must succeed print.
  std::vector<std::string> Lines(const std::string& text) {
    return Must(Run(text)).lines;
  }
  std::string Export() { return Must(ExportCommands(*database_)); }

  TemporaryFolder folder_;
  std::unique_ptr<Database> database_ =
      Must(Database::Open(folder_.path() / "racf.db"));
};

}  // namespace sigtoken::testing

#endif  // TESTS_SIGNER_RACF_RACF_STORE_H_
