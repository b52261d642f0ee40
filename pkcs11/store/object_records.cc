#include "pkcs11/store/object_records.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <iterator>
#include <sstream>

namespace sigtoken {
namespace {

// What ReadRow() reads.
constexpr const char* kSelect =
    "SELECT sequence, category, bytes, algorithm, check_mac, disabled, "
    "created, foreign_id, foreign_label, adopted, exportable, not_kept, "
    "object_class, pending "
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

// SQLite takes a null pointer for NULL, which an empty value is not.
void BindBlob(SQLite::Statement& statement, int parameter,
              const std::vector<std::uint8_t>& value) {
  static constexpr std::uint8_t kNothing = 0;
  statement.bind(parameter, value.empty() ? &kNothing : value.data(),
                 static_cast<int>(value.size()));
}

// Sets one column of an object's row.
template <typename Bind>
Status Set(Database& database, const TokenName& token, ObjectId id,
           const std::string& column, const Bind& bind) {
  return database.Run(
      "write an object record", [&](SQLite::Database& connection) {
        SQLite::Statement update(
            connection, "UPDATE objects SET " + column +
                            " = ?4 WHERE token = ?1 AND sequence = ?2 AND "
                            "category = ?3");
        BindId(update, token, id);
        bind(update);
        update.exec();
      });
}

ObjectRecord ReadRow(SQLite::Statement& row) {
  ObjectRecord record;
  record.id = {row.getColumn(0).getUInt(), row.getColumn(1).getString().at(0)};
  record.object_class =
      static_cast<CK_OBJECT_CLASS>(row.getColumn(12).getInt64());
  record.bytes = static_cast<std::size_t>(row.getColumn(2).getInt64());
  record.algorithm = row.getColumn(3).getString();
  if (const SQLite::Column mac = row.getColumn(4); !mac.isNull()) {
    record.check_mac = Blob(mac);
  }
  record.disabled = row.getColumn(5).getInt() != 0;
  record.created = {row.getColumn(6).getInt64()};
  if (const SQLite::Column id = row.getColumn(7); !id.isNull()) {
    record.foreign = ForeignAddress{Blob(id), row.getColumn(8).getString(),
                                    record.object_class};
  }
  record.adopted = row.getColumn(9).getInt() != 0;
  record.exportable = row.getColumn(10).getInt() != 0;
  record.not_kept = Words(row.getColumn(11).getString());
  if (const SQLite::Column pending = row.getColumn(13); !pending.isNull()) {
    record.pending = Blob(pending);
  }
  return record;
}

Result<std::vector<ObjectRecord>> ReadRows(Database& database,
                                           const TokenName& token,
                                           const std::string& which) {
  std::vector<ObjectRecord> records;
  SIGTOKEN_TRY(
      database.Run("read object records", [&](SQLite::Database& connection) {
        SQLite::Statement query(connection,
                                kSelect + which + "ORDER BY sequence");
        query.bind(1, token.text());
        while (query.executeStep()) records.push_back(ReadRow(query));
      }));
  return records;
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

Result<std::vector<ObjectRecord>> ObjectRecords(Database& database,
                                                const TokenName& token) {
  return ReadRows(database, token, "");
}

Result<std::vector<ObjectRecord>> AdoptedRecords(Database& database,
                                                 const TokenName& token) {
  return ReadRows(database, token, "AND adopted = 1 ");
}

Status PutObjectRecord(Database& database, const TokenName& token,
                       const ObjectRecord& record) {
  return database.Run(
      "write an object record", [&](SQLite::Database& connection) {
        SQLite::Statement insert(connection,
                                 "INSERT OR REPLACE INTO objects VALUES "
                                 "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                                 "?)");
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
          // NULL would say that the key is ours.
          BindBlob(insert, 9, record.foreign->id);
          insert.bind(10, record.foreign->label);
        }
        insert.bind(11, record.adopted ? 1 : 0);
        insert.bind(12, record.exportable ? 1 : 0);
        insert.bind(13, Joined(record.not_kept));
        insert.bind(14, static_cast<std::int64_t>(record.object_class));
        if (record.pending) BindBlob(insert, 15, *record.pending);
        insert.exec();
      });
}

Status SetDisabled(Database& database, const TokenName& token, ObjectId id,
                   bool disabled) {
  return Set(database, token, id, "disabled", [&](SQLite::Statement& update) {
    update.bind(4, disabled ? 1 : 0);
  });
}

Status SetPending(Database& database, const TokenName& token, ObjectId id,
                  const std::optional<std::vector<std::uint8_t>>& pending) {
  return Set(database, token, id, "pending", [&](SQLite::Statement& update) {
    if (pending) BindBlob(update, 4, *pending);
  });
}

Status SetExportable(Database& database, const TokenName& token, ObjectId id,
                     bool exportable) {
  return Set(database, token, id, "exportable", [&](SQLite::Statement& update) {
    update.bind(4, exportable ? 1 : 0);
  });
}

Status SetBytes(Database& database, const TokenName& token, ObjectId id,
                std::size_t bytes) {
  return Set(database, token, id, "bytes", [&](SQLite::Statement& update) {
    update.bind(4, static_cast<std::int64_t>(bytes));
  });
}

Result<KeptAttributes> FindKeptAttributes(Database& database,
                                          const TokenName& token, ObjectId id) {
  KeptAttributes attributes;
  SIGTOKEN_TRY(database.Run(
      "read the attributes of an object", [&](SQLite::Database& connection) {
        SQLite::Statement query(
            connection,
            "SELECT type, value FROM object_attributes "
            "JOIN objects USING (token, sequence) "
            "WHERE token = ? AND sequence = ? AND category = ?");
        BindId(query, token, id);
        while (query.executeStep()) {
          attributes[static_cast<CK_ATTRIBUTE_TYPE>(
              query.getColumn(0).getInt64())] = Blob(query.getColumn(1));
        }
      }));
  return attributes;
}

Status PutKeptAttributes(Database& database, const TokenName& token,
                         ObjectId id, const KeptAttributes& attributes) {
  return database.Run(
      "write the attributes of an object", [&](SQLite::Database& connection) {
        SQLite::Statement insert(
            connection,
            "INSERT OR REPLACE INTO object_attributes VALUES (?, ?, ?, ?)");
        for (const auto& [type, value] : attributes) {
          insert.bind(1, token.text());
          insert.bind(2, id.sequence);
          insert.bind(3, static_cast<std::int64_t>(type));
          BindBlob(insert, 4, value);
          insert.exec();
          insert.reset();
        }
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
