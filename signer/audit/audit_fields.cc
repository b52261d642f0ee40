#include "signer/audit/audit_fields.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "pkcs11/base/printable.h"

namespace sigtoken {
namespace {

using Record = AuditRecord;
using enum AuditFieldKind;

constexpr std::size_t kYesNoWidth = 4;
constexpr std::size_t kHexadecimalWidth = 8;
constexpr std::size_t kUserIdWidth = 8;
constexpr std::size_t kApplWidth = 8;
constexpr std::size_t kUserNameWidth = 20;
// The header of the record ends before its extension begins.
constexpr std::size_t kFirstColumn = 282;

bool Has(const std::vector<std::string>& amr, std::string_view value) {
  return std::find(amr.begin(), amr.end(), value) != amr.end();
}

// By this request: what amr of an identity token says was evaluated when it was
// made.
bool Evaluated(const Record& record, std::string_view value) {
  return Has(record.amr, value);
}

bool PassTicketEvaluated(const Record& record) {
  return Evaluated(record, "saf-ptkt") || Evaluated(record, "mfa-ptkt");
}

// Every value of amr that begins so is of a user who has MFA factors (OA63462,
// "RACROUTE use of the AMR Claim Details").
bool IsMfaUser(const Record& record) {
  const auto is_mfa = [](const std::string& value) {
    return value.starts_with("mfa-");
  };
  return std::any_of(record.amr.begin(), record.amr.end(), is_mfa) ||
         std::any_of(record.idt_amr.begin(), record.idt_amr.end(), is_mfa);
}

// Of this request, or of the one that made the identity token.
bool WasFallback(const Record& record) {
  return Has(record.amr, "mfa-pwfb") || Has(record.idt_amr, "mfa-pwfb");
}

std::string YesNo(bool yes) { return yes ? "YES" : "NO"; }

std::string Digits(int number) {
  return Hex(static_cast<std::uint32_t>(number), kHexadecimalWidth);
}

// What nobody here knows, and what is reserved.
std::string No(const Record& /*record*/) { return YesNo(false); }
std::string Zero(const Record& /*record*/) { return Digits(0); }
std::string Empty(const Record& /*record*/) { return ""; }

std::string Appl(const Record& record) {
  return ColumnText(record.appl, kApplWidth);
}
std::string BuildReason(const Record& record) {
  return Digits(record.build_reason);
}
std::string ServiceCode(const Record& record) {
  return Digits(static_cast<int>(record.service));
}
std::string ServiceReturnCode(const Record& record) {
  return Digits(record.icsf.return_code);
}
std::string ServiceReasonCode(const Record& record) {
  return Digits(record.icsf.reason_code);
}

// OA63462, 3.5.3, "The JOBINIT record extension". Its rows that end where they
// start (4656 to 4676, 4716 to 4731) are misprints: the fields around them are
// 4 wide.
constexpr auto kJobInitFields = std::to_array<AuditField>({
    {"INIT_ACEE_VLF", 4540, 4543, kYesNo, No},
    {"INIT_MFA_USER", 4545, 4548, kYesNo,
     [](const Record& record) { return YesNo(IsMfaUser(record)); }},
    {"INIT_MFA_FALLBACK", 4550, 4553, kYesNo,
     [](const Record& record) { return YesNo(WasFallback(record)); }},
    {"INIT_MFA_UNAVAIL", 4555, 4558, kYesNo,
     [](const Record& record) { return YesNo(Evaluated(record, "mfa-pwfb")); }},
    {"INIT_MFA_PWD_EXPIRED", 4560, 4563, kYesNo,
     [](const Record& record) { return YesNo(Evaluated(record, "mfa-exp")); }},
    {"INIT_MFA_NPWD_INV", 4565, 4568, kYesNo,
     [](const Record& record) {
       return YesNo(Evaluated(record, "mfa-newinv"));
     }},
    {"INIT_MFA_PART_SUCC", 4570, 4573, kYesNo,
     [](const Record& record) { return YesNo(Evaluated(record, "mfa-nmi")); }},
    {"INIT_RELO443_EXTENDED", 4575, 4578, kYesNo,
     [](const Record& /*record*/) { return YesNo(true); }},
    {"INIT_PASSWORD_EVAL", 4580, 4583, kYesNo,
     [](const Record& record) { return YesNo(Evaluated(record, "saf-pwd")); }},
    {"INIT_PASSWORD_SUCC", 4585, 4588, kYesNo,
     [](const Record& record) {
       return YesNo(record.authenticated && Evaluated(record, "saf-pwd"));
     }},
    {"INIT_PHRASE_EVAL", 4590, 4593, kYesNo,
     [](const Record& record) { return YesNo(Evaluated(record, "saf-phr")); }},
    {"INIT_PHRASE_SUCC", 4595, 4598, kYesNo,
     [](const Record& record) {
       return YesNo(record.authenticated && Evaluated(record, "saf-phr"));
     }},
    {"INIT_PASSTICKET_EVAL", 4600, 4603, kYesNo,
     [](const Record& record) { return YesNo(PassTicketEvaluated(record)); }},
    {"INIT_PASSTICKET_SUCC", 4605, 4608, kYesNo,
     [](const Record& record) {
       return YesNo(record.authenticated && PassTicketEvaluated(record));
     }},
    {"INIT_MFA_SUCC", 4610, 4613, kYesNo,
     [](const Record& record) {
       return YesNo(record.authenticated && (Evaluated(record, "mfa-only") ||
                                             Evaluated(record, "mfa-comp")));
     }},
    {"INIT_MFA_FAIL", 4615, 4618, kYesNo, No},
    {"INIT_AUTH_RSN1", 4620, 4627, kHexadecimal, Zero},
    {"INIT_AUTH_RSN2", 4629, 4636, kHexadecimal, Zero},
    {"INIT_AUTH_RSN3", 4638, 4645, kHexadecimal, Zero},
    {"INIT_AUTH_RSN4", 4647, 4654, kHexadecimal, Zero},
    {"INIT_PWD_PHR_EXPIRED", 4656, 4659, kYesNo,
     [](const Record& record) { return YesNo(record.expired); }},
    {"INIT_NPWD_NPHR_NONVAL", 4661, 4664, kYesNo,
     [](const Record& record) { return YesNo(record.new_not_valid); }},
    {"INIT_IDT_EVAL", 4666, 4669, kYesNo,
     [](const Record& record) { return YesNo(record.idt_evaluated); }},
    {"INIT_IDT_SUCC", 4671, 4674, kYesNo,
     [](const Record& record) { return YesNo(record.idt_successful); }},
    {"INIT_MFA_REAUTHENT", 4676, 4679, kYesNo, No},
    // saf-ptkt does not say which kind of PassTicket it was.
    {"INIT_LPT_EVAL", 4681, 4684, kYesNo, No},
    {"INIT_LPT_SUCC", 4686, 4689, kYesNo, No},
    {"INIT_EPT_UPPER_EVAL", 4691, 4694, kYesNo, No},
    {"INIT_EPT_UPPER_SUCC", 4696, 4699, kYesNo, No},
    {"INIT_EPT_MIXED_EVAL", 4701, 4704, kYesNo, No},
    {"INIT_EPT_MIXED_SUCC", 4706, 4709, kYesNo, No},
    {"INIT_IDT_FROM_SEC_ENV", 4711, 4714, kYesNo,
     [](const Record&
            record) { return YesNo(Has(record.idt_amr, "saf-acee")); }},
    {"INIT_RESERVED_08", 4716, 4719, kYesNo, No},
    {"INIT_RESERVED_09", 4721, 4724, kYesNo, No},
    {"INIT_RESERVED_10", 4726, 4729, kYesNo, No},
    {"INIT_RESERVED_11", 4731, 4734, kYesNo, No},
    {"INIT_DERIVED_APPL_NAM", 4736, 4743, kText, Appl},
    {"INIT_IDT_VALIDTN_RSNC", 4745, 4752, kHexadecimal,
     [](const Record& record) { return Digits(record.validation_reason); }},
    {"INIT_IDT_BUILD_RSNC", 4754, 4761, kHexadecimal, BuildReason},
    {"INIT_SERVICE_CODE", 4763, 4770, kHexadecimal, ServiceCode},
    {"INIT_SERVICE_RC", 4772, 4779, kHexadecimal, ServiceReturnCode},
    {"INIT_SERVICE_RSNC", 4781, 4788, kHexadecimal, ServiceReasonCode},
});

// OA63462, 3.5.3, "The InitACEE record extension".
constexpr auto kInitAceeFields = std::to_array<AuditField>({
    {"INTA_USER_NAME", 282, 301, kText,
     [](const Record& record) {
       return ColumnText(record.user_name, kUserNameWidth);
     }},
    {"INTA_CERT_FGRPRNT", 4496, 4559, kText, Empty},
    {"INTA_IDT_USER", 4561, 4568, kText,
     [](const Record& record) {
       return ColumnText(record.user, kUserIdWidth);
     }},
    {"INTA_APPL", 4570, 4577, kText, Appl},
    {"INTA_IDT_BUILD_RSNC", 4579, 4586, kHexadecimal, BuildReason},
    {"INTA_SERVICE_CODE", 4588, 4595, kHexadecimal, ServiceCode},
    {"INTA_SERVICE_RC", 4597, 4604, kHexadecimal, ServiceReturnCode},
    {"INTA_SERVICE_RSNC", 4606, 4613, kHexadecimal, ServiceReasonCode},
});

constexpr bool IsWellFormed(std::span<const AuditField> fields) {
  std::size_t free = kFirstColumn;
  for (const AuditField& field : fields) {
    if (field.start < free || field.end < field.start) return false;
    if (field.kind == kYesNo && field.width() != kYesNoWidth) return false;
    if (field.kind == kHexadecimal && field.width() != kHexadecimalWidth) {
      return false;
    }
    free = field.end + 2;  // One blank lies between fields.
  }
  return true;
}

static_assert(IsWellFormed(kJobInitFields) && IsWellFormed(kInitAceeFields),
              "columns must rise with a blank between them, and fit the kind");

}  // namespace

std::span<const AuditField> AuditFieldsOf(AuditEvent event) {
  if (event == AuditEvent::kInitAcee) return kInitAceeFields;
  return kJobInitFields;
}

bool IsValueOf(const AuditField& field, std::string_view text) {
  switch (field.kind) {
    case kYesNo:
      return text == YesNo(true) || text == YesNo(false);
    case kHexadecimal:
      return text.size() == kHexadecimalWidth &&
             text.find_first_not_of("0123456789ABCDEF") ==
                 std::string_view::npos;
    case kText:
      return text == ColumnText(text, field.width());
  }
  return false;
}

std::string_view AuditEventName(AuditEvent event) {
  return event == AuditEvent::kInitAcee ? "INITACEE" : "JOBINIT";
}

std::string ColumnText(std::string_view text, std::size_t width) {
  std::string column(text.substr(0, width));
  for (char& c : column) {
    if (c < ' ' || c > '~') c = '?';
  }
  return column;
}

}  // namespace sigtoken
