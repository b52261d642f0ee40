#include "keygen/services/token_record_list.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <string>
#include <utility>

#include "keygen/search.h"
#include "pkcs11/icsf/rule_array.h"
#include "pkcs11/store/token_records.h"

namespace sigtoken {
namespace {

constexpr std::array<std::string_view, 2> kKinds = {"TOKEN", "OBJECT"};
constexpr std::array<std::string_view, 1> kScopes = {"ALL"};

// Bit 0 of the flags, as IBM counts bits: the token is write-protected.
constexpr std::uint32_t kWriteProtected = 0x80000000;

constexpr std::int64_t kNanosecondsASecond = 1'000'000'000;
constexpr std::int64_t kNanosecondsAHundredth = 10'000'000;

// Blanks, and what programs written for EBCDIC pass for them: X'40', which is
// no name of 44 characters either.
bool IsStart(std::string_view handle) {
  const auto all = [&](char c) {
    return handle.find_first_not_of(c) == std::string_view::npos;
  };
  return all(' ') || all('\x40');
}

void AppendField(std::vector<std::uint8_t>& bytes, std::string text,
                 std::size_t size) {
  text.resize(size, ' ');
  bytes.insert(bytes.end(), text.begin(), text.end());
}

// yyyymmddhhmmssth, UTC.
std::string Stamp(Instant instant) {
  const std::time_t seconds = instant.nanoseconds / kNanosecondsASecond;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[40];
  const std::size_t size =
      std::strftime(text, sizeof text, "%Y%m%d%H%M%S", &utc);
  const auto hundredths =
      instant.nanoseconds % kNanosecondsASecond / kNanosecondsAHundredth;
  std::string stamp(text, size);
  stamp += static_cast<char>('0' + hundredths / 10);
  stamp += static_cast<char>('0' + hundredths % 10);
  return stamp;
}

// Of a token that is not in use here yet, only the name is known.
void AppendToken(std::vector<std::uint8_t>& list, const TokenName& name,
                 const std::optional<TokenRecord>& record, ByteOrder order) {
  AppendField(list, name.text(), 32);
  AppendField(list, record ? record->manufacturer : "", 32);
  AppendField(list, record ? record->model : "", 16);
  AppendField(list, record ? record->serial : "", 16);
  AppendField(list, record ? Stamp(record->updated) : "", 16);
  const auto flags = FormatNumber(
      name.is_omnipresent() ? kWriteProtected : std::uint32_t{0}, order);
  list.insert(list.end(), flags.begin(), flags.end());
}

// How many entries the caller has asked and has room for.
Result<std::size_t> Capacity(const TokenRecordListCall& call,
                             std::size_t entry_bytes) {
  if (call.room / entry_bytes >= call.most) return call.most;
  return OutputTooShort("the output list", call.room, call.most * entry_bytes);
}

Result<TokenRecordListAnswer> ListTokens(Icsf& icsf,
                                         const TokenRecordListCall& call) {
  if (!call.search_template.empty()) {
    return Refusal(kLengthInvalid, CKR_ARGUMENTS_BAD,
                   "tokens are listed without a search template",
                   "pass the length 0");
  }
  std::optional<TokenName> last;
  if (!IsStart(call.handle)) {
    SIGTOKEN_ASSIGN(last, TokenNameOf(call.handle));
  }
  SIGTOKEN_ASSIGN(const std::size_t capacity,
                  Capacity(call, kTokenRecordBytes));
  SIGTOKEN_ASSIGN(auto names, icsf.directory().Names());
  const TokenName omnipresent = TokenName::Omnipresent();
  const auto place = std::lower_bound(names.begin(), names.end(), omnipresent);
  if (place == names.end() || *place != omnipresent) {
    names.insert(place, omnipresent);
  }
  auto next = last ? std::upper_bound(names.begin(), names.end(), *last)
                   : names.begin();
  TokenRecordListAnswer answer;
  for (; next != names.end() && answer.count < capacity; ++next) {
    SIGTOKEN_ASSIGN(const auto record,
                    FindTokenRecord(icsf.directory().database(), *next));
    AppendToken(answer.list, *next, record, call.order);
    ++answer.count;
  }
  answer.more = next != names.end();
  return answer;
}

// The token, and the object behind which the list goes on. Where the sequence
// number would be, callers leave blanks or NULs in the handle of a token.
struct Cursor {
  TokenName token;
  std::optional<ObjectId> last;
};

Result<Cursor> CursorOf(std::string_view handle) {
  SIGTOKEN_ASSIGN(const TokenName name, TokenNameOf(handle));
  const std::string_view sequence = handle.substr(TokenName::kMaxLength, 8);
  if (sequence.find_first_not_of(std::string_view(" \0", 2)) ==
      std::string_view::npos) {
    return Cursor{name, std::nullopt};
  }
  SIGTOKEN_ASSIGN(const Handle last, ObjectHandleOf(handle));
  return Cursor{name, last.object()};
}

Result<TokenRecordListAnswer> ListObjects(Icsf& icsf,
                                          const TokenRecordListCall& call,
                                          bool all) {
  SIGTOKEN_ASSIGN(const Cursor cursor, CursorOf(call.handle));
  SIGTOKEN_ASSIGN(const std::size_t capacity, Capacity(call, Handle::kLength));
  SearchTemplate wanted;
  if (!call.search_template.empty()) {
    SIGTOKEN_ASSIGN(wanted,
                    ReadSearchTemplate(call.search_template, call.order));
  }
  if (all && wanted.key_value) {
    return Refusal(kAttributeTypeInvalid, CKR_ATTRIBUTE_SENSITIVE,
                   "with ALL, no CKA_VALUE is searched for",
                   "leave ALL or CKA_VALUE out");
  }
  SIGTOKEN_ASSIGN(const auto token, icsf.directory().FindToken(cursor.token));
  // One more, to see whether there is one.
  SIGTOKEN_ASSIGN(auto found, SearchObjects(icsf, *token, wanted, cursor.last,
                                            capacity + 1));
  TokenRecordListAnswer answer;
  answer.more = found.size() > capacity;
  if (answer.more) found.resize(capacity);
  answer.count = found.size();
  for (const ObjectId id : found) {
    const std::string text = Handle(cursor.token, id).Format();
    answer.list.insert(answer.list.end(), text.begin(), text.end());
  }
  return answer;
}

}  // namespace

Result<TokenRecordListAnswer> TokenRecordList(Icsf& icsf,
                                              const TokenRecordListCall& call) {
  SIGTOKEN_ASSIGN(
      const auto rules,
      ParseRuleArray(call.rule_array, {{{"kind of what is listed", kKinds},
                                        {"scope", kScopes, "neither"}}}));
  const bool all = rules[1] == "ALL";
  if (rules[0] == "OBJECT") return ListObjects(icsf, call, all);
  if (all) {
    return Refusal(kRuleArrayInvalid, CKR_ARGUMENTS_BAD,
                   "ALL does not go with TOKEN", "leave it out");
  }
  return ListTokens(icsf, call);
}

}  // namespace sigtoken
