// AnswerTable: the fault matrix of one function, for people.

#ifndef TESTS_MATRIX_ANSWER_TABLE_H_
#define TESTS_MATRIX_ANSWER_TABLE_H_

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/matrix/expected_answers.h"

namespace sigtoken::testing {

class AnswerTable {
 public:
  explicit AnswerTable(std::string function) : function_(std::move(function)) {}

  void Add(const std::string& code, When when, const std::string& request,
           const Answer& answer);

  // A line for each code and time, a column for each request that calls the
  // function: what it answered. Several answers are those of several calls.
  std::string Format() const;

 private:
  using Line = std::pair<std::string, When>;

  std::string FormatLine(
      const Line& line, const std::map<std::string, std::size_t>& widths) const;

  std::string function_;
  std::vector<std::string> columns_;
  std::vector<std::string> codes_;
  std::map<std::pair<Line, std::string>, std::set<std::string>> cells_;
};

}  // namespace sigtoken::testing

#endif  // TESTS_MATRIX_ANSWER_TABLE_H_
