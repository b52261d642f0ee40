#include "signer/racf/schema.h"

namespace sigtoken {
namespace {

constexpr auto kMigrations = std::to_array<std::string_view>({
    R"sql(
    CREATE TABLE racf_classes (
      class     TEXT PRIMARY KEY,
      active    INTEGER NOT NULL,
      raclisted INTEGER NOT NULL,
      generic   INTEGER NOT NULL,
      gencmd    INTEGER NOT NULL,
      changed   INTEGER NOT NULL  -- since RACLIST
    ) STRICT, WITHOUT ROWID;
    -- rank: of discrete profiles their name; of generic ones what their search
    -- walks.
    CREATE TABLE racf_profiles (
      class       TEXT NOT NULL,
      generic     INTEGER NOT NULL,
      rank        BLOB NOT NULL,
      name        TEXT NOT NULL,
      owner       TEXT NOT NULL,
      uacc        TEXT NOT NULL,
      data        TEXT NOT NULL,
      idtparms    INTEGER NOT NULL,  -- whether the profile has the segment
      sigtoken    TEXT,
      sigseqnum   INTEGER,
      sigcat      TEXT,
      sigalg      TEXT,
      anyappl     INTEGER,
      idttimeout  INTEGER,           -- minutes
      protallowed INTEGER,
      siglabelprimary TEXT,
      sigkidprimary   TEXT,
      PRIMARY KEY (class, generic, rank)
    ) STRICT, WITHOUT ROWID;
    -- As they were at the last SETROPTS RACLIST.
    CREATE TABLE racf_raclisted (
      class       TEXT NOT NULL,
      generic     INTEGER NOT NULL,
      rank        BLOB NOT NULL,
      name        TEXT NOT NULL,
      owner       TEXT NOT NULL,
      uacc        TEXT NOT NULL,
      data        TEXT NOT NULL,
      idtparms    INTEGER NOT NULL,
      sigtoken    TEXT,
      sigseqnum   INTEGER,
      sigcat      TEXT,
      sigalg      TEXT,
      anyappl     INTEGER,
      idttimeout  INTEGER,
      protallowed INTEGER,
      siglabelprimary TEXT,
      sigkidprimary   TEXT,
      PRIMARY KEY (class, generic, rank)
    ) STRICT, WITHOUT ROWID;
    )sql",
    R"sql(
    CREATE TABLE racf_users (
      id               TEXT PRIMARY KEY,
      name             TEXT NOT NULL,
      has_password     INTEGER NOT NULL,
      has_phrase       INTEGER NOT NULL,
      password_expired INTEGER NOT NULL,
      phrase_expired   INTEGER NOT NULL,
      revoked          INTEGER NOT NULL,
      special          INTEGER NOT NULL,
      uaudit           INTEGER NOT NULL,
      revoke_count     INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    -- One row, or none where SETROPTS never said anything.
    CREATE TABLE racf_user_options (
      id           INTEGER PRIMARY KEY CHECK (id = 1),
      revoke_after INTEGER,  -- null: NOREVOKE
      audit_user   INTEGER NOT NULL,
      saudit       INTEGER NOT NULL
    ) STRICT;
    )sql",
});

}  // namespace

Status MigrateRacf(Database& database) {
  return database.Migrate("racf", kMigrations);
}

}  // namespace sigtoken
