#include "tests/matrix/answer_table.h"

#include <algorithm>

namespace sigtoken::testing {
namespace {

constexpr std::size_t kCodeWidth = 36;
constexpr std::size_t kWhenWidth = 8;

std::string Padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}

template <typename T>
void AddOnce(std::vector<T>& list, const T& value) {
  if (std::find(list.begin(), list.end(), value) == list.end()) {
    list.push_back(value);
  }
}

std::string Joined(const std::set<std::string>& answers) {
  std::string text;
  for (const std::string& answer : answers) {
    if (!text.empty()) text += ',';
    text += answer;
  }
  return text.empty() ? "-" : text;
}

}  // namespace

void AnswerTable::Add(const std::string& code, When when,
                      const std::string& request, const Answer& answer) {
  AddOnce(columns_, request);
  AddOnce(codes_, code);
  cells_[{{code, when}, request}].insert(AnswerText(answer));
}

std::string AnswerTable::Format() const {
  std::map<std::string, std::size_t> widths;
  for (const std::string& column : columns_) widths[column] = column.size();
  for (const auto& [key, answers] : cells_) {
    std::size_t& width = widths[key.second];
    width = std::max(width, Joined(answers).size());
  }
  std::string text = Padded(function_, kCodeWidth) + Padded("when", kWhenWidth);
  for (const std::string& column : columns_) {
    text += Padded(column, widths[column] + 1);
  }
  text.erase(text.find_last_not_of(' ') + 1);
  text += '\n';
  for (const std::string& code : codes_) {
    for (const When when :
         {When::kFirst, When::kLater, When::kAlways, When::kLost}) {
      text += FormatLine({code, when}, widths);
    }
  }
  return text;
}

std::string AnswerTable::FormatLine(
    const Line& line, const std::map<std::string, std::size_t>& widths) const {
  std::string text = Padded("  " + line.first, kCodeWidth) +
                     Padded(std::string(WhenName(line.second)), kWhenWidth);
  bool empty = true;
  for (const std::string& column : columns_) {
    const auto cell = cells_.find({line, column});
    empty = empty && cell == cells_.end();
    text += Padded(cell == cells_.end() ? "-" : Joined(cell->second),
                   widths.at(column) + 1);
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return empty ? "" : text + '\n';
}

}  // namespace sigtoken::testing
