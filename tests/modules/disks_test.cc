// Disks that are full, and such that nobody may write to, under a token and
// under the state store.

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/embedded_home.h"
#include "tests/modules/contract.h"
#include "tests/modules/staying_process.h"
#include "tests/mount_namespace.h"

namespace sigtoken::testing {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kDiskBytes = 4 << 20;

// Pages that are left: where what is written ends depends on them. The last
// are enough for everything. NSS writes more at a time, and takes longer.
std::vector<std::size_t> PagesLeft(const std::string& module) {
  if (module == "nss") return {0, 3, 9, 64};
  return {0, 1, 2, 3, 4, 6, 9, 14, 20, 64};
}

// A disk of its own for a folder with all that is in it.
void MoveToADisk(const MountNamespace& disks, const fs::path& folder) {
  const fs::path aside = folder.string() + ".aside";
  fs::copy(folder, aside, fs::copy_options::recursive);
  disks.MountDisk(folder, kDiskBytes);
  fs::copy(aside, folder, fs::copy_options::recursive);
  fs::remove_all(aside);
}

class DisksTest : public ContractTest {
 protected:
  using Keys = std::map<std::string, std::string>;  // kcv by sequence number.

  DisksTest() {
    Json({"key", "import", "--token", kBound}, StayingProcess::kValue);
    Generate();
  }

  // All keys, each of which signs; and there is nothing else in the token.
  Keys Whole(const StayingProcess& process) const {
    const Outcome listed = Run({"--json", "key", "list"});
    EXPECT_EQ(listed.status, 0) << listed.err;
    // Of what is half made it would say so.
    EXPECT_EQ(listed.err, "");
    Keys keys;
    const json document = listed.json();
    for (const json& key : document["keys"]) {
      EXPECT_TRUE(key["kcv"].is_string()) << key;
      const std::string number = key["sequence"];
      EXPECT_TRUE(keys.emplace(number, key["kcv"].dump()).second) << key;
    }
    EXPECT_EQ(process.Listed(), std::to_string(keys.size()));
    return keys;
  }

  std::string Program() const {
    const Outcome made =
        Run({"--json", "sign", "--key", Handle(1), "--alg", "HS256"},
            StayingProcess::kText);
    return made.status == 0 && made.json()["mac"] == StayingProcess::RightMac()
               ? "right"
               : std::to_string(made.status) + made.err;
  }

  // Whatever lists, by a program that logs in now.
  void ExpectListed() const {
    for (const Words& words : std::vector<Words>{
             {"key", "list"},
             {"token", "list"},
             {"token", "show", kBound},
             {"racf", "RACDCERT LISTTOKEN(" + std::string(kBound) + ")"}}) {
      const Outcome listed = Run(words);
      EXPECT_EQ(listed.status, 0) << words[0] << ' ' << words[1];
      EXPECT_EQ(listed.err, "");
      EXPECT_NE(listed.out.find(kBound), std::string::npos) << listed.out;
    }
    const json document = Run({"--json", "key", "list"}).json();
    EXPECT_EQ(document["keys"].size(), 2U);
  }

  // The number of a key that the program made, or its exit status as codes.
  std::string ByProgram(const Words& words, const std::string& input) const {
    const Outcome made = Run(words, input);
    if (made.status != 0) {
      return made.json()["error"]["icsf"]["return_code"].dump() + "/" +
             made.json()["error"]["icsf"]["reason_code"].dump();
    }
    return std::to_string(
        std::stoul(made.json()["sequence"].get<std::string>(), nullptr, 16));
  }

  // One change while the disk has no more room than that, and all that must
  // hold behind it.
  void Change(const StayingProcess& process, const fs::path& folder,
              std::size_t pages, const std::function<std::string()>& change) {
    const Keys before = Whole(process);
    std::string answer;
    {
      const Filler filler(folder, pages);
      answer = change();
      // Keys that were there go on signing.
      EXPECT_EQ(process.Held(), "right");
      EXPECT_EQ(process.Found(2), "right");
    }
    SCOPED_TRACE(answer);
    answers_ += answer + ' ';
    EXPECT_EQ(Program(), "right");
    Keys after = Whole(process);
    if (answer == "12/0") {
      EXPECT_EQ(after, before);
      return;
    }
    if (answer.starts_with("deleted")) {
      EXPECT_EQ(after.size() + 1, before.size());
      return;
    }
    EXPECT_TRUE(numbers_.insert(answer).second) << "it was given out twice";
    EXPECT_EQ(after.size(), before.size() + 1);
    char number[9];
    std::snprintf(number, sizeof number, "%08lX", std::stoul(answer));
    EXPECT_EQ(after.erase(number), 1U);
    EXPECT_EQ(after, before);
  }

  std::set<std::string> numbers_ = {"1", "2"};
  std::string answers_;
};

TEST_P(DisksTest, KeysAreMadeWholeOrNotAtAllWhereTheTokensDiskIsFull) {
  EXPECT_TRUE(RunForked([&] {
    const MountNamespace disks;
    for (const fs::path& folder : {module_->token_folder(), module_->home()}) {
      MoveToADisk(disks, folder);
      Stay(*module_, [&](const StayingProcess& process) {
        for (const std::size_t pages : PagesLeft(GetParam()->name)) {
          SCOPED_TRACE(folder.string() + ' ' + std::to_string(pages));
          Change(process, folder, pages, [&] { return process.Generated(); });
          Change(process, folder, pages, [&] { return process.Imported(); });
          Change(process, folder, pages, [&] {
            return ByProgram({"--json", "key", "generate", "--token", kBound},
                             "");
          });
          Change(process, folder, pages, [&] {
            return ByProgram({"--json", "key", "import", "--token", kBound},
                             std::string(40, 'i'));
          });
        }
        // With room again the next one is made.
        Change(process, folder, 100, [&] { return process.Generated(); });
        std::printf("%s\n", answers_.c_str());
      });
    }
  }));
}

// NSS says of itself that its database is write-protected, and does not begin
// with such a one.
TEST_P(DisksTest, AFolderThatNobodyMayWriteToServesTheKeysThatAreThere) {
  const bool nss = GetParam()->name == std::string("nss");
  const std::string refused = nss ? "8/3034" : "12/0";
  EXPECT_TRUE(RunForked([&] {
    const MountNamespace disks;
    Stay(*module_, [&](const StayingProcess& process) {
      disks.MakeReadOnly(module_->token_folder());
      for (int twice = 0; twice < 2; ++twice) {
        EXPECT_EQ(process.Held(), "right");
        EXPECT_EQ(process.Found(2), "right");
        EXPECT_EQ(process.Generated(), refused);
        EXPECT_EQ(process.Imported(), refused);
        EXPECT_EQ(Run({"key", "generate", "--token", kBound}).status, 12);
        if (nss) {
          EXPECT_NE(Program(), "right");
        } else {
          EXPECT_EQ(Program(), "right");
          EXPECT_EQ(process.Deleted(2), "12/0");
          ExpectListed();
        }
      }
    });
  }));
}

// NSS does not begin with a folder that is read-only.
class ReadOnlyDiskTest : public DisksTest {};

// SoftHSM2 cannot write to the token's file at such a login, and does not say
// any more what the token is. That is not to hide that it is gone.
TEST_P(ReadOnlyDiskTest,
       AFolderThatIsGoneBehindALoginWithoutWritingIsNoEmptyToken) {
  EXPECT_TRUE(RunForked([&] {
    const MountNamespace disks;
    const fs::path folder = module_->token_folder();
    disks.MakeReadOnly(folder);
    Stay(*module_, [&](const StayingProcess& process) {
      EXPECT_EQ(process.Listed(), "2");
      EXPECT_EQ(process.Generated(), "12/0");
      EXPECT_EQ(process.Listed(), "2");
      disks.MountDisk(folder, kDiskBytes);
      EXPECT_EQ(process.Listed(), "12/0");
      EXPECT_EQ(process.Found(2), "12/0");
      disks.Unmount(folder);
      process.ExpectBack();
      EXPECT_EQ(process.Listed(), "2");
    });
  }));
}

INSTANTIATE_TEST_SUITE_P(SomeModules, DisksTest,
                         ::testing::Values(&AllModules()[0], &AllModules()[1]),
                         ModuleName);
INSTANTIATE_TEST_SUITE_P(SoftHsm2, ReadOnlyDiskTest,
                         ::testing::Values(&AllModules()[0]), ModuleName);

}  // namespace
}  // namespace sigtoken::testing
