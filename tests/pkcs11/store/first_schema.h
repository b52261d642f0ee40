// A state store as the first version of the records' tables had it.

#ifndef TESTS_PKCS11_STORE_FIRST_SCHEMA_H_
#define TESTS_PKCS11_STORE_FIRST_SCHEMA_H_

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>

namespace sigtoken::testing {

// Makes `file` with the token A, whose last number is 7, and its key
// 00000003T: 32 bytes for HS256, disabled, with a check value of zeros.
inline void MakeFirstStore(const std::filesystem::path& file) {
  SQLite::Database store(file.string(),
                         SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  std::filesystem::permissions(file, std::filesystem::perms::owner_read |
                                         std::filesystem::perms::owner_write);
  store.exec(R"sql(
    CREATE TABLE schema_versions
      (layer TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT;
    INSERT INTO schema_versions VALUES ('pkcs11', 1);
    CREATE TABLE tokens (
      name          TEXT PRIMARY KEY,
      manufacturer  TEXT NOT NULL,
      model         TEXT NOT NULL,
      serial        TEXT NOT NULL,
      last_sequence INTEGER NOT NULL,
      updated       INTEGER NOT NULL,
      module_path   TEXT NOT NULL,
      init          TEXT NOT NULL,
      token_label   TEXT NOT NULL,
      token_serial  TEXT NOT NULL
    ) STRICT;
    CREATE TABLE objects (
      token    TEXT NOT NULL REFERENCES tokens (name) ON DELETE CASCADE,
      sequence INTEGER NOT NULL,
      category TEXT NOT NULL,
      bytes    INTEGER NOT NULL,
      algorithm TEXT NOT NULL,
      check_mac BLOB,
      disabled INTEGER NOT NULL DEFAULT 0,
      created  INTEGER NOT NULL,
      PRIMARY KEY (token, sequence)
    ) STRICT;
    INSERT INTO tokens VALUES ('A', 'ACME', 'M1', 'S1', 7, 11,
                               '/p11.so', '', 'hsm', '0011');
    INSERT INTO objects VALUES ('A', 3, 'T', 32, 'HS256', zeroblob(32), 1, 12);
  )sql");
}

}  // namespace sigtoken::testing

#endif  // TESTS_PKCS11_STORE_FIRST_SCHEMA_H_
