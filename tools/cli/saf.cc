#include "tools/cli/saf.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "pkcs11/base/printable.h"

namespace sigtoken::cli {
namespace {

constexpr std::uint32_t kBufferBytes = 2048;  // As Zowe's.

// The word is not repeated: it may have a password in it.
Error BadKeyword(std::string cure) {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 "--racroute has a word that is no keyword of RACROUTE, or not "
                 "one that counts here",
                 std::move(cure));
}

template <typename Value>
struct Named {
  std::string_view name;
  Value value;
};

constexpr auto kEnvirs = std::to_array<Named<Envir>>({
    {"CREATE", Envir::kCreate},
    {"CHANGE", Envir::kChange},
    {"DELETE", Envir::kDelete},
    {"VERIFY", Envir::kVerify},
});
constexpr auto kPasschks = std::to_array<Named<Passchk>>({
    {"YES", Passchk::kYes},
    {"NO", Passchk::kNo},
    {"NOMFA", Passchk::kNoMfa},
});

template <typename Table, typename Value>
bool Find(const Table& table, std::string_view name, Value& value) {
  for (const auto& row : table) {
    if (row.name != name) continue;
    value = row.value;
    return true;
  }
  return false;
}

// What is there or not. What PASSWRD and the like would hold has been checked
// by who calls, and does not belong into arguments.
struct Flag {
  std::string_view name;
  void (*set)(RacrouteRequest& request);
};

constexpr auto kFlags = std::to_array<Flag>({
    {"ENVRIN", [](RacrouteRequest& r) { r.envrin = true; }},
    {"ICRX", [](RacrouteRequest& r) { r.icrx = true; }},
    {"IDID", [](RacrouteRequest& r) { r.idid = true; }},
    {"NEWPASS",
     [](RacrouteRequest& r) { r.new_credential = Authenticator::kPassword; }},
    {"NEWPHRASE",
     [](RacrouteRequest& r) { r.new_credential = Authenticator::kPhrase; }},
    {"PASSWRD",
     [](RacrouteRequest& r) { r.credential = Authenticator::kPassword; }},
    {"PHRASE",
     [](RacrouteRequest& r) { r.credential = Authenticator::kPhrase; }},
    {"START", [](RacrouteRequest& r) { r.start = true; }},
});

Status ReadKeyword(const std::string& text, RacrouteRequest& request) {
  const std::size_t equals = text.find('=');
  const std::string name = text.substr(0, equals);
  if (equals == std::string::npos) {
    for (const Flag& flag : kFlags) {
      if (flag.name != name) continue;
      flag.set(request);
      return Ok();
    }
    return BadKeyword(
        "write RELEASE=, ENVIR= or PASSCHK= with a value, or "
        "ENVRIN, ICRX, IDID, START, PASSWRD, PHRASE, NEWPASS or "
        "NEWPHRASE");
  }
  const std::string value = text.substr(equals + 1);
  if (name == "RELEASE") {
    request.release = value;
    return Ok();
  }
  if (name == "ENVIR") {
    if (Find(kEnvirs, value, request.envir)) return Ok();
    return BadKeyword("write CREATE, CHANGE, DELETE or VERIFY");
  }
  if (name == "PASSCHK") {
    if (Find(kPasschks, value, request.passchk)) return Ok();
    return BadKeyword("write YES, NO or NOMFA");
  }
  // What stands behind it may be a password.
  return BadKeyword(
      "RELEASE, ENVIR and PASSCHK have values; of the others "
      "write the name alone");
}

// The assembler takes no keyword of a macro twice, and saf/racroute_keywords.h
// no two that exclude each other: which one counts would be a guess.
Status CheckStandsAlone(const std::string& name,
                        const std::vector<std::string>& read) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 2>
      kExclude = {{{"PASSWRD", "PHRASE"}, {"NEWPASS", "NEWPHRASE"}}};
  const auto is_there = [&](std::string_view other) {
    return std::find(read.begin(), read.end(), other) != read.end();
  };
  if (is_there(name)) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   "--racroute has the keyword " + name + " twice",
                   "write it once");
  }
  for (const auto& [one, other] : kExclude) {
    if ((name == one && is_there(other)) || (name == other && is_there(one))) {
      return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                     "--racroute has both " + std::string(one) + " and " +
                         std::string(other),
                     "write the one that the user was asked for");
    }
  }
  return Ok();
}

Result<std::vector<std::uint8_t>> FromHex(const std::string& text) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    std::uint8_t byte = 0;
    const char* end = text.data() + i + 2;
    const auto read = std::from_chars(text.data() + i, end, byte, 16);
    if (read.ec != std::errc() || read.ptr != end) break;
    bytes.push_back(byte);
  }
  if (bytes.size() * 2 == text.size() && bytes.size() == kIdtaBytes) {
    return bytes;
  }
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 "the value of --idta is no IDTA of 36 bytes",
                 "write 72 hexadecimal digits");
}

}  // namespace

void Unanswered::Ask(const AuditSettings& settings) {
  const std::lock_guard lock(mutex_);
  settings_ = settings;
}

void Unanswered::Answer() {
  const std::lock_guard lock(mutex_);
  settings_.reset();
}

std::optional<AuditSettings> Unanswered::GiveUp() {
  const std::lock_guard lock(mutex_);
  return std::exchange(settings_, std::nullopt);
}

void AddSafOptions(CLI::App& verb, SafOptions& options) {
  verb.add_option("--idta", options.idta,
                  "the IDTA that the service is called with: its 36 bytes in "
                  "hexadecimal, big-endian, texts in ASCII");
  verb.add_option("--racroute", options.keywords,
                  "keywords of RACROUTE REQUEST=VERIFY: "
                  "RELEASE=PLV0001,ENVIR=CREATE,PASSCHK=YES,ENVRIN,ICRX,IDID,"
                  "START,NEWPASS,...");
}

Result<std::unique_ptr<Saf>> Saf::Open(Context& context, IdtKey* key) {
  SIGTOKEN_ASSIGN(const Configuration* configuration, context.configuration());
  std::unique_ptr<Saf> saf(new Saf(*configuration));
  saf->system_.audit = &saf->audit_;
  saf->system_.default_appl = configuration->default_appl;
  saf->system_.strict_users = configuration->strict_users;
  const auto directory = context.directory();
  if (!directory) {
    saf->system_.key.rules = RulesThatFail(directory.error());
    saf->users_ = std::make_unique<UnavailableUsers>(directory.error());
  } else {
    saf->users_ = std::make_unique<StoredUsers>((*directory)->database());
    if (key != nullptr) {
      SIGTOKEN_ASSIGN(saf->system_.key, key->Choice());
    }
  }
  saf->system_.users = saf->users_.get();
  return saf;
}

Result<Idta> ReadIdta(const SafOptions& options, bool end_user,
                      std::size_t token_bytes) {
  Idta idta;
  if (options.idta.empty()) {
    idta.buffer = 1;
    idta.idt_len = static_cast<std::uint32_t>(token_bytes);
    idta.buffer_len = std::max(kBufferBytes, idta.idt_len);
    if (end_user) idta.prop_in = kEndUserIdt;
    return idta;
  }
  SIGTOKEN_ASSIGN(const auto bytes, FromHex(options.idta));
  return DecodeIdta(std::span<const std::uint8_t, kIdtaBytes>(bytes));
}

std::string LogonCode(const RacrouteResult& result) {
  return FormatRacfCode(RacfSurface::kRacroute,
                        result.more_is_needed ? kMoreIsNeeded : result.code);
}

void AddIdta(const SafOptions& options, const Idta& idta, Json& json) {
  if (!options.idta.empty()) json["idta"] = Hex(EncodeIdta(idta));
}

void AddConsole(const std::string& message, Answer& answer) {
  if (answer.status == kDone || message.empty()) return;
  answer.message += "\n" + message;
}

Status ReadKeywords(const SafOptions& options, RacrouteRequest& request) {
  std::string_view rest = options.keywords;
  std::vector<std::string> read;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string text = UpperCase(rest.substr(0, comma));
    SIGTOKEN_TRY(ReadKeyword(text, request));
    const std::string name = text.substr(0, text.find('='));
    SIGTOKEN_TRY(CheckStandsAlone(name, read));
    read.push_back(name);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return Ok();
}

}  // namespace sigtoken::cli
