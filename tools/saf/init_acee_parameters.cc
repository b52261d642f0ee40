#include "tools/saf/init_acee_parameters.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "signer/racf/user_id.h"
#include "tools/saf/acee.h"

namespace sigtoken::saf {
namespace {

constexpr std::size_t kLengthByte = 1;
constexpr std::size_t kFullword = 4;
constexpr std::size_t kAddress = sizeof(void*);

// A parameter that must be zero where it is given, in so many bytes as say
// whether it is: a length, a value, an address.
struct ZeroParameter {
  std::string_view name;
  const void* InitAceeParameters::*area;
  std::size_t bytes;
};

// There is one address space.
constexpr auto kAlets = std::to_array<ZeroParameter>({
    {"the ALET of SAF_return_code", &InitAceeParameters::saf_return_code_alet,
     kFullword},
    {"the ALET of RACF_return_code", &InitAceeParameters::racf_return_code_alet,
     kFullword},
    {"the ALET of RACF_reason_code", &InitAceeParameters::racf_reason_code_alet,
     kFullword},
    {"ACEE2_ALET", &InitAceeParameters::acee2_alet, kFullword},
});

// What OA63462, 3.4.1, table 6 has as n/a. Of an ENVR structure and of the
// variable list this is the first word: the length of the object, the number of
// variables. What follows it, a caller who has none need not have.
constexpr auto kNotOfFunction7 = std::to_array<ZeroParameter>({
    {"Attributes", &InitAceeParameters::attributes, kFullword},
    {"RACF_userid", &InitAceeParameters::racf_userid, kLengthByte},
    {"ACEE_ptr", &InitAceeParameters::acee_ptr, kAddress},
    {"Password", &InitAceeParameters::password, kLengthByte},
    {"Logstring", &InitAceeParameters::logstring, kLengthByte},
    {"Certificate", &InitAceeParameters::certificate, kFullword},
    {"ENVR_in", &InitAceeParameters::envr_in, kFullword},
    {"ENVR_out", &InitAceeParameters::envr_out, kFullword},
    {"Output_area", &InitAceeParameters::output_area, kAddress},
    {"X500name", &InitAceeParameters::x500_name, kAddress},
    {"Variable_list", &InitAceeParameters::variable_list, kFullword},
    {"Security_label", &InitAceeParameters::security_label, kLengthByte},
    {"SERVAUTH_name", &InitAceeParameters::servauth_name, kLengthByte},
    {"Password_phrase", &InitAceeParameters::password_phrase, kLengthByte},
    {"IDID_area", &InitAceeParameters::idid_area, kAddress},
});

// By function code (z/OS Security Server RACF Callable Services, initACEE,
// "Function_code").
constexpr auto kFunctions = std::to_array<std::string_view>({
    "",
    "Create an ACEE",
    "Delete an ACEE",
    "Purge all managed ACEEs",
    "Register a certificate",
    "Deregister a certificate",
    "Query a certificate",
    "Generate an IDT from an ACEE",
});

Error ParameterError(std::string message, std::string cure) {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD, std::move(message),
                 std::move(cure));
}

Error NotGiven(std::string_view what) {
  return ParameterError(std::string(what) + " is not given",
                        "function X'07' needs it");
}

bool IsZero(const void* area, std::size_t bytes) {
  const auto* begin = static_cast<const std::uint8_t*>(area);
  return area == nullptr || std::all_of(begin, begin + bytes,
                                        [](std::uint8_t b) { return b == 0; });
}

std::string Hex(std::uint8_t byte) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  return std::string("X'") + kDigits[byte >> 4] + kDigits[byte & 0xF] + '\'';
}

Status CheckFunction(const void* function_code) {
  if (function_code == nullptr) {
    return ParameterError("Function_code is not given", "pass X'07'");
  }
  const std::uint8_t function =
      *static_cast<const std::uint8_t*>(function_code);
  if (function == INTA_GENIDT) return Ok();
  const bool known = function > 0 && function < kFunctions.size();
  return ParameterError(
      "function " + Hex(function) + ", " +
          std::string(known ? kFunctions[function] : "which there is not") +
          ", is refused",
      "X'07', " + std::string(kFunctions[INTA_GENIDT]) + ", is there alone");
}

Status CheckZeros(const InitAceeParameters& given) {
  for (const ZeroParameter& alet : kAlets) {
    if (IsZero(given.*alet.area, alet.bytes)) continue;
    return ParameterError(std::string(alet.name) + " is not zero",
                          "pass 0: there is one address space");
  }
  for (const ZeroParameter& parameter : kNotOfFunction7) {
    if (IsZero(given.*parameter.area, parameter.bytes)) continue;
    return ParameterError(
        std::string(parameter.name) + " is given, and not zero",
        "function X'07' does not take it: pass NULL, or zeros");
  }
  return Ok();
}

Result<std::string> ReadAppl(const void* appl_id) {
  constexpr std::size_t kMost = 8;
  if (appl_id == nullptr) return NotGiven("APPL_id");
  const auto* text = static_cast<const char*>(appl_id);
  const std::size_t length = static_cast<unsigned char>(text[0]);
  if (length == 0 || length > kMost) {
    return ParameterError("the length of APPL_id is " + std::to_string(length),
                          "function X'07' needs a name of 1 to 8 characters");
  }
  std::string appl(text + 1, length);
  SIGTOKEN_TRY(CheckUserId(appl, "application name in APPL_id"));
  return appl;
}

// The address that `area` holds; null where there is no area either.
template <typename T>
T* ReadAddress(const void* area) {
  T* address = nullptr;
  if (area != nullptr) std::memcpy(&address, area, kAddress);
  return address;
}

}  // namespace

InitAceeRequest WhoAsks(const InitAceeParameters& given) {
  InitAceeRequest request;
  const auto appl = ReadAppl(given.appl_id);
  if (appl) request.appl = *appl;
  const ACEE* const acee = ReadAddress<ACEE>(given.acee2_ptr);
  if (acee == nullptr) return request;
  const auto user = UserOf(acee, "ACEE2_ptr");
  if (user) request.user = *user;
  return request;
}

IDTA* IdtaOf(const InitAceeParameters& given) {
  return ReadAddress<IDTA>(given.idta_ptr);
}

bool IsGenIdt(const InitAceeParameters& given) {
  return given.function_code != nullptr &&
         *static_cast<const std::uint8_t*>(given.function_code) == INTA_GENIDT;
}

Result<GenIdtParameters> ReadGenIdt(const InitAceeParameters& given) {
  SIGTOKEN_TRY(CheckFunction(given.function_code));
  SIGTOKEN_TRY(CheckZeros(given));
  GenIdtParameters parameters;
  SIGTOKEN_ASSIGN(parameters.appl, ReadAppl(given.appl_id));
  const ACEE* const acee = ReadAddress<ACEE>(given.acee2_ptr);
  if (acee == nullptr) return NotGiven("ACEE2_ptr");
  SIGTOKEN_ASSIGN(parameters.user, UserOf(acee, "ACEE2_ptr"));
  parameters.idta = IdtaOf(given);
  if (parameters.idta == nullptr) return NotGiven("IDTA_ptr");
  return parameters;
}

}  // namespace sigtoken::saf
