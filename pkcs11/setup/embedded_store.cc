#include "pkcs11/setup/embedded_store.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "pkcs11/base/file_check.h"
#include "pkcs11/base/printable.h"
#include "pkcs11/base/private_file.h"
#include "pkcs11/setup/embedded_folders.h"

namespace sigtoken {
namespace {

namespace fs = std::filesystem;

#ifndef SIGTOKEN_SOFTHSM2_MODULE
#define SIGTOKEN_SOFTHSM2_MODULE "/usr/lib/softhsm/libsofthsm2.so"
#endif

constexpr std::size_t kPinDigits = 32;  // 128 bits.
constexpr std::size_t kUuidLength = 36;
constexpr std::size_t kSerialDigits = 16;
constexpr std::size_t kCounterBytes = 8;
constexpr std::size_t kMaxFileBytes = 65'536;

// Names of tokens do not begin with a period: these two are free.
constexpr std::string_view kNew = ".new";
constexpr std::string_view kOld = ".old";

// In kNew: the module's folders that were there before, a line each.
constexpr std::string_view kOthers = "others";

Error Failed(std::string_view doing, const fs::path& path,
             const std::error_code& why) {
  return Unavailable("the embedded store could not " + std::string(doing) +
                         " " + Quoted(path.string()) + ": " + why.message(),
                     "check that the folder is yours and its disk has room");
}

std::string SerialOf(std::string_view uuid) {
  std::string digits;
  std::copy_if(uuid.begin(), uuid.end(), std::back_inserter(digits),
               [](char c) { return c != '-'; });
  return digits.size() < kSerialDigits
             ? digits
             : digits.substr(digits.size() - kSerialDigits);
}

// Precondition: `path` lies in embedded/, in the token's folder.
Error Damaged(const TokenName& token, const fs::path& path,
              const std::string& what) {
  return Unavailable(
      QuotedPath(path) + ", of the token " + token.text() +
          " of the embedded store, " + what,
      "put it back from a backup, or give the token up: sigtoken token "
      "delete --force " +
          token.text());
}

Result<std::string> ReadOwnFile(const fs::path& file) {
  return ReadPrivateFile(file, kMaxFileBytes);
}

std::span<const std::uint8_t> AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

Status RemoveAll(const fs::path& path) {
  std::error_code why;
  fs::remove_all(path, why);
  if (why) return Failed("remove", path, why);
  return Ok();
}

Status Rename(const fs::path& from, const fs::path& to) {
  std::error_code why;
  fs::rename(from, to, why);
  if (why) return Failed("rename", from, why);
  return Ok();
}

// Whether a file of SoftHSM2's and our copy of it are of one token, whatever
// the counter in front says.
bool IsSameToken(std::string_view now, std::string_view good) {
  return now.size() == good.size() && good.size() > kCounterBytes &&
         now.substr(kCounterBytes) == good.substr(kCounterBytes);
}

// The names in a folder.
Result<std::vector<std::string>> List(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code why;
  fs::directory_iterator entry(folder, why);
  for (; !why && entry != fs::directory_iterator(); entry.increment(why)) {
    names.push_back(entry->path().filename().string());
  }
  if (why) return Failed("list", folder, why);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

std::string EmbeddedStore::Token::serial() const { return SerialOf(folder); }

EmbeddedStore::EmbeddedStore(fs::path home)
    : home_(std::move(home)),
      tokens_(home_ / "tokens"),
      embedded_(home_ / "embedded") {}

Result<EmbeddedStore> EmbeddedStore::Open(const fs::path& home) {
  SIGTOKEN_TRY(MakeEmbeddedFolders(home));
  return EmbeddedStore(home);
}

ModuleSpec EmbeddedStore::module() const {
  return {SIGTOKEN_SOFTHSM2_MODULE, "", (home_ / "softhsm2.conf").string()};
}

Result<EmbeddedStore::Token> EmbeddedStore::ReadToken(
    const TokenName& name) const {
  const fs::path folder = embedded_ / name.text();
  SIGTOKEN_TRY(CheckPrivate(folder, FileKind::kDirectory));
  SIGTOKEN_ASSIGN(std::string uuid, ReadOwnFile(folder / "folder"));
  if (uuid.size() != kUuidLength || uuid.find('/') != std::string::npos) {
    return Damaged(name, folder / "folder", "is damaged");
  }
  return Token{name, std::move(uuid)};
}

Result<std::vector<TokenName>> EmbeddedStore::Names(
    const HostLock::Shared& /*held*/) const {
  SIGTOKEN_ASSIGN(const auto texts, List(embedded_));
  std::vector<TokenName> names;
  for (const std::string& text : texts) {
    // What does not parse, Sweep() will remove.
    if (auto name = TokenName::Parse(text)) names.push_back(*std::move(name));
  }
  return names;
}

Result<std::optional<EmbeddedStore::Token>> EmbeddedStore::Find(
    const HostLock::Shared& held, const TokenName& name) const {
  SIGTOKEN_ASSIGN(const bool there, Has(held, name));
  if (!there) return std::optional<Token>();
  SIGTOKEN_ASSIGN(Token token, ReadToken(name));
  return std::optional<Token>(std::move(token));
}

Result<bool> EmbeddedStore::Has(const HostLock::Shared& /*held*/,
                                const TokenName& name) const {
  std::error_code why;
  const bool there = fs::exists(embedded_ / name.text(), why);
  if (why) return Failed("look for", embedded_ / name.text(), why);
  return there;
}

bool EmbeddedStore::HasFolder(const TokenName& name) const {
  std::error_code ignored;
  return fs::exists(embedded_ / name.text(), ignored);
}

std::optional<std::string> EmbeddedStore::SerialNow(
    const TokenName& name) const {
  const auto token = ReadToken(name);
  if (!token) return std::nullopt;
  return token->serial();
}

fs::path EmbeddedStore::PinFile(const TokenName& name) const {
  return embedded_ / name.text() / "pin";
}

Result<Secret> EmbeddedStore::Pin(const TokenName& name) const {
  return ReadSecretFile(PinFile(name), kPinDigits);
}

fs::path EmbeddedStore::ModuleFile(const Token& token) const {
  return tokens_ / token.folder / "token.object";
}

fs::path EmbeddedStore::GoodFile(const Token& token) const {
  return embedded_ / token.name.text() / "token.object";
}

Result<std::string> EmbeddedStore::ReadGoodFile(const Token& token) const {
  SIGTOKEN_ASSIGN(std::string good, ReadOwnFile(GoodFile(token)));
  // What has nothing behind the counter is put in the place of no token.
  if (good.size() <= kCounterBytes) {
    return Damaged(token.name, GoodFile(token), "is damaged");
  }
  return good;
}

Status EmbeddedStore::CheckFolder(const Token& token) const {
  const fs::path folder = tokens_ / token.folder;
  std::error_code why;
  if (!fs::exists(fs::symlink_status(folder, why))) {
    return Damaged(token.name, folder, "is not there");
  }
  SIGTOKEN_TRY(CheckPrivate(folder, FileKind::kDirectory));
  SIGTOKEN_ASSIGN(const auto names, List(folder));
  for (const std::string& name : names) {
    SIGTOKEN_TRY(CheckPrivate(folder / name, FileKind::kRegularFile));
  }
  return Ok();
}

Result<bool> EmbeddedStore::IsTorn(const HostLock::Shared& /*held*/,
                                   const Token& token) const {
  SIGTOKEN_TRY(CheckFolder(token));
  SIGTOKEN_ASSIGN(const std::string good, ReadGoodFile(token));
  const auto now = ReadOwnFile(ModuleFile(token));
  return !now || !IsSameToken(*now, good);
}

Status EmbeddedStore::Repair(const HostLock::Exclusive& /*held*/,
                             const Token& token) const {
  SIGTOKEN_ASSIGN(const std::string good, ReadGoodFile(token));
  return WriteFileAtomically(ModuleFile(token), AsBytes(good),
                             Durability::kSynced);
}

// The module's folders of a token that is being removed: the one that is
// noted, or where that is lost, the one with the token of our copy.
Result<std::set<std::string>> EmbeddedStore::FoldersOfOld() const {
  const auto noted = ReadOwnFile(embedded_ / kOld / "folder");
  SIGTOKEN_ASSIGN(const auto folders, List(tokens_));
  const auto good = ReadOwnFile(embedded_ / kOld / "token.object");
  std::set<std::string> old;
  for (const std::string& folder : folders) {
    const auto now = ReadOwnFile(tokens_ / folder / "token.object");
    if ((noted && *noted == folder) ||
        (now && good && IsSameToken(*now, *good))) {
      old.insert(folder);
    }
  }
  return old;
}

// Those that were not there when a token began to be made.
Result<std::set<std::string>> EmbeddedStore::FoldersOfNew() const {
  std::error_code ignored;
  const fs::path list = embedded_ / kNew / kOthers;
  // Without the list nothing had been made yet.
  if (!fs::exists(list, ignored)) return std::set<std::string>();
  SIGTOKEN_ASSIGN(const std::string others, ReadOwnFile(list));
  SIGTOKEN_ASSIGN(const auto folders, List(tokens_));
  std::set<std::string> fresh;
  for (const std::string& folder : folders) {
    if (others.find(folder + '\n') == std::string::npos) fresh.insert(folder);
  }
  return fresh;
}

Status EmbeddedStore::Sweep(const HostLock::Exclusive& held) const {
  SIGTOKEN_ASSIGN(auto ours, FoldersOfOld());
  SIGTOKEN_ASSIGN(auto fresh, FoldersOfNew());
  ours.merge(fresh);
  SIGTOKEN_ASSIGN(const auto names, Names(held));
  for (const TokenName& name : names) {
    if (const auto token = ReadToken(name)) ours.erase(token->folder);
  }
  for (const std::string& folder : ours) {
    SIGTOKEN_TRY(RemoveAll(tokens_ / folder));
  }
  SIGTOKEN_TRY(RemoveAll(embedded_ / kNew));
  return RemoveAll(embedded_ / kOld);
}

Result<Secret> EmbeddedStore::Begin(const HostLock::Exclusive& /*held*/) const {
  SIGTOKEN_TRY(RemoveAll(embedded_ / kNew));
  SIGTOKEN_TRY(MakePrivateDirectory(embedded_ / kNew));
  SIGTOKEN_ASSIGN(const auto folders, List(tokens_));
  std::string others;
  for (const std::string& folder : folders) others += folder + '\n';
  SIGTOKEN_TRY(WriteFileAtomically(embedded_ / kNew / kOthers, AsBytes(others),
                                   Durability::kSynced));
  SIGTOKEN_ASSIGN(Secret pin, Secret::RandomHex(kPinDigits));
  SIGTOKEN_TRY(WriteFileAtomically(
      embedded_ / kNew / "pin", {pin.data(), pin.size()}, Durability::kSynced));
  return pin;
}

Status EmbeddedStore::Commit(const HostLock::Exclusive& /*held*/,
                             const TokenName& name,
                             const std::string& serial) const {
  SIGTOKEN_ASSIGN(const auto folders, List(tokens_));
  const auto folder = std::find_if(
      folders.begin(), folders.end(),
      [&](const auto& candidate) { return SerialOf(candidate) == serial; });
  if (folder == folders.end()) {
    return Unavailable(
        "the token that was just made is not in " + Quoted(tokens_.string()),
        "check that SoftHSM2 writes there");
  }
  SIGTOKEN_ASSIGN(const std::string good,
                  ReadOwnFile(tokens_ / *folder / "token.object"));
  const fs::path fresh = embedded_ / kNew;
  SIGTOKEN_TRY(WriteFileAtomically(fresh / "token.object", AsBytes(good),
                                   Durability::kSynced));
  SIGTOKEN_TRY(WriteFileAtomically(fresh / "folder", AsBytes(*folder),
                                   Durability::kSynced));
  // rename() does not take the place of a folder that has files in it.
  const fs::path final = embedded_ / name.text();
  std::error_code why;
  if (fs::exists(final, why)) {
    return Refusal(kTokenExists, CKR_ARGUMENTS_BAD,
                   "the token " + name.text() + " exists already",
                   "choose another name, or use the token that is there");
  }
  SIGTOKEN_TRY(Rename(fresh, final));
  fs::remove(final / kOthers, why);  // Harmless where it stays.
  return Ok();
}

Status EmbeddedStore::Remove(const HostLock::Exclusive& held,
                             const TokenName& name) const {
  SIGTOKEN_TRY(RemoveAll(embedded_ / kOld));
  std::error_code why;
  if (fs::exists(embedded_ / name.text(), why)) {
    SIGTOKEN_TRY(Rename(embedded_ / name.text(), embedded_ / kOld));
  }
  return Sweep(held);
}

}  // namespace sigtoken
