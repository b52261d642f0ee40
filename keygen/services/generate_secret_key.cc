#include "keygen/services/generate_secret_key.h"

#include <array>
#include <string>

#include "keygen/generate.h"
#include "keygen/services/secret_key_template.h"
#include "keygen/session_key.h"
#include "pkcs11/icsf/rule_array.h"

namespace sigtoken {
namespace {

constexpr std::array<std::string_view, 4> kRules = {"KEY", "PARMS", "SSL",
                                                    "TLS"};

Status CheckRules(std::string_view rule_array) {
  SIGTOKEN_ASSIGN(
      const auto rules,
      ParseRuleArray(rule_array, {{{"kind of secret key", kRules}}}));
  if (rules.front() == "KEY") return Ok();
  return Refusal(
      kServiceNotAvailable, CKR_FUNCTION_NOT_SUPPORTED,
      "CSFPGSK makes no " +
          std::string(rules.front() == "PARMS" ? "domain parameters"
                                               : "pre-master secrets") +
          " here",
      "use 'KEY     ': keys here are for HMAC");
}

}  // namespace

Result<MadeKey> GenerateSecretKey(Icsf& icsf,
                                  const GenerateSecretKeyCall& call) {
  SIGTOKEN_ASSIGN(const TokenName name, TokenNameOf(call.handle));
  SIGTOKEN_TRY(CheckRules(call.rule_array));
  if (!call.parms_list.empty()) {
    return Refusal(kLengthInvalid, CKR_ARGUMENTS_BAD,
                   "the rule KEY takes no parameter list", "pass the length 0");
  }
  SIGTOKEN_ASSIGN(auto attributes,
                  ParseAttributeList(call.attribute_list, call.order));
  SIGTOKEN_ASSIGN(
      const auto wanted,
      ReadSecretKeyTemplate(attributes, call.order, DefaultsOfServices()));
  SIGTOKEN_TRY(CheckClassAndType(wanted));
  if (wanted.value) {
    return Refusal(kTemplateInconsistent, CKR_TEMPLATE_INCONSISTENT,
                   "a key that is generated is given no CKA_VALUE",
                   "leave it out, or bring the key in with CSFPTRC");
  }
  if (!wanted.has_value_len) {
    return Refusal(kTemplateIncomplete, CKR_TEMPLATE_INCOMPLETE,
                   "the attribute list lacks CKA_VALUE_LEN",
                   "add the number of bytes of the key");
  }
  SIGTOKEN_ASSIGN(const auto token, icsf.directory().FindToken(name));
  return GenerateKey(MakerFor(icsf, *token, wanted.spec), wanted.spec);
}

}  // namespace sigtoken
