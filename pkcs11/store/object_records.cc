#include "pkcs11/store/object_records.h"

#include <SQLiteCpp/SQLiteCpp.h>

namespace sigtoken {
namespace {

// Binds the columns that address an object to parameters 1 to 3.
void BindId(SQLite::Statement& statement, const TokenName& token, ObjectId id) {
  statement.bind(1, token.text());
  statement.bind(2, id.sequence);
  statement.bind(3, std::string(1, id.category));
}

ObjectRecord ReadRow(SQLite::Statement& row, ObjectId id) {
  ObjectRecord record;
  record.id = id;
  record.bytes = static_cast<std::size_t>(row.getColumn(0).getInt64());
  record.algorithm = row.getColumn(1).getString();
  if (const SQLite::Column mac = row.getColumn(2); !mac.isNull()) {
    const auto* bytes = static_cast<const std::uint8_t*>(mac.getBlob());
    record.check_mac.emplace(bytes, bytes + mac.getBytes());
  }
  record.disabled = row.getColumn(3).getInt() != 0;
  record.created = {row.getColumn(4).getInt64()};
  return record;
}

}  // namespace

Result<std::optional<ObjectRecord>> FindObjectRecord(Database& database,
                                                     const TokenName& token,
                                                     ObjectId id) {
  std::optional<ObjectRecord> record;
  SIGTOKEN_TRY(
      database.Run("read an object record", [&](SQLite::Database& connection) {
        SQLite::Statement query(
            connection,
            "SELECT bytes, algorithm, check_mac, disabled, created "
            "FROM objects WHERE token = ? AND sequence = ? AND category = ?");
        BindId(query, token, id);
        if (query.executeStep()) record = ReadRow(query, id);
      }));
  return record;
}

Status PutObjectRecord(Database& database, const TokenName& token,
                       const ObjectRecord& record) {
  return database.Run(
      "write an object record", [&](SQLite::Database& connection) {
        SQLite::Statement insert(connection,
                                 "INSERT OR REPLACE INTO objects VALUES "
                                 "(?, ?, ?, ?, ?, ?, ?, ?)");
        BindId(insert, token, record.id);
        insert.bind(4, static_cast<std::int64_t>(record.bytes));
        insert.bind(5, record.algorithm);
        if (record.check_mac) {
          insert.bind(6, record.check_mac->data(),
                      static_cast<int>(record.check_mac->size()));
        }
        insert.bind(7, record.disabled ? 1 : 0);
        insert.bind(8, record.created.nanoseconds);
        insert.exec();
      });
}

Status SetDisabled(Database& database, const TokenName& token, ObjectId id,
                   bool disabled) {
  return database.Run(
      "write an object record", [&](SQLite::Database& connection) {
        SQLite::Statement update(
            connection,
            "UPDATE objects SET disabled = ?4 "
            "WHERE token = ?1 AND sequence = ?2 AND category = ?3");
        BindId(update, token, id);
        update.bind(4, disabled ? 1 : 0);
        update.exec();
      });
}

Status DeleteObjectRecord(Database& database, const TokenName& token,
                          ObjectId id) {
  return database.Run(
      "delete an object record", [&](SQLite::Database& connection) {
        SQLite::Statement remove(connection,
                                 "DELETE FROM objects WHERE token = ? AND "
                                 "sequence = ? AND category = ?");
        BindId(remove, token, id);
        remove.exec();
      });
}

}  // namespace sigtoken
