// Generic profiles: what covers what, and which goes first.

#include "signer/racf/profile/generic_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/embedded_home.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::Must;

ProfileName Generic(const std::string& name) {
  return Must(ProfileName::Parse(name, true));
}

bool CoversResource(const std::string& name, const std::string& resource) {
  return Covers(Generic(name).Rank(), resource);
}

// IBM's table ("Generic profile checking of general resources"), and the rules
// of "Profile names for general resources".
TEST(GenericSearchTest, CoversAsIbmSays) {
  struct Row {
    std::string name;
    std::vector<std::string> covers;
    std::vector<std::string> does_not;
  };
  const std::vector<Row> rows = {
      {"COPY.PAPER.%",
       {"COPY.PAPER.X"},
       {"COPY.PAPER", "COPY.PAPER.XY", "COPY.PAPER.X.Y"}},
      {"COPY.PAPER.*",
       {"COPY.PAPER.TEST", "COPY.PAPER.A.B"},
       {"COPY.PAPER", "COPY.PAPERS"}},
      {"COPY.PAPER.**",
       {"COPY.PAPER.TEST", "COPY.PAPER", "COPY.PAPER.A.B"},
       {"COPY.PAPERS", "COPY"}},
      {"COPY.PAPER%",
       {"COPY.PAPERS"},
       {"COPY.PAPER", "COPY.PAPER.TEST", "COPY.PAPERSS"}},
      {"COPY.PAPER*",
       {"COPY.PAPER", "COPY.PAPERS", "COPY.PAPER.TEST", "COPY.PAPERS.A.B"},
       {"COPY.PAPE", "COPY"}},
      {"COPY.%APER", {"COPY.PAPER"}, {"COPY.APER", "COPY.PPAPER"}},
      {"*.PAPER", {"COPY.PAPER"}, {"PAPER", "A.COPY.PAPER"}},
      {"COPY.*.TEST",
       {"COPY.PAPER.TEST"},
       {"COPY.TEST", "COPY.A.B.TEST", "COPY.PAPER.TEST.X"}},
      {"COPY.PA*.TEST",
       {"COPY.PAPER.TEST", "COPY.PA.TEST"},
       {"COPY.P.TEST", "COPY.PA.X.TEST"}},
      {"COPY.**.TEST",
       {"COPY.TEST", "COPY.A.TEST", "COPY.A.B.TEST"},
       {"COPY.A", "TEST", "COPY.A.TEST.X"}},
      {"**.TEST", {"TEST", "A.TEST", "A.B.TEST"}, {"TESTS", "TEST.A"}},
      {"**", {"A", "A.B.C"}, {}},
      {"*", {"A", "A.B.C"}, {}},
      {"COPY.&X", {}, {"COPY.PAPER", "COPY.&X"}},
      {"JWT.%%%.*.SAF",
       {"JWT.ABC.USER01.SAF"},
       {"JWT.ABCD.USER01.SAF", "JWT.A.C.USER01.SAF"}},
      {"A*.**.B*",
       {"A.B", "AX.BY", "A.X.Y.B", "A.B.C", "A.X.B.C.D"},
       {"A", "B.B", "A.C"}},
      {"A.*.**", {"A.B", "A.B.C"}, {"A", "AB.C"}},
      {"%*", {"A", "AB", "A.B"}, {}},
  };
  for (const Row& row : rows) {
    for (const std::string& resource : row.covers) {
      EXPECT_TRUE(CoversResource(row.name, resource))
          << row.name << " " << resource;
    }
    for (const std::string& resource : row.does_not) {
      EXPECT_FALSE(CoversResource(row.name, resource))
          << row.name << " " << resource;
    }
  }
}

TEST(GenericSearchTest, TheMoreSpecificGoesFirst) {
  const std::vector<std::string> order = {"JWT.APPL01.USER01.**",
                                          "JWT.APPL01.USER0%.SAF",
                                          "JWT.APPL01.USER*.SAF",
                                          "JWT.APPL01.USER*",
                                          "JWT.APPL01.*.SAF",
                                          "JWT.APPL01.*",
                                          "JWT.APPL01.**",
                                          "JWT.APPL%1.USER01.SAF",
                                          "JWT.APPL*.USER01.SAF",
                                          "JWT.&X.USER01.SAF",
                                          "JWT.%PPL01.**",
                                          "JWT.*.USER01.SAF",
                                          "JWT.**",
                                          "&Y.**",
                                          "%WT.**",
                                          "*",
                                          "**"};
  std::vector<std::string> shuffled = order;
  std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937{7});
  std::sort(shuffled.begin(), shuffled.end(),
            [](const std::string& a, const std::string& b) {
              return Generic(a).Rank() < Generic(b).Rank();
            });
  EXPECT_EQ(shuffled, order);
}

// Of IBM's table, for one resource in the middle of many names.
class WalkTest : public ::testing::Test {
 protected:
  void Add(const std::string& name) { names_[Generic(name).Rank()] = name; }

  std::vector<std::string> Walk(const std::string& resource) {
    seeks_ = 0;
    const GenericSearch::Seek seek =
        [&](const std::string& from) -> Result<std::optional<std::string>> {
      ++seeks_;
      const auto found = names_.lower_bound(from);
      if (found == names_.end()) return std::optional<std::string>();
      return std::optional(found->first);
    };
    GenericSearch search(resource, seek);
    std::vector<std::string> covering;
    while (auto rank = Must(search.Next())) covering.push_back(names_[*rank]);
    EXPECT_EQ(Must(search.Next()), std::nullopt);
    return covering;
  }

  // What Walk() must give, by a look at each.
  std::vector<std::string> LookAtAll(const std::string& resource) {
    std::vector<std::string> covering;
    for (const auto& [rank, name] : names_) {
      if (Covers(rank, resource)) covering.push_back(name);
    }
    return covering;
  }

  std::map<std::string, std::string> names_;
  std::size_t seeks_ = 0;
};

TEST_F(WalkTest, GivesAllThatCoverInTheirOrder) {
  for (const std::string name :
       {"COPY.WEB.*", "COPY.PAPER.%", "COPY.PAPER.*", "COPY.PAPER.**",
        "COPY.PAPER%", "COPY.PAPER*", "COPY.PAPE%", "COPY.PAP*", "COPY.PRINT.*",
        "COPY.&X", "COPY.&Y", "COPY.%APER", "COPY.*", "COPY.**", "**"}) {
    Add(name);
  }
  EXPECT_EQ(Walk("COPY.PAPER"),
            (std::vector<std::string>{"COPY.PAPER.**", "COPY.PAPER*",
                                      "COPY.PAPE%", "COPY.PAP*", "COPY.%APER",
                                      "COPY.*", "COPY.**", "**"}));
  EXPECT_EQ(Walk("COPY.PAPER.X"),
            (std::vector<std::string>{"COPY.PAPER.%", "COPY.PAPER.*",
                                      "COPY.PAPER.**", "COPY.PAPER*",
                                      "COPY.PAP*", "COPY.*", "COPY.**", "**"}));
  EXPECT_EQ(Walk("PAPER"), std::vector<std::string>{"**"});
}

TEST_F(WalkTest, OfNothingGivesNothing) {
  EXPECT_TRUE(Walk("A").empty());
  EXPECT_LE(seeks_, 2U);
}

// Names of few letters, so that many cover, or nearly do.
TEST_F(WalkTest, IsALookAtAllOfThem) {
  std::mt19937 random{42};
  const auto draw = [&](std::size_t count) {
    return static_cast<std::size_t>(random() % count);
  };
  const std::vector<std::string> qualifiers = {"A",  "B",  "AB", "BA", "AA",
                                               "%",  "*",  "A*", "B%", "%A",
                                               "%*", "**", "AB*"};
  for (int round = 0; round < 300; ++round) {
    names_.clear();
    for (int i = 0; i < 40; ++i) {
      std::string name;
      for (std::size_t part = 0; part <= draw(4); ++part) {
        if (part > 0) name += '.';
        name += qualifiers[draw(qualifiers.size())];
      }
      const auto parsed = ProfileName::Parse(name, true);
      if (parsed && parsed->is_generic()) names_[parsed->Rank()] = name;
    }
    for (int i = 0; i < 10; ++i) {
      std::string resource;
      for (std::size_t part = 0; part <= draw(4); ++part) {
        if (part > 0) resource += '.';
        resource += qualifiers[draw(5)];
      }
      EXPECT_EQ(Walk(resource), LookAtAll(resource)) << resource;
    }
  }
}

TEST_F(WalkTest, LeapsOverThoseOfOthers) {
  for (int i = 0; i < 20000; ++i) {
    const std::string number = std::to_string(100000 + i);
    Add("JWT.APPL01.U" + number + "*.SAF");
    Add("JWT.A" + number + ".*.SAF");
    Add("JWT.*.V" + number + "%.SAF");
  }
  Add("JWT.**");
  EXPECT_EQ(Walk("JWT.APPL01.U110000.SAF"),
            (std::vector<std::string>{"JWT.APPL01.U110000*.SAF", "JWT.**"}));
  EXPECT_LE(seeks_, 30U);
}

}  // namespace
}  // namespace sigtoken
