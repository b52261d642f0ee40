#include "signer/racf/command/operand.h"

#include <utility>

#include "pkcs11/base/printable.h"

namespace sigtoken {
namespace {

constexpr std::size_t kMaxDepth = 4;
constexpr std::string_view kBlanks = " \t\r";

Error BadCommand(const std::string& why, std::string cure) {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 "the command cannot be read: " + why, std::move(cure));
}

bool IsBlank(char c) { return kBlanks.find(c) != std::string_view::npos; }

bool IsSeparator(char c) { return IsBlank(c) || c == ',' || c == '\n'; }

char Folded(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<std::vector<Operand>> Parse() {
    SIGTOKEN_ASSIGN(auto operands, List(0));
    if (at_ < text_.size()) {
      return BadCommand("a ) has no ( before it", "leave it out");
    }
    return operands;
  }

 private:
  void SkipSeparators() {
    while (at_ < text_.size() && IsSeparator(text_[at_])) ++at_;
  }

  bool Meets(char c) const { return at_ < text_.size() && text_[at_] == c; }

  Result<std::string> Quoted() {
    std::string word;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] != '\'') {
        word += text_[at_];
        continue;
      }
      ++at_;
      if (!Meets('\'')) return word;
      word += '\'';
    }
    return BadCommand("a quotation mark is not closed",
                      "write a second one; '' inside of a string is one mark");
  }

  std::string Word() {
    std::string word;
    while (at_ < text_.size() && !IsSeparator(text_[at_]) &&
           text_[at_] != '(' && text_[at_] != ')' && text_[at_] != '\'') {
      word += Folded(text_[at_++]);
    }
    return word;
  }

  // Up to the parenthesis that closes it, or to the end.
  Result<std::vector<Operand>> List(std::size_t depth) {
    std::vector<Operand> operands;
    while (true) {
      SkipSeparators();
      if (at_ == text_.size() || Meets(')')) return operands;
      Operand operand;
      if (Meets('\'')) {
        SIGTOKEN_ASSIGN(operand.word, Quoted());
        operand.quoted = true;
      } else if (!Meets('(')) {
        operand.word = Word();
      }
      // Blanks may stand before the parenthesis.
      while (at_ < text_.size() && IsBlank(text_[at_])) ++at_;
      if (Meets('(')) {
        SIGTOKEN_ASSIGN(operand.values, Values(depth));
        operand.has_values = true;
      }
      operands.push_back(std::move(operand));
    }
  }

  Result<std::vector<Operand>> Values(std::size_t depth) {
    if (depth == kMaxDepth) {
      return BadCommand("parentheses are nested too deep",
                        "see the syntax of the command");
    }
    ++at_;
    SIGTOKEN_ASSIGN(auto values, List(depth + 1));
    if (!Meets(')')) {
      return BadCommand("a ( is not closed",
                        "write a ) where the operand ends; a line that goes on "
                        "in the next one ends with - or +");
    }
    ++at_;
    return values;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string_view TrimmedEnd(std::string_view line) {
  const auto last = line.find_last_not_of(kBlanks);
  return line.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

// `line` without its comments; `in_comment` says whether it begins in one, and
// then whether it ends in one. A quoted string keeps what looks like one.
std::string WithoutComments(std::string_view line, bool& in_comment,
                            bool& in_string) {
  std::string kept;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const std::string_view pair = line.substr(i, 2);
    if (in_comment) {
      if (pair != "*/") continue;
      in_comment = false;
      kept += ' ';
      ++i;
    } else if (!in_string && pair == "/*") {
      in_comment = true;
      ++i;
    } else {
      if (line[i] == '\'') in_string = !in_string;
      kept += line[i];
    }
  }
  return kept;
}

}  // namespace

Result<std::vector<CommandText>> SplitCommands(std::string_view text) {
  std::vector<CommandText> commands;
  CommandText current;
  bool goes_on = false;
  bool strip = false;
  bool in_comment = false;
  bool in_string = false;
  std::size_t number = 0;
  // What some editors write in front of a text.
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (!text.empty()) {
    ++number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string line =
        WithoutComments(text.substr(0, end), in_comment, in_string);
    text.remove_prefix(std::min(end + 1, text.size()));
    std::string_view part = TrimmedEnd(line);
    if (goes_on && strip) {
      part.remove_prefix(
          std::min(part.find_first_not_of(kBlanks), part.size()));
    }
    if (!goes_on) current = {"", number};
    const char last = part.empty() ? '\0' : part.back();
    goes_on = last == '-' || last == '+';
    strip = last == '+';
    if (goes_on) part.remove_suffix(1);
    current.text += part;
    if (current.text.size() > kMaxCommandLength) {
      return BadCommand("in line " + std::to_string(current.line) +
                            " it has more than " +
                            std::to_string(kMaxCommandLength) + " characters",
                        "write several commands");
    }
    // A comment may go over several lines.
    goes_on = goes_on || in_comment;
    if (goes_on) continue;
    in_string = false;
    if (!TrimmedEnd(current.text).empty()) commands.push_back(current);
  }
  if (goes_on) {
    return BadCommand("in line " + std::to_string(current.line) +
                          " it goes on behind the last line",
                      in_comment ? "close the comment with */"
                                 : "leave out the - or + at its end");
  }
  return commands;
}

Result<std::vector<Operand>> ParseOperands(std::string_view command) {
  if (command.find('\0') != std::string_view::npos) {
    return BadCommand("it has a NUL", "leave it out");
  }
  return Parser(command).Parse();
}

}  // namespace sigtoken
