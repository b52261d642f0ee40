#include "signer/racf/profile/idtparms.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "pkcs11/base/printable.h"
#include "pkcs11/icsf/token_name.h"

namespace sigtoken {
namespace {

constexpr std::array<std::string_view, 6> kAlgorithms = {
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512"};
constexpr std::size_t kMaxLabel = 64;
constexpr std::size_t kMaxKid = 32;
constexpr std::size_t kMaxSequenceDigits = 8;
constexpr int kMaxTimeout = 1440;

Status SetToken(IdtParms& parms, const std::string& value) {
  if (!TokenName::Parse(value)) {
    return InvalidOperand(
        "SIGTOKEN", value,
        "write the name of an ICSF token: 1 to 32 of A-Z 0-9 @ # $ "
        "., no digit or period in front");
  }
  parms.sigtoken = value;
  return Ok();
}

Status SetSequence(IdtParms& parms, const std::string& value) {
  std::uint32_t number = 0;
  const char* const end = value.data() + value.size();
  const auto read = std::from_chars(value.data(), end, number, 16);
  if (value.size() > kMaxSequenceDigits || read.ec != std::errc() ||
      read.ptr != end || number == 0) {
    return InvalidOperand(
        "SIGSEQNUM", value,
        "write 1 to 8 hexadecimal digits, from 1 to FFFFFFFF");
  }
  parms.sigseqnum = number;
  return Ok();
}

Status SetCategory(IdtParms& parms, const std::string& value) {
  if (value != "T" && value != "Y") {
    return InvalidOperand(
        "SIGCAT", value,
        "write T (clear token object) or Y (secure token object)");
  }
  parms.sigcat = value.front();
  return Ok();
}

Status SetAlgorithm(IdtParms& parms, const std::string& value) {
  if (std::find(kAlgorithms.begin(), kAlgorithms.end(), value) ==
      kAlgorithms.end()) {
    return InvalidOperand(
        "SIGALG", value,
        "write HS256, HS384 or HS512; with SIGLABELPRIMARY RS256, "
        "RS384 or RS512");
  }
  parms.sigalg = value;
  return Ok();
}

Result<bool> YesOrNo(std::string_view keyword, const std::string& value) {
  if (value == "YES" || value == "NO") return value == "YES";
  return InvalidOperand(keyword, value, "write YES or NO");
}

Status SetAnyAppl(IdtParms& parms, const std::string& value) {
  SIGTOKEN_ASSIGN(parms.anyappl, YesOrNo("ANYAPPL", value));
  return Ok();
}

Status SetProtAllowed(IdtParms& parms, const std::string& value) {
  SIGTOKEN_ASSIGN(parms.protallowed, YesOrNo("PROTALLOWED", value));
  return Ok();
}

Status SetTimeout(IdtParms& parms, const std::string& value) {
  int minutes = 0;
  const char* const end = value.data() + value.size();
  const auto read = std::from_chars(value.data(), end, minutes);
  if (read.ec != std::errc() || read.ptr != end || minutes < 1 ||
      minutes > kMaxTimeout) {
    return InvalidOperand("IDTTIMEOUT", value, "write minutes, from 1 to 1440");
  }
  parms.idttimeout = minutes;
  return Ok();
}

// Printable ASCII without what ends or quotes an operand.
Status CheckText(std::string_view keyword, const std::string& value,
                 std::size_t max) {
  const bool good = std::all_of(value.begin(), value.end(), [](char c) {
    return c > ' ' && c < '\x7F' && c != '(' && c != ')' && c != '\'';
  });
  if (good && !value.empty() && value.size() <= max) return Ok();
  return InvalidOperand(
      keyword, value,
      "write 1 to " + std::to_string(max) +
          " characters without blanks, quotes or parentheses");
}

Status SetLabel(IdtParms& parms, const std::string& value) {
  SIGTOKEN_TRY(CheckText("SIGLABELPRIMARY", value, kMaxLabel));
  parms.siglabelprimary = value;
  return Ok();
}

Status SetKid(IdtParms& parms, const std::string& value) {
  SIGTOKEN_TRY(CheckText("SIGKIDPRIMARY", value, kMaxKid));
  parms.sigkidprimary = value;
  return Ok();
}

std::optional<std::string> Word(const std::optional<bool>& value) {
  if (!value) return std::nullopt;
  return *value ? "YES" : "NO";
}

constexpr auto kKeywords = std::to_array<IdtParmsKeyword>({
    {"SIGTOKEN", &SetToken, [](IdtParms& p) { p.sigtoken.reset(); }, false,
     [](const IdtParms& p) { return p.sigtoken; }},
    {"SIGSEQNUM", &SetSequence, [](IdtParms& p) { p.sigseqnum.reset(); }, false,
     [](const IdtParms& p) -> std::optional<std::string> {
       if (!p.sigseqnum) return std::nullopt;
       return Hex(*p.sigseqnum, kMaxSequenceDigits);
     }},
    {"SIGCAT", &SetCategory, [](IdtParms& p) { p.sigcat.reset(); }, false,
     [](const IdtParms& p) -> std::optional<std::string> {
       if (!p.sigcat) return std::nullopt;
       return std::string(1, *p.sigcat);
     }},
    {"SIGALG", &SetAlgorithm, [](IdtParms& p) { p.sigalg.reset(); }, false,
     [](const IdtParms& p) { return p.sigalg; }},
    {"ANYAPPL", &SetAnyAppl, nullptr, true,
     [](const IdtParms& p) { return Word(p.anyappl); }},
    {"IDTTIMEOUT", &SetTimeout, [](IdtParms& p) { p.idttimeout.reset(); },
     false,
     [](const IdtParms& p) -> std::optional<std::string> {
       if (!p.idttimeout) return std::nullopt;
       return std::to_string(*p.idttimeout);
     }},
    {"PROTALLOWED", &SetProtAllowed, nullptr, false,
     [](const IdtParms& p) { return Word(p.protallowed); }},
    {"SIGLABELPRIMARY", &SetLabel,
     [](IdtParms& p) { p.siglabelprimary.reset(); }, false,
     [](const IdtParms& p) { return p.siglabelprimary; }, true},
    {"SIGKIDPRIMARY", &SetKid, [](IdtParms& p) { p.sigkidprimary.reset(); },
     false, [](const IdtParms& p) { return p.sigkidprimary; }, true},
});

}  // namespace

std::optional<Handle> IdtParms::handle() const {
  if (!sigtoken) return std::nullopt;
  const auto name = TokenName::Parse(*sigtoken);
  if (!name) return std::nullopt;
  return Handle(*name, {sigseqnum.value_or(kDefaultSequence),
                        sigcat.value_or(kDefaultCategory)});
}

bool IsRsaAlgorithm(std::string_view algorithm) {
  return algorithm.starts_with("RS");
}

Error InvalidOperand(std::string_view keyword, const std::string& value,
                     std::string cure) {
  return Refusal(
      kParameterInvalid, CKR_ARGUMENTS_BAD,
      "IKJ56702I INVALID " + std::string(keyword) + ", " + Printable(value),
      std::move(cure));
}

std::span<const IdtParmsKeyword> IdtParmsKeywords() { return kKeywords; }

}  // namespace sigtoken
