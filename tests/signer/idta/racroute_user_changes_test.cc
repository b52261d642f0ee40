// That a change of a user and its record are kept together or not at all.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "signer/idta/racroute.h"
#include "tests/signer/idta/saf_test.h"

namespace sigtoken::testing {
namespace {

class RacrouteUserChangesTest : public SafTest {
 protected:
  User Find(const std::string& id = "USER01") { return *Must(users_.Find(id)); }
};

constexpr char kUser[] =
    "ADDUSER USER01 PASSWORD(X)\nALTUSER USER01 PASSWORD(X) NOEXPIRED";

// Knows users, and keeps nothing: no change begins.
class ReadOnlyUsers : public StoredUsers {
 public:
  using StoredUsers::StoredUsers;
  Result<std::unique_ptr<UserChange>> Begin() override {
    return Unavailable("the store is read-only", "");
  }
};

TEST_F(RacrouteUserChangesTest,
       AFailedSignatureThatCannotBeCountedIsNotDecided) {
  const std::string token = MakeToken();
  ReadOnlyUsers users(*database_);
  system_.users = &users;
  const std::size_t before = Records().size();
  const RacrouteResult result = Check(Flipped(token));
  EXPECT_EQ(CodeOf(result), "8/6C/A0B");
  EXPECT_EQ(result.exit_status, 12);
  ASSERT_EQ(Records().size(), before + 1);
  EXPECT_EQ(LastRecord()["code"], "8/6C/A0B");
  EXPECT_EQ(LastRecord()["event_qualifier"], "NOTDECID");
}

TEST_F(RacrouteUserChangesTest,
       AUserWhoCannotBeAdmittedIsNotOnRecordAsAdmitted) {
  Lines(kUser);
  Check(Flipped(MakeToken()));
  ReadOnlyUsers users(*database_);
  system_.users = &users;
  const std::size_t before = Records().size();
  Idta idta = ZowesIdta();
  idta.prop_out = kSafIdtReturn;
  const RacrouteResult result = Racroute(system_, Password(), &idta, "");
  EXPECT_EQ(CodeOf(result), "8/6C/A0B");
  EXPECT_EQ(result.exit_status, 12);
  EXPECT_EQ(result.user, "");
  EXPECT_FALSE(result.generated);
  EXPECT_EQ(EncodeIdta(idta), EncodeIdta(ZowesIdta()));
  ASSERT_EQ(Records().size(), before + 1);
  const auto record = LastRecord();
  EXPECT_EQ(record["code"], "8/6C/A0B");
  EXPECT_EQ(record["event_qualifier"], "NOTDECID");
  EXPECT_EQ(record["returned"], false);
  EXPECT_EQ(record["INIT_PASSWORD_SUCC"], "NO");
  EXPECT_EQ(Find().revoke_count, 1);
}

// Says yes to every change, and then cannot keep it.
class ForgetfulUsers : public StoredUsers {
 public:
  using StoredUsers::StoredUsers;
  Result<std::unique_ptr<UserChange>> Begin() override {
    SIGTOKEN_ASSIGN(auto change, StoredUsers::Begin());
    return std::unique_ptr<UserChange>(
        std::make_unique<Change>(std::move(change)));
  }

 private:
  class Change : public UserChange {
   public:
    explicit Change(std::unique_ptr<UserChange> change)
        : change_(std::move(change)) {}
    Result<FailureCount> CountFailure(const std::string& id) override {
      return change_->CountFailure(id);
    }
    Status ForgetFailures(const std::string& id) override {
      return change_->ForgetFailures(id);
    }
    Status Renew(const std::string& id, Authenticator authenticator) override {
      return change_->Renew(id, authenticator);
    }
    Status Commit() override {
      return Unavailable("the disk of the store is full", "");
    }

   private:
    std::unique_ptr<UserChange> change_;
  };
};

TEST_F(RacrouteUserChangesTest, ACountThatIsNotKeptHasASecondRecordThatSaysSo) {
  Lines(kUser);
  const std::string token = MakeToken();
  ForgetfulUsers users(*database_);
  system_.users = &users;
  const std::size_t before = Records().size();
  const RacrouteResult result = Check(Flipped(token));
  EXPECT_EQ(CodeOf(result), "8/6C/A0B");
  EXPECT_EQ(result.exit_status, 12);
  const auto records = Records();
  ASSERT_EQ(records.size(), before + 2);
  EXPECT_EQ(records[before]["code"], "8/8/0");
  EXPECT_EQ(records[before + 1]["code"], "8/6C/A0B");
  EXPECT_EQ(records[before + 1]["event_qualifier"], "NOTDECID");
  EXPECT_EQ(Find().revoke_count, 0);
}

TEST_F(RacrouteUserChangesTest,
       AnAdmissionThatIsNotKeptHasASecondRecordThatSaysSo) {
  Lines("ADDUSER USER01 PASSWORD(X)");
  ForgetfulUsers users(*database_);
  system_.users = &users;
  RacrouteRequest request = Password();
  request.new_credential = Authenticator::kPassword;
  Idta idta = ZowesIdta();
  const RacrouteResult result = Racroute(system_, request, &idta, "");
  EXPECT_EQ(CodeOf(result), "8/6C/A0B");
  EXPECT_EQ(result.user, "");
  EXPECT_FALSE(result.generated);
  EXPECT_EQ(EncodeIdta(idta), EncodeIdta(ZowesIdta()));
  const auto records = Records();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0]["code"], "0/0/0");
  EXPECT_EQ(records[1]["code"], "8/6C/A0B");
  EXPECT_EQ(records[1]["returned"], false);
  EXPECT_TRUE(Find().password_expired);
}

// Another is revoked between the check and the change.
class UsersRevokedMeanwhile : public StoredUsers {
 public:
  using StoredUsers::StoredUsers;
  Result<std::unique_ptr<UserChange>> Begin() override {
    SIGTOKEN_ASSIGN(auto user, Find("USER01"));
    user->revoked = true;
    SIGTOKEN_TRY(Put(*user));
    return StoredUsers::Begin();
  }
};

TEST_F(RacrouteUserChangesTest, WhoIsRevokedMeanwhileIsNotAdmitted) {
  Lines(kUser);
  const std::string token = MakeToken();
  Check(Flipped(token));
  UsersRevokedMeanwhile users(*database_);
  system_.users = &users;
  EXPECT_EQ(CodeOf(Check(token)), "8/1C/0");
  EXPECT_EQ(LastRecord()["event_qualifier"], "REVKUSER");
  EXPECT_EQ(Find().revoke_count, 1);
}

// Its audit file is in a folder that is not there.
class UnrecordedUsersTest : public RacrouteUserChangesTest {
 protected:
  AuditSettings Nowhere() const {
    AuditSettings settings = Settings();
    settings.file = folder_.path() / "nowhere" / "audit.jsonl";
    return settings;
  }
};

TEST_F(UnrecordedUsersTest, AFailedSignatureThatIsNotOnRecordIsNotCounted) {
  Lines(kUser + std::string("\nSETROPTS PASSWORD(REVOKE(2))"));
  const std::string token = MakeToken();
  AuditLog nowhere(Nowhere());
  system_.audit = &nowhere;
  for (int i = 0; i < 5; ++i) {
    const RacrouteResult result = Check(Flipped(token));
    EXPECT_EQ(CodeOf(result), "8/6C/A0D");
    EXPECT_THAT(result.console, ::testing::HasSubstr(" 8/6C/A0D"));
  }
  EXPECT_EQ(Find().revoke_count, 0);
  EXPECT_FALSE(Find().revoked);
  system_.audit = &audit_;
  EXPECT_EQ(CodeOf(Check(Flipped(token))), "8/8/0");
  EXPECT_EQ(Find().revoke_count, 1);
}

TEST_F(UnrecordedUsersTest, WhoGoesOnWithoutRecordsCounts) {
  Lines(kUser);
  const std::string token = MakeToken();
  AuditSettings settings = Nowhere();
  settings.on_failure = AuditFailure::kContinue;
  AuditLog nowhere(settings);
  system_.audit = &nowhere;
  EXPECT_EQ(CodeOf(Check(Flipped(token))), "8/8/0");
  EXPECT_EQ(Find().revoke_count, 1);
  EXPECT_EQ(CodeOf(Check(token)), "0/0/0");
  EXPECT_EQ(Find().revoke_count, 0);
}

TEST_F(UnrecordedUsersTest, ARequestThatIsNotOnRecordChangesNoUser) {
  Lines("ADDUSER USER01 PASSWORD(X)");
  AuditLog nowhere(Nowhere());
  system_.audit = &nowhere;
  RacrouteRequest request = Password();
  request.new_credential = Authenticator::kPassword;
  Idta idta = ZowesIdta();
  EXPECT_EQ(CodeOf(Racroute(system_, request, &idta, "")), "8/6C/A0D");
  EXPECT_TRUE(Find().password_expired);
}

}  // namespace
}  // namespace sigtoken::testing
