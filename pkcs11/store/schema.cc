#include "pkcs11/store/schema.h"

#include <array>
#include <string_view>

namespace sigtoken {
namespace {

constexpr auto kMigrations = std::to_array<std::string_view>({
    R"sql(
    CREATE TABLE tokens (
      name          TEXT PRIMARY KEY,
      manufacturer  TEXT NOT NULL,
      model         TEXT NOT NULL,
      serial        TEXT NOT NULL,
      last_sequence INTEGER NOT NULL,
      updated       INTEGER NOT NULL,  -- nanoseconds since 1970
      module_path   TEXT NOT NULL,
      init          TEXT NOT NULL,
      token_label   TEXT NOT NULL,
      token_serial  TEXT NOT NULL
    ) STRICT;
    CREATE TABLE objects (
      token    TEXT NOT NULL REFERENCES tokens (name) ON DELETE CASCADE,
      sequence INTEGER NOT NULL,
      category TEXT NOT NULL,
      bytes    INTEGER NOT NULL,       -- as generated or imported
      algorithm TEXT NOT NULL,         -- named when the key was made, or empty
      check_mac BLOB,                  -- HMAC-SHA-256 over no data, or NULL
      disabled INTEGER NOT NULL DEFAULT 0,
      created  INTEGER NOT NULL,       -- nanoseconds since 1970
      PRIMARY KEY (token, sequence)
    ) STRICT;
    )sql",
    R"sql(
    -- A key that others made: its CKA_ID and CKA_LABEL.
    ALTER TABLE objects ADD COLUMN foreign_id BLOB;
    ALTER TABLE objects ADD COLUMN foreign_label TEXT;
    ALTER TABLE objects ADD COLUMN adopted INTEGER NOT NULL DEFAULT 0;
    -- PINs that a token refused, by the file that they came from.
    CREATE TABLE refused_pins (
      module_path  TEXT NOT NULL,
      init         TEXT NOT NULL,
      token_label  TEXT NOT NULL,
      token_serial TEXT NOT NULL,
      file         TEXT NOT NULL,
      device       INTEGER NOT NULL,
      inode        INTEGER NOT NULL,
      changed      INTEGER NOT NULL,  -- nanoseconds since 1970
      rv           INTEGER NOT NULL,  -- what C_Login answered
      PRIMARY KEY (module_path, init, token_label, token_serial, file)
    ) STRICT;
    )sql",
    R"sql(
    -- Before, nobody wrote down which keys of category T were to be readable.
    ALTER TABLE objects ADD COLUMN exportable INTEGER NOT NULL DEFAULT 0;
    UPDATE objects SET exportable = 1 WHERE category = 'T';
    -- Optional protections that the module refused: names, a space between.
    ALTER TABLE objects ADD COLUMN not_kept TEXT NOT NULL DEFAULT '';
    )sql",
    R"sql(
    -- CKA_CLASS; all objects were secret keys before.
    ALTER TABLE objects ADD COLUMN object_class INTEGER NOT NULL DEFAULT 4;
    -- An attribute list that the object is being given, or NULL.
    ALTER TABLE objects ADD COLUMN pending BLOB;
    -- What a module does not keep of an object.
    CREATE TABLE object_attributes (
      token    TEXT NOT NULL,
      sequence INTEGER NOT NULL,
      type     INTEGER NOT NULL,  -- CKA_
      value    BLOB NOT NULL,
      PRIMARY KEY (token, sequence, type),
      FOREIGN KEY (token, sequence) REFERENCES objects (token, sequence)
        ON DELETE CASCADE
    ) STRICT;
    )sql",
});

}  // namespace

Status MigrateRecords(Database& database) {
  return database.Migrate("pkcs11", kMigrations);
}

}  // namespace sigtoken
