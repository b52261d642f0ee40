#include "tools/saf/racroute_keywords.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace sigtoken::saf {
namespace {

// A page: more would not be keywords.
constexpr std::size_t kMostBytes = 4096;
// What RACROUTE takes where RELEASE= is left out (z/OS Security Server RACROUTE
// Macro Reference, "RACROUTE (standard form)").
constexpr std::string_view kDefaultRelease = "1.6";
constexpr std::size_t kApplLength = 8;

// How long passwords and phrases are (z/OS Security Server RACROUTE Macro
// Reference, "RACROUTE REQUEST=VERIFY").
struct Lengths {
  std::size_t least;
  std::size_t most;
};
constexpr Lengths kUserIds{1, 8};
constexpr Lengths kPasswords{1, 8};
constexpr Lengths kPhrases{9, 100};

constexpr auto kEnvirs = std::to_array<Envir>(
    {Envir::kCreate, Envir::kChange, Envir::kDelete, Envir::kVerify});
constexpr auto kPasschks =
    std::to_array<Passchk>({Passchk::kYes, Passchk::kNo, Passchk::kNoMfa});

Error ParameterError(std::string message, std::string cure) {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD, std::move(message),
                 std::move(cure));
}

template <typename Values>
Result<typename Values::value_type> ReadValue(std::string_view keyword,
                                              std::int32_t number,
                                              const Values& values) {
  if (number >= 0 && static_cast<std::size_t>(number) < values.size()) {
    return values[static_cast<std::size_t>(number)];
  }
  return ParameterError(
      std::string(keyword) + " is " + std::to_string(number),
      "use the values that racroute.h names RACROUTE_" + std::string(keyword));
}

// The length byte of an area; 0 where there is none.
Result<std::size_t> ReadLength(std::string_view keyword, const void* area,
                               Lengths lengths) {
  if (area == nullptr) return std::size_t{0};
  const std::size_t length = *static_cast<const std::uint8_t*>(area);
  if (length == 0 || (length >= lengths.least && length <= lengths.most)) {
    return length;
  }
  return ParameterError(
      "the length of " + std::string(keyword) + " is " + std::to_string(length),
      "pass " + std::to_string(lengths.least) + " to " +
          std::to_string(lengths.most) + ", or 0 to leave it out");
}

// Which one of the two is there. RACF has rules for both at once that its
// documents do not give in full; ours is that there is one.
Result<std::optional<Authenticator>> ReadAuthenticator(
    std::string_view password_keyword, const void* password,
    std::string_view phrase_keyword, const void* phrase) {
  SIGTOKEN_ASSIGN(const std::size_t of_password,
                  ReadLength(password_keyword, password, kPasswords));
  SIGTOKEN_ASSIGN(const std::size_t of_phrase,
                  ReadLength(phrase_keyword, phrase, kPhrases));
  if (of_password != 0 && of_phrase != 0) {
    return ParameterError(std::string(password_keyword) + " and " +
                              std::string(phrase_keyword) + " are both there",
                          "pass the one that the user was asked for");
  }
  if (of_password != 0) return std::optional(Authenticator::kPassword);
  if (of_phrase != 0) return std::optional(Authenticator::kPhrase);
  return std::optional<Authenticator>();
}

std::optional<std::string> ReadAppl(const char* appl) {
  if (appl == nullptr) return std::nullopt;
  const std::string_view padded(appl, ::strnlen(appl, kApplLength));
  const std::size_t length = padded.find_last_not_of(' ') + 1;  // 0: blanks.
  if (length == 0) return std::nullopt;
  return std::string(padded.substr(0, length));
}

std::vector<std::string> ReadAmr(const char* amr) {
  std::vector<std::string> values;
  if (amr == nullptr) return values;
  std::string_view rest(amr);
  while (!rest.empty()) {
    const std::string_view value = rest.substr(0, rest.find(' '));
    if (!value.empty()) values.emplace_back(value);
    rest.remove_prefix(std::min(rest.size(), value.size() + 1));
  }
  return values;
}

}  // namespace

Result<RACROUTE_VERIFY> ReadKeywords(const RACROUTE_VERIFY* keywords) {
  if (keywords == nullptr) {
    return ParameterError("keywords is NULL", "pass a RACROUTE_VERIFY");
  }
  const auto* bytes = reinterpret_cast<const char*>(keywords);
  std::size_t size = 0;
  std::memcpy(&size, bytes + offsetof(RACROUTE_VERIFY, SIZE), sizeof size);
  if (size < sizeof(RACROUTE_VERIFY) || size > kMostBytes) {
    return ParameterError("SIZE is " + std::to_string(size),
                          "set it to sizeof(RACROUTE_VERIFY)");
  }
  if (std::any_of(bytes + sizeof(RACROUTE_VERIFY), bytes + size,
                  [](char byte) { return byte != 0; })) {
    return ParameterError(
        "a keyword is there that this library does not know: SIZE is " +
            std::to_string(size),
        "leave it out, or link with the library that racroute.h came with");
  }
  RACROUTE_VERIFY copy;
  std::memcpy(&copy, bytes, sizeof copy);
  return copy;
}

RacrouteRequest WhoAsks(const RACROUTE_VERIFY& keywords) {
  RacrouteRequest request;
  const auto of_user = ReadLength("USERID", keywords.USERID, kUserIds);
  if (of_user && *of_user != 0) {
    request.user.emplace(static_cast<const char*>(keywords.USERID) + 1,
                         *of_user);
  }
  request.appl = ReadAppl(keywords.APPL);
  return request;
}

Result<RacrouteRequest> ToRequest(const RACROUTE_VERIFY& keywords) {
  RacrouteRequest request = WhoAsks(keywords);
  request.release =
      keywords.RELEASE != nullptr ? keywords.RELEASE : kDefaultRelease;
  SIGTOKEN_ASSIGN(request.envir, ReadValue("ENVIR", keywords.ENVIR, kEnvirs));
  SIGTOKEN_ASSIGN(request.passchk,
                  ReadValue("PASSCHK", keywords.PASSCHK, kPasschks));
  request.start = keywords.START != nullptr;
  request.envrin = keywords.ENVRIN != nullptr;
  request.icrx = keywords.ICRX != nullptr;
  request.idid = keywords.IDID != nullptr;
  SIGTOKEN_TRY(ReadLength("USERID", keywords.USERID, kUserIds));
  SIGTOKEN_ASSIGN(request.credential,
                  ReadAuthenticator("PASSWRD", keywords.PASSWRD, "PHRASE",
                                    keywords.PHRASE));
  SIGTOKEN_ASSIGN(request.new_credential,
                  ReadAuthenticator("NEWPASS", keywords.NEWPASS, "NEWPHRASE",
                                    keywords.NEWPHRASE));
  request.amr = ReadAmr(keywords.AMR);
  return request;
}

}  // namespace sigtoken::saf
