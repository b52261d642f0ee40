#include "pkcs11/store/refused_pins.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/stat.h>

namespace sigtoken {
namespace {

// Binds the primary key to parameters 1 to 5.
void BindKey(SQLite::Statement& statement, const TokenIdentity& token,
             const std::string& path) {
  statement.bind(1, token.module_path);
  statement.bind(2, token.init);
  statement.bind(3, token.label);
  statement.bind(4, token.serial);
  statement.bind(5, path);
}

// SQLite has no unsigned numbers; the bits stay.
std::int64_t Signed(std::uint64_t number) {
  return static_cast<std::int64_t>(number);
}

}  // namespace

bool IsPinRefusal(CK_RV rv) {
  return rv == CKR_PIN_INCORRECT || rv == CKR_PIN_LOCKED ||
         rv == CKR_PIN_EXPIRED || rv == CKR_PIN_INVALID ||
         rv == CKR_PIN_LEN_RANGE || rv == CKR_USER_PIN_NOT_INITIALIZED;
}

bool IsNoWordOfThePin(CK_RV rv) {
  return rv == CKR_DEVICE_ERROR || rv == CKR_DEVICE_MEMORY ||
         rv == CKR_DEVICE_REMOVED || rv == CKR_TOKEN_NOT_PRESENT ||
         rv == CKR_SLOT_ID_INVALID || rv == CKR_SESSION_HANDLE_INVALID ||
         rv == CKR_SESSION_CLOSED || rv == CKR_CRYPTOKI_NOT_INITIALIZED ||
         rv == CKR_HOST_MEMORY || rv == CKR_FUNCTION_CANCELED;
}

bool HasCountedAWrongPin(CK_FLAGS flags) {
  // Not CKF_USER_PIN_TO_BE_CHANGED: that PIN is the one that the token was made
  // with, or has expired (PKCS #11 v2.40, table 8); nobody mistyped it.
  return (flags & (CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY |
                   CKF_USER_PIN_LOCKED)) != 0;
}

std::optional<PinFile> LookAtPinFile(const std::string& path) {
  struct stat found {};
  if (path.empty() || stat(path.c_str(), &found) != 0) return std::nullopt;
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  return PinFile{path, found.st_dev, found.st_ino,
                 found.st_mtim.tv_sec * kNanoseconds + found.st_mtim.tv_nsec};
}

Result<std::optional<CK_RV>> FindRefusedPin(Database& database,
                                            const TokenIdentity& token,
                                            const PinFile& file) {
  std::optional<CK_RV> rv;
  SIGTOKEN_TRY(
      database.Run("read refused PINs", [&](SQLite::Database& connection) {
        SQLite::Statement query(
            connection,
            "SELECT module_path, rv FROM refused_pins WHERE init = ? "
            "AND token_label = ? AND token_serial = ? "
            "AND device = ? AND inode = ? AND changed = ?");
        query.bind(1, token.init);
        query.bind(2, token.label);
        query.bind(3, token.serial);
        // Whatever its path: a file may have several.
        query.bind(4, Signed(file.device));
        query.bind(5, Signed(file.inode));
        query.bind(6, file.changed);
        while (!rv && query.executeStep()) {
          if (IsSamePath(query.getColumn(0).getString(), token.module_path)) {
            rv = static_cast<CK_RV>(query.getColumn(1).getInt64());
          }
        }
      }));
  return rv;
}

Status PutRefusedPin(Database& database, const TokenIdentity& token,
                     const PinFile& file, CK_RV rv) {
  return database.Run("write a refused PIN", [&](SQLite::Database& connection) {
    SQLite::Statement insert(connection,
                             "INSERT OR REPLACE INTO refused_pins VALUES "
                             "(?, ?, ?, ?, ?, ?, ?, ?, ?)");
    BindKey(insert, token, file.path);
    insert.bind(6, Signed(file.device));
    insert.bind(7, Signed(file.inode));
    insert.bind(8, file.changed);
    insert.bind(9, Signed(rv));
    insert.exec();
  });
}

Status ForgetRefusedPin(Database& database, const TokenIdentity& token,
                        const std::string& path) {
  return database.Run(
      "forget a refused PIN", [&](SQLite::Database& connection) {
        SQLite::Statement remove(
            connection,
            "DELETE FROM refused_pins WHERE module_path = ? AND init = ? "
            "AND token_label = ? AND token_serial = ? "
            "AND (file = ? OR (device = ? AND inode = ?))");
        BindKey(remove, token, path);
        // Without a file, none has these.
        const PinFile file = LookAtPinFile(path).value_or(PinFile());
        remove.bind(6, Signed(file.device));
        remove.bind(7, Signed(file.inode));
        remove.exec();
      });
}

}  // namespace sigtoken
