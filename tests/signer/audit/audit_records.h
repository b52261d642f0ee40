// Audit records for tests.

#ifndef TESTS_SIGNER_AUDIT_AUDIT_RECORDS_H_
#define TESTS_SIGNER_AUDIT_AUDIT_RECORDS_H_

#include <fstream>
#include <string>
#include <vector>

#include "signer/audit/audit_record.h"

namespace sigtoken::testing {

// An identity token for USER01 that could not be made, with all that a record
// may have.
inline AuditRecord FullInitAcee() {
  AuditRecord record;
  record.event = AuditEvent::kInitAcee;
  record.time = {1'736'963'652'999'999'999};  // 2025-01-15T17:54:12Z
  record.qualifier = audit_qualifier::kFailIdt;
  record.racf_audits = true;
  record.code = kInitAceeIcsfUnavailable;
  record.user = "USER01";
  record.user_name = "JANE DOE";
  record.appl = "APPL01";
  record.profile = "JWT.APPL01.*.SAF";
  record.key = "IDTTKN.JWT.SECRET:0000000AT";
  record.build_reason = kGenRcIcsfUnavailable;
  record.amr = {"saf-acee"};
  record.authenticated = true;
  record.service = FailingService::kCsfphmg;
  record.icsf = {12, 0};
  record.message = AdministratorMessage(record);
  return record;
}

// A user with a password and a token that was made.
inline AuditRecord FullJobInit() {
  AuditRecord record;
  record.time = {1'736'963'652'000'000'000};
  record.user = "USER01";
  record.user_name = "JANE DOE";
  record.appl = "APPL01";
  record.profile = "JWT.APPL01.USER01.SAF";
  record.key = "IDTTKN.JWT.SECRET:00000001T";
  record.idta = "used";
  record.returned = true;
  record.is_signed = true;
  record.amr = {"mfa-comp", "saf-pwd"};
  record.authenticated = true;
  return record;
}

// One that says which it is among others.
inline AuditRecord NumberedRecord(const std::string& number) {
  AuditRecord record = FullJobInit();
  record.appl = number;
  return record;
}

// The lines of a file, with their newlines; what is behind the last one too.
inline std::vector<std::string> LinesOf(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(stream.eof() ? line : line + "\n");
  }
  return lines;
}

}  // namespace sigtoken::testing

#endif  // TESTS_SIGNER_AUDIT_AUDIT_RECORDS_H_
