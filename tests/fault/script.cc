#include "tests/fault/script.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <optional>

#include "pkcs11/base/codes.h"
#include "tests/fault/actions.h"
#include "tests/fault/names.h"

namespace sigtoken::fault {
namespace {

std::vector<std::string_view> Words(std::string_view line) {
  std::vector<std::string_view> words;
  line = line.substr(0, line.find('#'));
  while (true) {
    const auto begin = line.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return words;
    line.remove_prefix(begin);
    const auto end = std::min(line.find_first_of(" \t\r"), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

std::optional<std::uint64_t> Number(std::string_view text, int base = 10) {
  std::uint64_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto [rest, failed] = std::from_chars(text.data(), end, number, base);
  if (failed != std::errc() || rest != end) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> Code(std::string_view text) {
  if (text.starts_with("0x")) return Number(text.substr(2), 16);
  const auto rows = CkRvRows();
  const auto row =
      std::find_if(rows.begin(), rows.end(),
                   [&](const CkRvRow& each) { return each.name == text; });
  if (row == rows.end()) return std::nullopt;
  return row->rv;
}

// N, N-, N-M or *.
bool ReadWhen(std::string_view text, Rule& rule) {
  rule.last = std::numeric_limits<std::uint64_t>::max();
  if (text == "*") return true;
  const auto dash = text.find('-');
  const auto first = Number(text.substr(0, dash));
  if (!first || *first == 0) return false;
  rule.first = *first;
  if (dash == std::string_view::npos) {
    rule.last = rule.first;
    return true;
  }
  if (dash + 1 == text.size()) return true;
  const auto last = Number(text.substr(dash + 1));
  rule.last = last.value_or(0);
  return rule.last >= rule.first;
}

bool ReadArgument(std::string_view text, const std::filesystem::path& folder,
                  Rule& rule) {
  std::optional<std::uint64_t> number = 0;
  const Argument argument = rule.action->argument;
  if (argument == Argument::kCode) number = Code(text);
  if (argument == Argument::kNumber) number = Number(text);
  if (argument == Argument::kFile) rule.file = folder / text;
  if (argument == Argument::kText) rule.text = text;
  if (argument == Argument::kAttribute) number = FindAttribute(text);
  if (argument == Argument::kFlag) number = FindTokenFlag(text);
  rule.number = number.value_or(0);
  return number.has_value();
}

}  // namespace

Script::Script(std::string_view text, const std::filesystem::path& file) {
  std::size_t line_number = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    Read(text.substr(0, end), file, ++line_number);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  for (std::size_t i = 0; i < kFunctions.size(); ++i) {
    concerned_.at(i) =
        loses_device_ ||
        std::any_of(rules_.begin(), rules_.end(),
                    [&](const Rule& rule) { return Meets(rule, i); });
  }
  if (remembers_macs_) concerned_.at(IndexOf("C_VerifyInit")) = true;
}

void Script::Read(std::string_view line, const std::filesystem::path& file,
                  std::size_t line_number) {
  auto words = Words(line);
  if (words.empty()) return;
  const auto refuse = [&](std::string_view what) {
    std::cerr << "sigtoken-fault: " << file.native() << ':' << line_number
              << ": " << what << ": " << line << std::endl;
    std::abort();
  };

  if (words.size() < 3) refuse("not FUNCTION WHEN ACTION [ARGUMENT]");
  Rule& rule = rules_.emplace_back();
  rule.function = words[0] == "*" ? kEvery : IndexOf(words[0]);
  if (rule.function == kEvery && words[0] != "*") refuse("unknown function");
  if (!ReadWhen(words[1], rule)) refuse("not N, N-, N-M or *");
  std::string name(words[2]);
  if (words.size() == 4 && name == "kill" && words[3] == "after") {
    name += " after";
    words.pop_back();
  }
  rule.action = FindAction(name);
  if (rule.action == nullptr) {
    refuse("unknown action");
    return;
  }
  const bool wants_argument = rule.action->argument != Argument::kNone;
  if (words.size() != (wants_argument ? 4U : 3U)) {
    refuse("too many or too few words");
  }
  if (wants_argument && !ReadArgument(words[3], file.parent_path(), rule)) {
    refuse("unknown argument");
  }
  const Mode mode = rule.action->mode;
  if (mode != Mode::kNone && (words[0] != "*" || words[1] != "*")) {
    refuse("this holds for all calls: give it as '* *'");
  }
  if (rule.function != kEvery && !Meets(rule, rule.function)) {
    refuse("this function cannot do that");
  }
  reuses_handles_ = reuses_handles_ || mode == Mode::kReusesHandles;
  moves_slots_ = moves_slots_ || mode == Mode::kMovesSlots;
  remembers_macs_ = remembers_macs_ || rule.action->wants_mac_length;
  loses_device_ = loses_device_ || rule.action->holds_on;
}

bool Script::Meets(const Rule& rule, std::size_t function) const {
  if (rule.function != kEvery && rule.function != function) return false;
  return rule.action->fits == nullptr ||
         rule.action->fits(kFunctions.at(function));
}

void Script::CountAnew() const {
  for (const Rule& rule : rules_) rule.calls = 0;
}

std::vector<const Rule*> Script::Next(std::size_t function) const {
  std::vector<const Rule*> met;
  for (const Rule& rule : rules_) {
    if (!Meets(rule, function)) continue;
    const std::uint64_t call = ++rule.calls;
    if (call >= rule.first && call <= rule.last) met.push_back(&rule);
  }
  return met;
}

std::optional<CK_RV> Script::Lost(std::size_t function) const {
  if (!loses_device_ || OpensModule(kFunctions.at(function))) {
    return std::nullopt;
  }
  const auto lost =
      std::find_if(rules_.begin(), rules_.end(),
                   [](const Rule& rule) { return rule.holds_on.load(); });
  if (lost == rules_.end()) return std::nullopt;
  return lost->number;
}

void Script::Finalized() const {
  for (const Rule& rule : rules_) rule.holds_on = false;
}

}  // namespace sigtoken::fault
