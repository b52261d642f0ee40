#include "signer/audit/audit_unload.h"

#include <optional>

#include "pkcs11/base/clock.h"
#include "signer/audit/audit_fields.h"
#include "signer/jws/strict_json.h"

namespace sigtoken {
namespace {

// More than a record has; its message is the only text of any length.
constexpr JsonBounds kBounds{kMaxAuditLineBytes, 2, 128};

// Columns of the header, counted from 1. Event, qualifier, time and date, and
// behind them the name of the system, which is blank here: z/OS Security Server
// RACF Macros and Interfaces, the unloaded SMF type 81 record, which has "a
// common alignment with other unloaded SMF records". The user ID: the record
// DSAF there, where it is in 76 to 83, less the 17 columns of a field that only
// DSAF has before it.
struct Columns {
  std::size_t start;
  std::size_t end;
};
constexpr Columns kEventType{1, 8};
constexpr Columns kEventQualifier{10, 17};
constexpr Columns kTimeWritten{19, 26};
constexpr Columns kDateWritten{28, 37};
constexpr Columns kEventUserId{59, 66};

Error NoRecord(const std::string& why) {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 "the line is not an audit record: " + why,
                 "unload the file as sigtoken wrote it");
}

void Put(std::string& line, Columns columns, std::string_view text) {
  line.replace(columns.start - 1, text.size(), text);
}

Result<std::string> NeededText(const JsonObject& json, std::string_view name) {
  const auto text = json.String(name);
  if (text) return std::string(*text);
  return NoRecord(std::string(name) +
                  (json.Has(name) ? " is no string" : " is missing"));
}

// A text that stands in the header.
Result<std::string> HeaderText(const JsonObject& json, std::string_view name,
                               Columns columns) {
  SIGTOKEN_ASSIGN(const std::string text, NeededText(json, name));
  const std::size_t width = columns.end - columns.start + 1;
  if (!text.empty() && text == ColumnText(text, width)) return text;
  return NoRecord(std::string(name) + " does not fit its columns");
}

Result<AuditEvent> ReadEvent(const JsonObject& json) {
  SIGTOKEN_ASSIGN(const std::string name, NeededText(json, "event"));
  for (const AuditEvent event : {AuditEvent::kJobInit, AuditEvent::kInitAcee}) {
    if (name != AuditEventName(event)) continue;
    if (json.Number("event_code") ==
        JsonNumber(static_cast<std::int64_t>(event))) {
      return event;
    }
    return NoRecord("event_code is not that of the event");
  }
  return NoRecord("event is neither JOBINIT nor INITACEE");
}

// "2025-01-15T17:54:12Z": the date, the letter T, the time of day, the letter
// Z.
Result<std::string> ReadTime(const JsonObject& json) {
  constexpr char kTime[] = "time";
  SIGTOKEN_ASSIGN(const std::string text, NeededText(json, kTime));
  // ParseInstant() takes seconds since 1970 too.
  const auto instant = ParseInstant(text);
  if (instant && FormatIso8601(*instant) == text) return text;
  return NoRecord("time is not one in UTC");
}

}  // namespace

Result<std::string> UnloadAuditRecord(std::string_view json_line) {
  const auto json = JsonObject::Parse(json_line, "it", kBounds);
  if (!json) return NoRecord(json.error().message);
  SIGTOKEN_ASSIGN(const AuditEvent event, ReadEvent(*json));
  const auto fields = AuditFieldsOf(event);
  std::string line(fields.back().end, ' ');

  Put(line, kEventType, AuditEventName(event));
  SIGTOKEN_ASSIGN(const std::string qualifier,
                  HeaderText(*json, "event_qualifier", kEventQualifier));
  Put(line, kEventQualifier, qualifier);
  SIGTOKEN_ASSIGN(const std::string time, ReadTime(*json));
  Put(line, kTimeWritten, std::string_view(time).substr(11, 8));
  Put(line, kDateWritten, std::string_view(time).substr(0, 10));
  SIGTOKEN_ASSIGN(const std::string user, NeededText(*json, "user"));
  // It may be longer than a user ID: whoever asked wrote it.
  Put(line, kEventUserId,
      ColumnText(user, kEventUserId.end - kEventUserId.start + 1));

  for (const AuditField& field : fields) {
    SIGTOKEN_ASSIGN(const std::string value, NeededText(*json, field.name));
    if (!IsValueOf(field, value)) {
      return NoRecord(std::string(field.name) + " has no value of that field");
    }
    Put(line, {field.start, field.end}, value);
  }
  return line;
}

}  // namespace sigtoken
