// What 'idt generate' and 'idt validate' share: the system that the services
// work with, and the options that stand for an IDTA and RACROUTE's keywords.

#ifndef TOOLS_CLI_SAF_H_
#define TOOLS_CLI_SAF_H_

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "signer/audit/audit_log.h"
#include "signer/idta/idta.h"
#include "signer/idta/racroute.h"
#include "signer/idta/record.h"
#include "signer/idta/saf_system.h"
#include "signer/racf/users/stored_users.h"
#include "signer/racf/users/unavailable_users.h"
#include "tools/cli/command.h"
#include "tools/cli/idt_key.h"

namespace sigtoken::cli {

// The audit file of a request that a service was asked for and has not answered
// yet. A request that is given up at its deadline has a record too: its thread
// does not come back to write one.
class Unanswered {
 public:
  void Ask(const AuditSettings& settings);
  void Answer();
  // Those of the request that was not answered, once.
  std::optional<AuditSettings> GiveUp();

 private:
  std::mutex mutex_;
  std::optional<AuditSettings> settings_;
};

struct SafOptions {
  std::string idta;      // 36 bytes in hexadecimal.
  std::string keywords;  // RACROUTE's, between commas.
  std::shared_ptr<Unanswered> unanswered = std::make_shared<Unanswered>();
};

void AddSafOptions(CLI::App& verb, SafOptions& options);

// Users, audit file and profiles of the configuration. A state store that
// cannot be opened is no error: the services answer that ICSF is not available,
// and record it.
class Saf {
 public:
  // `key` outlives it; null for a request that no key is asked for. Errors:
  // kParameterInvalid, of the configuration.
  static Result<std::unique_ptr<Saf>> Open(Context& context, IdtKey* key);
  Saf(const Saf&) = delete;
  Saf& operator=(const Saf&) = delete;

  SafSystem& system() { return system_; }

 private:
  explicit Saf(const Configuration& configuration)
      : audit_(configuration.audit) {}

  AuditLog audit_;
  std::unique_ptr<UserRegistry> users_;
  SafSystem system_;
};

// The IDTA that the option gives, else one that is right, with room for 2,048
// characters, or for the token if it is longer. `end_user` is set in either,
// the length of the token only in the second. Errors: kParameterInvalid.
Result<Idta> ReadIdta(const SafOptions& options, bool end_user,
                      std::size_t token_bytes);

// What RACROUTE would answer, were somebody to log on by the request.
std::string LogonCode(const RacrouteResult& result);

// The IDTA as the service left it, where the option gave one.
void AddIdta(const SafOptions& options, const Idta& idta, Json& json);

// The message that an administrator would look for, below the answer's own.
void AddConsole(const std::string& message, Answer& answer);

// Puts the result of a request on record that was given up: `result` is a
// GenerateResult of initACEE's, or a RacrouteResult. Does nothing for one that
// was answered, or never asked. Gives the console's message.
template <typename Request, typename Result>
std::string RecordGivenUp(const SafOptions& options, const Request& request,
                          const Result& result) {
  const auto settings = options.unanswered->GiveUp();
  if (!settings) return "";
  AuditLog audit(*settings);
  SafSystem system;
  system.audit = &audit;
  const AuditRecord record = RecordOf(system, request, result);
  // Who asked gets "not available" either way.
  static_cast<void>(Record(system, record).has_value());
  return record.message;
}

// Takes over the keywords: "RELEASE=1.9.2,PASSCHK=NO,IDID". Errors:
// kParameterInvalid.
Status ReadKeywords(const SafOptions& options, RacrouteRequest& request);

}  // namespace sigtoken::cli

#endif  // TOOLS_CLI_SAF_H_
