#include "pkcs11/store/token_records.h"

#include <SQLiteCpp/SQLiteCpp.h>

namespace sigtoken {
namespace {

TokenRecord ReadRow(SQLite::Statement& row, const TokenName& name) {
  return {name,
          row.getColumn(0).getString(),
          row.getColumn(1).getString(),
          row.getColumn(2).getString(),
          row.getColumn(3).getUInt(),
          {row.getColumn(4).getInt64()},
          {row.getColumn(5).getString(), row.getColumn(6).getString(),
           row.getColumn(7).getString(), row.getColumn(8).getString()}};
}

}  // namespace

Result<std::optional<TokenRecord>> FindTokenRecord(Database& database,
                                                   const TokenName& name) {
  std::optional<TokenRecord> record;
  SIGTOKEN_TRY(
      database.Run("read a token record", [&](SQLite::Database& connection) {
        SQLite::Statement query(
            connection,
            "SELECT manufacturer, model, serial, last_sequence, updated, "
            "module_path, init, token_label, token_serial "
            "FROM tokens WHERE name = ?");
        query.bind(1, name.text());
        if (query.executeStep()) record = ReadRow(query, name);
      }));
  return record;
}

Status PutTokenRecord(Database& database, const TokenRecord& record) {
  SIGTOKEN_TRY(DeleteTokenRecord(database, record.name));
  return database.Run(
      "write a token record", [&](SQLite::Database& connection) {
        SQLite::Statement insert(
            connection,
            "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        insert.bind(1, record.name.text());
        insert.bind(2, record.manufacturer);
        insert.bind(3, record.model);
        insert.bind(4, record.serial);
        insert.bind(5, record.last_sequence);
        insert.bind(6, record.updated.nanoseconds);
        insert.bind(7, record.identity.module_path);
        insert.bind(8, record.identity.init);
        insert.bind(9, record.identity.label);
        insert.bind(10, record.identity.serial);
        insert.exec();
      });
}

Status SetLastSequence(Database& database, const TokenName& name,
                       std::uint32_t last_sequence, Instant now) {
  return database.Run(
      "write a sequence number", [&](SQLite::Database& connection) {
        SQLite::Statement update(
            connection,
            "UPDATE tokens SET last_sequence = ?, updated = ? WHERE name = ?");
        update.bind(1, last_sequence);
        update.bind(2, now.nanoseconds);
        update.bind(3, name.text());
        update.exec();
      });
}

Status DeleteTokenRecord(Database& database, const TokenName& name) {
  return database.Run("delete a token record",
                      [&](SQLite::Database& connection) {
                        SQLite::Statement remove(
                            connection, "DELETE FROM tokens WHERE name = ?");
                        remove.bind(1, name.text());
                        remove.exec();
                      });
}

}  // namespace sigtoken
