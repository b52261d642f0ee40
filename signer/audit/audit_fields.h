// The fields of the JOBINIT and INITACEE record extensions.

#ifndef SIGNER_AUDIT_AUDIT_FIELDS_H_
#define SIGNER_AUDIT_AUDIT_FIELDS_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "signer/audit/audit_record.h"

namespace sigtoken {

enum class AuditFieldKind {
  kYesNo,        // YES or NO.
  kHexadecimal,  // 8 digits, letters in upper case.
  kText,         // Printable ASCII that its columns hold; may be empty.
};

// One field: its name, its columns, counted from 1, and what a record has in
// it, without blanks behind.
struct AuditField {
  std::string_view name;
  std::size_t start;
  std::size_t end;
  AuditFieldKind kind;
  std::string (*value)(const AuditRecord&);

  constexpr std::size_t width() const { return end - start + 1; }
};

// All that OA63462, 3.5.3, shows of the event, rising by their columns. What
// JSON lines have and what the unload prints comes from here.
std::span<const AuditField> AuditFieldsOf(AuditEvent event);

// Whether `text` is a value that the field may have.
bool IsValueOf(const AuditField& field, std::string_view text);

// As the unload has it: "JOBINIT", "INITACEE".
std::string_view AuditEventName(AuditEvent event);

// `text` cut to `width` characters; what is not printable ASCII becomes "?".
std::string ColumnText(std::string_view text, std::size_t width);

}  // namespace sigtoken

#endif  // SIGNER_AUDIT_AUDIT_FIELDS_H_
