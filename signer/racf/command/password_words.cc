#include "signer/racf/command/password_words.h"

#include <algorithm>
#include <array>
#include <string>

#include "pkcs11/base/printable.h"

namespace sigtoken {
namespace {

constexpr std::string_view kPassword = "PASSWORD";
constexpr std::string_view kPhrase = "PHRASE";
// The hyphen too: who takes the operand for an option writes -PASSWORD(X).
constexpr std::string_view kSeparators = " \t\r\n,-";
constexpr std::string_view kEndsOfWords = " \t\r\n,-'()=";

struct Word {
  std::string text;  // In upper case.
  std::size_t end;   // Behind it.
  bool quoted;
  int depth;  // How many parentheses it stands in.
};

// The words of a command that may be wrong in any way.
std::vector<Word> WordsOf(std::string_view command) {
  std::vector<Word> words;
  bool quoted = false;
  int depth = 0;
  std::size_t at = 0;
  while (at < command.size()) {
    const char c = command[at];
    if (c == '\'') quoted = !quoted;
    if (!quoted && c == '(') ++depth;
    if (!quoted && c == ')') --depth;
    if (kEndsOfWords.find(c) != std::string_view::npos) {
      ++at;
      continue;
    }
    const std::size_t end =
        std::min(command.find_first_of(kEndsOfWords, at), command.size());
    words.push_back(
        {UpperCase(command.substr(at, end - at)), end, quoted, depth});
    at = end;
  }
  return words;
}

bool IsUserCommand(const Word& word) {
  constexpr std::array<std::string_view, 4> kNames = {"ADDUSER", "AU",
                                                      "ALTUSER", "ALU"};
  return std::find(kNames.begin(), kNames.end(), word.text) != kNames.end();
}

// P alone may be either.
bool IsBeginningOf(std::string_view keyword, const Word& word) {
  return word.text.size() > 1 && keyword.starts_with(word.text);
}

// PASSWORD:X
bool IsLongerThan(std::string_view keyword, const Word& word) {
  return word.text.size() > keyword.size() && word.text.starts_with(keyword);
}

bool ValueFollows(std::string_view command, const Word& word) {
  const std::size_t next = command.find_first_not_of(kSeparators, word.end);
  return next != std::string_view::npos &&
         std::string_view("('=").find(command[next]) != std::string_view::npos;
}

bool IsGiven(std::string_view command, const Word& word) {
  if (IsLongerThan(kPassword, word) || IsLongerThan(kPhrase, word)) return true;
  return (IsBeginningOf(kPassword, word) || IsBeginningOf(kPhrase, word)) &&
         ValueFollows(command, word);
}

}  // namespace

bool GivesPassword(std::string_view text) {
  const std::vector<Word> words = WordsOf(text);
  return std::any_of(words.begin(), words.end(),
                     [&](const Word& word) { return IsGiven(text, word); });
}

bool GivesPassword(std::span<const CommandText> commands) {
  bool of_users = false;
  for (const CommandText& command : commands) {
    const std::vector<Word> words = WordsOf(command.text);
    // PASSWORD( ) of SETROPTS has rules.
    if (!words.empty() &&
        (words.front().text == "SETROPTS" || words.front().text == "SETR")) {
      continue;
    }
    // A line without its - is a command of its own.
    of_users =
        of_users || std::any_of(words.begin(), words.end(), &IsUserCommand);
    if (of_users && GivesPassword(std::string_view(command.text))) return true;
  }
  return false;
}

std::vector<WantedPassword> WantedPasswords(std::string_view command) {
  std::vector<WantedPassword> wanted;
  const std::vector<Word> words = WordsOf(command);
  if (words.empty() || !IsUserCommand(words.front())) return wanted;
  // The second one is a user ID, whatever it looks like.
  for (std::size_t i = 2; i < words.size(); ++i) {
    const Word& word = words[i];
    if (word.quoted || word.depth != 0 || ValueFollows(command, word)) continue;
    const bool is_phrase = IsBeginningOf(kPhrase, word);
    if (is_phrase || IsBeginningOf(kPassword, word)) {
      wanted.push_back({word.end, is_phrase});
    }
  }
  return wanted;
}

}  // namespace sigtoken
