// AnswerTable: the fault matrix of one function, for people, and for a
// comparison with the one that was recorded.

#ifndef TESTS_MATRIX_ANSWER_TABLE_H_
#define TESTS_MATRIX_ANSWER_TABLE_H_

#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/matrix/expected_answers.h"

namespace sigtoken::testing {

class AnswerTable {
 public:
  explicit AnswerTable(std::string function) : function_(std::move(function)) {}
  // What Format() gave.
  static AnswerTable Parse(const std::string& text);

  // How often a request calls the function where nothing fails.
  void SetCalls(const std::string& request, std::size_t calls);
  // Where several calls fail one after the other, in their order.
  void Add(const std::string& code, When when, const std::string& request,
           const Answer& answer);
  // The same where that order is the module's, as it shows its objects.
  void AddUnordered(const std::string& code, When when,
                    const std::string& request, const Answer& answer);

  // A column for each request that calls the function, and a block of lines for
  // the codes above it. A cell has the answers of the calls that fail in the
  // order of the calls, one for those that follow each other with the same:
  // "12/0,ok".
  std::string Format() const;

  // The cells in which it is another one than `recorded`, a line for each.
  std::vector<std::string> Changes(const AnswerTable& recorded) const;

 private:
  struct Cell {
    std::string code;  // "" of the count of calls.
    std::string when;
    std::string request;

    friend bool operator<(const Cell& a, const Cell& b) {
      return std::tie(a.code, a.when, a.request) <
             std::tie(b.code, b.when, b.request);
    }
  };

  std::string Text(const Cell& cell) const;
  void Put(const Cell& cell, const std::string& text);
  // Of the columns, in their order.
  std::vector<std::size_t> Widths() const;
  // The lines of one code.
  std::string Block(const std::string& code,
                    const std::vector<std::size_t>& widths) const;

  std::string function_;
  std::vector<std::string> columns_;
  std::vector<std::string> codes_;
  std::map<Cell, std::string> cells_;
};

}  // namespace sigtoken::testing

#endif  // TESTS_MATRIX_ANSWER_TABLE_H_
