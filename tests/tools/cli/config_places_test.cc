// config check, and the first command behind it: the same word of home and
// store, and nothing made or changed for it.

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "tests/tools/command_line.h"

namespace sigtoken::testing {
namespace {

namespace fs = std::filesystem;

class ConfigPlacesTest : public CommandLineTest {
 protected:
  static void Make(const fs::path& folder, mode_t mode = 0700) {
    fs::create_directories(folder);
    ASSERT_EQ(chmod(folder.c_str(), mode), 0);
  }
  static void Put(const fs::path& file, const std::string& text,
                  mode_t mode = 0600) {
    std::ofstream(file) << text;
    ASSERT_EQ(chmod(file.c_str(), mode), 0);
  }
  // A home of the default configuration, or with that store.
  void StoreIs(const fs::path& path) const {
    Make(home_);
    Put(home_ / "sigtoken.toml", "[store]\npath = '" + path.string() + "'\n");
  }

  // All that is below the test's folder, and how it was last changed.
  std::vector<std::string> Below() const {
    std::vector<std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
      struct stat found {};
      EXPECT_EQ(lstat(entry.path().c_str(), &found), 0);
      all.push_back(entry.path().string() + " " +
                    std::to_string(found.st_mode) + " " +
                    std::to_string(found.st_ino) + " " +
                    std::to_string(found.st_ctim.tv_sec) + "." +
                    std::to_string(found.st_ctim.tv_nsec));
    }
    std::sort(all.begin(), all.end());
    return all;
  }

  void StartAnew() const {
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      fs::remove_all(entry.path());
    }
  }
};

struct Row {
  std::string name;
  std::function<void()> make;
};

TEST_F(ConfigPlacesTest, SaysWhatTheFirstCommandSays) {
  const fs::path folder = folder_.path();
  const fs::path store = folder / "store";
  for (const Row& row : std::vector<Row>{
           {"home 0755", [&] { Make(home_, 0755); }},
           {"home 0770", [&] { Make(home_, 0770); }},
           {"home 1777", [&] { Make(home_, 01777); }},
           {"home is a file", [&] { Put(home_, ""); }},
           {"home is a link",
            [&] {
              Make(folder / "real");
              fs::create_symlink(folder / "real", home_);
            }},
           {"home is a link to nothing",
            [&] { fs::create_symlink(folder / "none", home_); }},
           {"tokens 0755", [&] { Make(home_), Make(home_ / "tokens", 0755); }},
           {"embedded is a file",
            [&] { Make(home_), Put(home_ / "embedded", ""); }},
           {"softhsm2.conf of others",
            [&] {
              Make(home_);
              Put(home_ / "softhsm2.conf", "directories.tokendir = /tmp\n");
            }},
           {"locks 0755", [&] { Make(home_), Make(home_ / "locks", 0755); }},
           {"/etc/passwd", [&] { StoreIs("/etc/passwd"); }},
           {"below a file",
            [&] {
              StoreIs(store / "below" / "db");
              Put(store, "");
            }},
           {"in a folder of all", [&] { StoreIs("/tmp/sigtoken-a.db"); }},
           {"in a folder 0755",
            [&] {
              StoreIs(store / "db");
              Make(store, 0755);
            }},
           {"a folder",
            [&] { StoreIs(store / "db"), Make(store / "db"), Make(store); }},
           {"a link",
            [&] {
              StoreIs(store / "db");
              Make(store);
              fs::create_symlink("/nonexistent", store / "db");
            }},
           {"a pipe",
            [&] {
              StoreIs(store / "db");
              Make(store);
              ASSERT_EQ(mkfifo((store / "db").c_str(), 0600), 0);
            }},
           {"0640",
            [&] {
              StoreIs(store / "db");
              Make(store);
              Put(store / "db", "", 0640);
            }},
           {"no database",
            [&] {
              StoreIs(store / "db");
              Make(store);
              Put(store / "db", std::string(5000, 'x'));
            }},
           {"nearly a database",
            [&] {
              StoreIs(store / "db");
              Make(store);
              Put(store / "db", "SQLite format 4" + std::string(5000, '\0'));
            }},
           {"-wal 0644",
            [&] {
              StoreIs(store / "db");
              Make(store);
              Put(store / "db", "");
              Put(store / "db-wal", "", 0644);
            }},
       }) {
    SCOPED_TRACE(row.name);
    StartAnew();
    row.make();
    const auto before = Below();
    const Outcome checked = Run({"config", "check", "--json"});
    EXPECT_EQ(Below(), before);
    EXPECT_EQ(checked.status, 12);
    const Outcome listed = Run({"token", "list", "--json"});
    EXPECT_EQ(listed.status, 12);
    EXPECT_EQ(checked.err, listed.err);
    EXPECT_EQ(checked.json(), listed.json());
  }
}

TEST_F(ConfigPlacesTest, WhatTheFirstCommandWouldMakeNeedNotBeThere) {
  const fs::path store = folder_.path() / "store";
  for (const Row& row : std::vector<Row>{
           {"nothing", [] {}},
           {"an empty home", [&] { Make(home_); }},
           {"a store's folder that is not there",
            [&] { StoreIs(store / "below" / "db"); }},
           {"an empty store",
            [&] {
              StoreIs(store / "db");
              Make(store);
              Put(store / "db", "");
            }},
           {"an empty softhsm2.conf",
            [&] { Make(home_), Put(home_ / "softhsm2.conf", ""); }},
           {"a used home", [&] { WithKey(); }}}) {
    SCOPED_TRACE(row.name);
    StartAnew();
    row.make();
    const auto before = Below();
    const Outcome checked = Run({"config", "check"});
    EXPECT_EQ(checked.status, 0) << checked.err;
    EXPECT_EQ(Below(), before);
    EXPECT_EQ(Run({"token", "list"}).status, 0);
  }
}

}  // namespace
}  // namespace sigtoken::testing
