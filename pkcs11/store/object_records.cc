#include "pkcs11/store/object_records.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <iterator>
#include <sstream>

namespace sigtoken {
namespace {

// What ReadRow() reads.
constexpr const char* kSelect =
    "SELECT sequence, category, bytes, algorithm, check_mac, disabled, "
    "created, foreign_id, foreign_label, adopted, exportable, not_kept "
    "FROM objects WHERE token = ? ";

std::vector<std::uint8_t> Blob(const SQLite::Column& column) {
  const auto* bytes = static_cast<const std::uint8_t*>(column.getBlob());
  return {bytes, bytes + column.getBytes()};
}

std::vector<std::string> Words(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

// Binds the columns that address an object to parameters 1 to 3.
void BindId(SQLite::Statement& statement, const TokenName& token, ObjectId id) {
  statement.bind(1, token.text());
  statement.bind(2, id.sequence);
  statement.bind(3, std::string(1, id.category));
}

ObjectRecord ReadRow(SQLite::Statement& row) {
  ObjectRecord record;
  record.id = {row.getColumn(0).getUInt(), row.getColumn(1).getString().at(0)};
  record.bytes = static_cast<std::size_t>(row.getColumn(2).getInt64());
  record.algorithm = row.getColumn(3).getString();
  if (const SQLite::Column mac = row.getColumn(4); !mac.isNull()) {
    record.check_mac = Blob(mac);
  }
  record.disabled = row.getColumn(5).getInt() != 0;
  record.created = {row.getColumn(6).getInt64()};
  if (const SQLite::Column id = row.getColumn(7); !id.isNull()) {
    record.foreign = ForeignAddress{Blob(id), row.getColumn(8).getString()};
  }
  record.adopted = row.getColumn(9).getInt() != 0;
  record.exportable = row.getColumn(10).getInt() != 0;
  record.not_kept = Words(row.getColumn(11).getString());
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
            std::string(kSelect) + "AND sequence = ? AND category = ?");
        BindId(query, token, id);
        if (query.executeStep()) record = ReadRow(query);
      }));
  return record;
}

Result<std::vector<ObjectRecord>> AdoptedRecords(Database& database,
                                                 const TokenName& token) {
  std::vector<ObjectRecord> records;
  SIGTOKEN_TRY(
      database.Run("read object records", [&](SQLite::Database& connection) {
        SQLite::Statement query(
            connection,
            std::string(kSelect) + "AND adopted = 1 ORDER BY sequence");
        query.bind(1, token.text());
        while (query.executeStep()) records.push_back(ReadRow(query));
      }));
  return records;
}

Status PutObjectRecord(Database& database, const TokenName& token,
                       const ObjectRecord& record) {
  return database.Run(
      "write an object record", [&](SQLite::Database& connection) {
        SQLite::Statement insert(connection,
                                 "INSERT OR REPLACE INTO objects VALUES "
                                 "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        BindId(insert, token, record.id);
        insert.bind(4, static_cast<std::int64_t>(record.bytes));
        insert.bind(5, record.algorithm);
        if (record.check_mac) {
          insert.bind(6, record.check_mac->data(),
                      static_cast<int>(record.check_mac->size()));
        }
        insert.bind(7, record.disabled ? 1 : 0);
        insert.bind(8, record.created.nanoseconds);
        if (record.foreign) {
          // A null pointer would be NULL, which says that the key is ours.
          const std::uint8_t kNothing = 0;
          const std::uint8_t* id = record.foreign->id.empty()
                                       ? &kNothing
                                       : record.foreign->id.data();
          insert.bind(9, id, static_cast<int>(record.foreign->id.size()));
          insert.bind(10, record.foreign->label);
        }
        insert.bind(11, record.adopted ? 1 : 0);
        insert.bind(12, record.exportable ? 1 : 0);
        insert.bind(13, Joined(record.not_kept));
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
