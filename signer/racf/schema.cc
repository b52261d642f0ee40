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
});

}  // namespace

Status MigrateRacf(Database& database) {
  return database.Migrate("racf", kMigrations);
}

}  // namespace sigtoken
