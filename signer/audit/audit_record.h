// AuditRecord: what is on record of one request.

#ifndef SIGNER_AUDIT_AUDIT_RECORD_H_
#define SIGNER_AUDIT_AUDIT_RECORD_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/base/clock.h"
#include "pkcs11/base/icsf_code.h"
#include "pkcs11/base/result.h"
#include "signer/racf/codes.h"

namespace sigtoken {

// SMF type 80 event codes (OA63462, 3.5.2).
enum class AuditEvent {
  kJobInit = 1,    // RACROUTE REQUEST=VERIFY: the JOBINIT extension.
  kInitAcee = 67,  // initACEE: the INITACEE extension.
};

// An event code qualifier: its number, and the word of the unload.
struct AuditQualifier {
  int number;
  std::string_view word;
};

namespace audit_qualifier {

// Of the INITACEE event (OA63462, 3.5.4).
inline constexpr AuditQualifier kSuccsIdt{11, "SUCCSIDT"};
inline constexpr AuditQualifier kFailIdt{12, "FAILIDT"};

// Of the JOBINIT event. The numbers 0 to 9: z/OS Security Server RACF Macros
// and Interfaces, "Event 1(1): JOB INITIATION/TSO LOGON/TSO LOGOFF"; 25, 26 and
// 38, and all words, from memory, unverified. Which one RACF gives with 8/6C/x
// is not known; it is kNotValidPassword here, since the identity token stands
// in the place of a password (ours). A new phrase has kNewPasswordNotValid too:
// no source at hand says that there is another one (ours).
inline constexpr AuditQualifier kSuccess{0, "SUCCESSI"};
inline constexpr AuditQualifier kNotValidPassword{1, "INVPSWD"};
inline constexpr AuditQualifier kRevokedUser{6, "REVKUSER"};
inline constexpr AuditQualifier kAutomaticallyRevoked{7, "REVKAUTO"};
inline constexpr AuditQualifier kUndefinedUser{9, "UNDFUSER"};
inline constexpr AuditQualifier kExpiredPassword{25, "PWDEXPR"};
inline constexpr AuditQualifier kNewPasswordNotValid{26, "INVNPWD"};
// Ours: the request is at fault, or nobody could decide it. RACF has none.
inline constexpr AuditQualifier kNotDecided{255, "NOTDECID"};
inline constexpr AuditQualifier kExpiredPhrase{38, "PHREXPR"};

}  // namespace audit_qualifier

// Which of ICSF's services failed. IBM's numbers are not known: these are ours.
enum class FailingService { kNone = 0, kCsfphmg = 1, kCsfphmv = 2 };

// One request of either service, done or refused. It has nothing of the
// identity token but whose it is, and that only where it says so: `user` may be
// who the token claimed to be for, when it was refused.
struct AuditRecord {
  AuditEvent event = AuditEvent::kJobInit;
  Instant time;
  // When the token was judged, where that was not now.
  std::optional<Instant> judged_at = std::nullopt;
  // What was simulated in the place of the key; empty: nothing.
  std::string simulated = {};
  AuditQualifier qualifier = audit_qualifier::kSuccess;
  // Whether RACF itself would have written one (OA63462, 3.4.1, usage note 6;
  // for RACROUTE, LOG=ASIS: failures).
  bool racf_audits = false;
  RacfCode code;     // The service's.
  std::string user;  // May be empty: nobody was named.
  // Whose the token claims to be, where that is another user.
  std::string claimed_user = {};
  std::string user_name;  // The user's NAME; empty: none, or not defined.
  bool user_undefined = false;
  std::string appl;
  std::optional<std::string> profile;
  std::optional<std::string> key;  // Short handle.

  // Of an identity token that came with the request.
  bool idt_evaluated = false;
  bool idt_successful = false;
  int validation_reason =
      0;  // IDT Validation Reason Code: that of 8/6C (ours).
  // IDT Build Reason Code: IDTA_IDT_Gen_RC (ours).
  int build_reason = 0;
  // Of RACROUTE's IDTA: "used", or "ignored: " and why. Empty: there was none,
  // or the request was refused before anybody came to it.
  std::string idta = {};
  bool returned = false;   // A token came back.
  bool is_signed = false;  // It is signed.

  // How the user was authenticated by the request itself, as in amr; empty
  // where an identity token alone did it.
  std::vector<std::string> amr;
  // amr of the identity token: how its user was authenticated when it was made.
  std::vector<std::string> idt_amr = {};
  bool authenticated = false;  // And with success.
  bool expired = false;        // Password or phrase.
  bool new_not_valid = false;  // New password or phrase.

  FailingService service = FailingService::kNone;
  IcsfCode icsf;  // Of `service`.

  // What an administrator would look for; empty after success.
  std::string message;
};

// What an administrator of z/OS would look for on the console after a refusal:
// ICH408I, whose text is ours. Empty after success. Has the user, the service's
// code, the failing service and nothing of the token.
std::string AdministratorMessage(const AuditRecord& record);

// No line of ToJsonLine() is longer.
inline constexpr std::size_t kMaxAuditLineBytes = 8192;

// The record as one line of JSON in ASCII, without its newline: members for
// people, `time` in UTC, and behind them the fields of OA63462, 3.5.3, under
// their names there with values as the unload has them
// (audit/audit_fields.h). Texts that came from outside have no control
// characters, and are cut where they are longer than RACF's may be.
std::string ToJsonLine(const AuditRecord& record);

}  // namespace sigtoken

#endif  // SIGNER_AUDIT_AUDIT_RECORD_H_
