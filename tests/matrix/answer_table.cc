#include "tests/matrix/answer_table.h"

#include <algorithm>
#include <set>
#include <sstream>

namespace sigtoken::testing {
namespace {

constexpr const char* kCalls = "calls";
constexpr const char* kNone = "-";
constexpr std::size_t kWhenWidth = 7;

void AddOnce(std::vector<std::string>& list, const std::string& value) {
  if (std::find(list.begin(), list.end(), value) == list.end()) {
    list.push_back(value);
  }
}

std::string Padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}

std::string WithoutBlanks(const std::string& text) {
  const auto begin = text.find_first_not_of(' ');
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

std::vector<std::string> Split(const std::string& line) {
  std::vector<std::string> parts;
  std::istringstream stream(line);
  for (std::string part; std::getline(stream, part, '|');) {
    parts.push_back(WithoutBlanks(part));
  }
  return parts;
}

std::vector<std::string> Whens() {
  std::vector<std::string> names;
  for (const When when :
       {When::kFirst, When::kLater, When::kAlways, When::kLost, When::kHangs}) {
    names.emplace_back(WhenName(when));
  }
  return names;
}

}  // namespace

void AnswerTable::Put(const Cell& cell, const std::string& text) {
  AddOnce(columns_, cell.request);
  if (!cell.code.empty()) AddOnce(codes_, cell.code);
  cells_[cell] = text;
}

void AnswerTable::SetCalls(const std::string& request, std::size_t calls) {
  Put({"", kCalls, request}, std::to_string(calls));
}

void AnswerTable::Add(const std::string& code, When when,
                      const std::string& request, const Answer& answer) {
  const Cell cell{code, std::string(WhenName(when)), request};
  const std::string before = Text(cell);
  const std::string text = AnswerText(answer);
  if (before == kNone) {
    Put(cell, text);
  } else if (before != text && !before.ends_with("," + text)) {
    Put(cell, before + "," + text);
  }
}

void AnswerTable::AddUnordered(const std::string& code, When when,
                               const std::string& request,
                               const Answer& answer) {
  const Cell cell{code, std::string(WhenName(when)), request};
  std::set<std::string> answers = {AnswerText(answer)};
  std::istringstream stream(Text(cell));
  for (std::string each; std::getline(stream, each, ',');) answers.insert(each);
  answers.erase(kNone);
  std::string text;
  for (const std::string& each : answers) {
    text += (text.empty() ? "" : ",") + each;
  }
  Put(cell, text);
}

std::string AnswerTable::Text(const Cell& cell) const {
  const auto found = cells_.find(cell);
  return found == cells_.end() ? kNone : found->second;
}

std::vector<std::size_t> AnswerTable::Widths() const {
  std::map<std::string, std::size_t> widths;
  for (const auto& [cell, text] : cells_) {
    std::size_t& width = widths[cell.request];
    width = std::max({width, cell.request.size(), text.size()});
  }
  std::vector<std::size_t> all;
  all.reserve(columns_.size());
  for (const std::string& column : columns_) all.push_back(widths[column]);
  return all;
}

std::string AnswerTable::Block(const std::string& code,
                               const std::vector<std::size_t>& widths) const {
  auto whens = Whens();
  if (code.empty()) whens = {kCalls};
  std::string block;
  for (const std::string& when : whens) {
    std::string line = Padded(when, kWhenWidth);
    bool empty = true;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string text = Text({code, when, columns_[i]});
      empty = empty && text == kNone;
      line += "| " + Padded(text, widths[i]) + " ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    if (!empty) block += line + "\n";
  }
  return block;
}

std::string AnswerTable::Format() const {
  const auto widths = Widths();
  std::string header = Padded("when", kWhenWidth);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    header += "| " + Padded(columns_[i], widths[i]) + " ";
  }
  header.erase(header.find_last_not_of(' ') + 1);
  std::string text = function_ + "\n" + header + "\n" + Block("", widths);
  // Codes with the same answers have one block.
  std::vector<std::pair<std::string, std::string>> blocks;
  for (const std::string& code : codes_) {
    const std::string block = Block(code, widths);
    const auto same =
        std::find_if(blocks.begin(), blocks.end(),
                     [&](const auto& each) { return each.second == block; });
    if (same == blocks.end()) {
      blocks.emplace_back(code + "\n", block);
    } else {
      same->first += code + "\n";
    }
  }
  for (const auto& [codes, block] : blocks) text += "\n" + codes + block;
  return text;
}

AnswerTable AnswerTable::Parse(const std::string& text) {
  std::istringstream stream(text);
  std::string line;
  std::getline(stream, line);
  AnswerTable table(line);
  std::getline(stream, line);
  const auto columns = Split(line);
  std::vector<std::string> codes = {""};
  while (std::getline(stream, line)) {
    const auto parts = Split(line);
    if (parts.empty()) {
      codes.clear();
    } else if (parts.size() == 1) {
      codes.push_back(parts.front());
    } else {
      for (const std::string& code : codes) {
        for (std::size_t i = 1; i < std::min(parts.size(), columns.size());
             ++i) {
          if (parts[i] == kNone) continue;
          table.Put({code, parts.front(), columns[i]}, parts[i]);
        }
      }
    }
  }
  return table;
}

std::vector<std::string> AnswerTable::Changes(
    const AnswerTable& recorded) const {
  std::vector<std::string> changes;
  const auto say = [&](const Cell& cell) {
    changes.push_back(function_ + " " + cell.code + ", " + cell.when +
                      ", in '" + cell.request + "': " + Text(cell) +
                      ", and recorded is " + recorded.Text(cell));
  };
  for (const auto& [cell, text] : cells_) {
    if (recorded.Text(cell) != text) say(cell);
  }
  for (const auto& [cell, text] : recorded.cells_) {
    if (cells_.count(cell) == 0) say(cell);
  }
  return changes;
}

}  // namespace sigtoken::testing
