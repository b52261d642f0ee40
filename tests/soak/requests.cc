#include "tests/soak/requests.h"

#include <algorithm>
#include <array>

#include "signer/jws/base64url.h"
#include "signer/racf/command/commands.h"
#include "signer/racf/schema.h"
#include "tests/embedded_home.h"
#include "tests/import_key.h"

namespace sigtoken::testing {
namespace {

constexpr const char* kProfile =
    "SETROPTS GENERIC(IDTDATA) CLASSACT(IDTDATA)\n"
    "RDEFINE IDTDATA JWT.*.*.SAF IDTPARMS(SIGTOKEN(IDT.KEYS) SIGSEQNUM(1) "
    "SIGCAT(T) SIGALG(HS256))\n"
    "SETROPTS RACLIST(IDTDATA)\n";

struct KeyRow {
  std::uint32_t sequence;
  const char* algorithm;
  bool may_sign;
};
constexpr auto kKeys = std::to_array<KeyRow>({
    {1, "HS256", true},
    {2, "HS384", true},
    {3, "HS512", true},
    {4, "HS256", false},
});

// RACROUTE's of a signature that does not fit: 8/8/0.
constexpr RacfCode kMacWrong{8, 8, 0};

// Of a request that came to no answer.
Answer Refused(const Error& error, std::string& why) {
  const IcsfCode code = ToIcsf(error);
  if (code == kNotAvailable) return Answer::kNotAvailable;
  // The second: a module that says twice that what it shows is not there.
  if (code == kObjectNotFound || code == IcsfCode{8, 3043}) {
    return Answer::kNotFound;
  }
  why = ToText(error);
  return Answer::kWrong;
}

Answer RightIf(bool right, const std::string& otherwise, std::string& why) {
  if (right) return Answer::kRight;
  why = otherwise;
  return Answer::kWrong;
}

}  // namespace

Requests::Requests(Directory& directory) : directory_(directory) {
  Must(MigrateRacf(directory.database()));
  Must(RunCommands(directory.database(), Must(SplitCommands(kProfile))));
  const auto token = Must(directory.FindToken(Name("IDT.KEYS")));
  for (const KeyRow& row : kKeys) {
    const std::vector<std::uint8_t> value(
        64, static_cast<std::uint8_t>(0xA0 + row.sequence));
    const ObjectId id{row.sequence, 'T'};
    Attributes key =
        KeyToImport(sigtoken::Handle(token->name(), id).FormatShort(), value);
    key.Remove(CKA_SIGN);
    key.Flag(CKA_SIGN, row.may_sign);
    Import(*token, key);
    keys_.push_back({value, FindMacAlgorithm(row.algorithm), row.sequence,
                     row.may_sign, Must(sigtoken::Key::Find(token, id))});
  }
  generate_.appl = "APPL01";
  generate_.user = "USER01";
  generate_.key.rules = RulesOf(directory);
  const GenerateResult made = GenerateIdt(generate_);
  if (!made.returned) Must(Result<int>(*made.error));
  validate_.token = made.token;
  validate_.appl = generate_.appl;
  validate_.at = generate_.now;
  validate_.key.rules = generate_.key.rules;
}

Answer Requests::Sign(std::mt19937_64& random, const std::string& text,
                      std::string& why) {
  const SoakKey& with = keys_.at(random() % 3);
  Result<Mac> mac = Fault("was not asked");
  if (random() % 64 == 0) {
    // As a service does, which has a deadline.
    mac =
        executor_.Run<Mac>([key = with.key, algorithm = with.algorithm, text] {
          return key.Sign(*algorithm, Bytes(text));
        });
  } else if (random() % 64 == 0) {
    // As a program does, which begins with nothing.
    auto found =
        directory_.FindKey("IDT.KEYS:" + std::to_string(with.sequence) + "T");
    if (!found) return Refused(found.error(), why);
    mac = found->Sign(*with.algorithm, Bytes(text));
  } else {
    mac = with.key.Sign(*with.algorithm, Bytes(text));
  }
  if (!mac) return Refused(mac.error(), why);
  return RightIf(
      std::ranges::equal(mac->bytes(),
                         OpenSslMac(*with.algorithm, with.value, Bytes(text))),
      "a wrong MAC", why);
}

Answer Requests::Verify(std::mt19937_64& random, const std::string& text,
                        std::string& why) {
  const SoakKey& with = keys_.at(random() % keys_.size());
  auto mac = OpenSslMac(*with.algorithm, with.value, Bytes(text));
  const bool right = random() % 2 == 0;
  if (!right) mac[random() % mac.size()] ^= 1;
  const auto verified = with.key.Verify(*with.algorithm, Bytes(text), mac);
  if (!verified) return Refused(verified.error(), why);
  return RightIf(*verified == right,
                 right ? "a right MAC is refused" : "a wrong MAC is taken",
                 why);
}

bool Requests::IsSignedRight(const std::string& token) const {
  const auto dot = token.rfind('.');
  if (dot == std::string::npos) return false;
  return token.substr(dot + 1) ==
         EncodeBase64Url(OpenSslMac(Hs256(), keys_.front().value,
                                    Bytes(token.substr(0, dot))));
}

Answer Requests::Generate(std::string& why) {
  const GenerateResult made = GenerateIdt(generate_);
  if (!made.returned) {
    if (!made.error) return RightIf(false, "no token and no reason", why);
    const Answer answer = Refused(*made.error, why);
    const int code = answer == Answer::kNotAvailable ? 4 : 5;
    return made.idt_gen_rc == code
               ? answer
               : RightIf(false,
                         "generation code " + std::to_string(made.idt_gen_rc) +
                             ": " + ToText(*made.error),
                         why);
  }
  return RightIf(made.is_signed && IsSignedRight(made.token),
                 "a token with a wrong signature", why);
}

Answer Requests::Validate(std::mt19937_64& random, std::string& why) {
  ValidateRequest request = validate_;
  const bool right = random() % 2 == 0;
  char& last = request.token.at(request.token.size() - 5);
  if (!right) last = last == 'A' ? 'B' : 'A';
  const ValidateResult result = ValidateIdt(request);
  if (result.error) return Refused(*result.error, why);
  return RightIf(
      result.valid == right && result.code == (right ? RacfCode{} : kMacWrong),
      std::string("an identity token ") + (right ? "right" : "wrong") + ": " +
          FormatRacfCode(RacfSurface::kRacroute, result.code) + ' ' +
          result.reason,
      why);
}

Answer Requests::Make(std::mt19937_64& random, const std::string& text,
                      std::string& why) {
  const auto kind = random() % 10;
  if (kind == 0) return Generate(why);
  if (kind == 1) return Validate(random, why);
  return kind < 6 ? Sign(random, text, why) : Verify(random, text, why);
}

}  // namespace sigtoken::testing
