#include "signer/audit/audit_record.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "pkcs11/base/printable.h"
#include "signer/audit/audit_fields.h"

namespace sigtoken {
namespace {

using Json = nlohmann::ordered_json;

// Ours: together they keep a line below kMaxAuditLineBytes, whatever came from
// outside. No valid amr has as many values, no value is as long.
constexpr std::size_t kMaxAmrValues = 12;
constexpr std::size_t kMaxAmrValueLength = 16;
constexpr std::size_t kMaxMessageLength = 512;
constexpr std::size_t kMaxIdtaLength = 64;
// The longest profile name of RACF.
constexpr std::size_t kMaxProfileLength = 246;

RacfSurface SurfaceOf(AuditEvent event) {
  return event == AuditEvent::kInitAcee ? RacfSurface::kInitAcee
                                        : RacfSurface::kRacroute;
}

std::string_view ServiceName(FailingService service) {
  switch (service) {
    case FailingService::kNone:
      return "";
    case FailingService::kCsfphmg:
      return "CSFPHMG";
    case FailingService::kCsfphmv:
      return "CSFPHMV";
  }
  return "";
}

std::string CodeText(const AuditRecord& record) {
  return FormatRacfCode(SurfaceOf(record.event), record.code);
}

// `text` in `width` columns, blanks behind.
std::string Padded(std::string_view text, std::size_t width) {
  std::string padded = ColumnText(text, width);
  padded.resize(width, ' ');
  return padded;
}

struct Wording {
  RacfCode code;
  std::string_view text;
};

// What RACF's ICH408I says after "LOGON/JOB INITIATION - ", without a terminal
// (of a revoked user: CICS TS, "Revoked user attempting to sign on"; the others
// from memory or ours).
constexpr auto kWordings = std::to_array<Wording>({
    {kUserNotDefined, "USER AT TERMINAL          NOT RACF-DEFINED"},
    {kSignatureNotValid, "INVALID PASSWORD"},
    {kPasswordExpired, "EXPIRED PASSWORD"},
    {kNewPasswordNotValid, "INVALID NEW PASSWORD"},
    {kUserRevoked, "REVOKED USER ACCESS ATTEMPT"},
});

// IDTA_IDT_Gen_RC in words; ours.
std::string_view BuildReasonText(int build_reason) {
  switch (build_reason) {
    case kGenRcUnsigned:
      return ", NO SIGNATURE KEY";
    case kGenRcIcsfUnavailable:
      return ", ICSF NOT AVAILABLE";
    case kGenRcIcsfError:
      return ", ICSF ERROR";
    case kGenRcAlgorithm:
      return ", SIGNATURE ALGORITHM NOT VALID";
    default:
      return "";
  }
}

std::string JobInitText(const AuditRecord& record) {
  if (record.qualifier.number ==
      audit_qualifier::kAutomaticallyRevoked.number) {
    return "EXCESSIVE PASSWORDS OR INACTIVE USER";
  }
  if (record.qualifier.number == audit_qualifier::kExpiredPhrase.number) {
    return "EXPIRED PASSWORD PHRASE";
  }
  if (record.code == kRacfDone) return "IDENTITY TOKEN NOT GENERATED";
  const auto* wording =
      std::find_if(kWordings.begin(), kWordings.end(),
                   [&](const Wording& one) { return one.code == record.code; });
  if (wording != kWordings.end()) return std::string(wording->text);
  return record.idt_evaluated ? "IDENTITY TOKEN NOT ACCEPTED" : "NOT DONE";
}

Json TextOrNull(std::string_view text) {
  return text.empty() ? Json() : Json(text);
}

Json AmrJson(const std::vector<std::string>& amr) {
  Json values = Json::array();
  for (const std::string& value : amr) {
    if (values.size() == kMaxAmrValues) {
      values.push_back("...");
      break;
    }
    values.push_back(ColumnText(value, kMaxAmrValueLength));
  }
  return values;
}

Json IcsfJson(const AuditRecord& record) {
  if (record.service == FailingService::kNone) return {};
  return {{"return_code", record.icsf.return_code},
          {"reason_code", record.icsf.reason_code}};
}

}  // namespace

std::string AdministratorMessage(const AuditRecord& record) {
  if (record.code == kRacfDone && record.build_reason == kGenRcSuccess) {
    return "";
  }
  constexpr std::size_t kIdWidth = 8;
  constexpr std::size_t kNameWidth = 20;
  std::string text =
      "ICH408I USER(" + Padded(record.user, kIdWidth) + ") GROUP(" +
      Padded("", kIdWidth) + ") NAME(" +
      Padded(record.user_undefined ? "???" : record.user_name, kNameWidth) +
      ") ";
  text += record.event == AuditEvent::kInitAcee
              ? "INITACEE - IDENTITY TOKEN NOT GENERATED"
              : "LOGON/JOB INITIATION - " + JobInitText(record);
  text += " " + CodeText(record);
  text += BuildReasonText(record.build_reason);
  if (record.service != FailingService::kNone) {
    text += ", " + std::string(ServiceName(record.service)) + " " +
            std::to_string(record.icsf.return_code) + "/" +
            std::to_string(record.icsf.reason_code);
  }
  return text + " (sigtoken's wording)";
}

std::string ToJsonLine(const AuditRecord& record) {
  Json line = {
      {"time", FormatIso8601(record.time)},
      {"event", AuditEventName(record.event)},
      {"event_code", static_cast<int>(record.event)},
      {"event_qualifier", record.qualifier.word},
      {"event_qualifier_number", record.qualifier.number},
      {"saf_rc", record.code.saf},
      {"racf_rc", record.code.racf},
      {"racf_reason", record.code.reason},
      {"code", CodeText(record)},
      {"racf_audits", record.racf_audits},
      {"user", Printable(record.user)},
      {"user_undefined", record.user_undefined},
      {"appl", Printable(record.appl)},
      {"profile", record.profile
                      ? Json(ColumnText(*record.profile, kMaxProfileLength))
                      : Json()},
      {"key", record.key ? Json(Printable(*record.key)) : Json()},
      {"returned", record.returned},
      {"signed", record.is_signed},
      {"idt_gen_rc", record.build_reason},
      {"amr", AmrJson(record.amr)},
      {"icsf", IcsfJson(record)},
      {"service", TextOrNull(ServiceName(record.service))},
      {"message", TextOrNull(ColumnText(record.message, kMaxMessageLength))}};
  if (record.event == AuditEvent::kJobInit) {
    line["idta"] = TextOrNull(ColumnText(record.idta, kMaxIdtaLength));
  }
  if (!record.idt_amr.empty()) line["idt_amr"] = AmrJson(record.idt_amr);
  if (!record.claimed_user.empty()) {
    line["claimed_user"] = Printable(record.claimed_user);
  }
  if (record.judged_at) line["judged_at"] = FormatIso8601(*record.judged_at);
  if (!record.simulated.empty()) line["simulated"] = record.simulated;
  for (const AuditField& field : AuditFieldsOf(record.event)) {
    line[std::string(field.name)] = field.value(record);
  }
  return line.dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace sigtoken
