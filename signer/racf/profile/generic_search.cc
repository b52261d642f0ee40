#include "signer/racf/profile/generic_search.h"

#include <algorithm>
#include <array>

namespace sigtoken {

GenericSearch::Places GenericSearch::PlacesBehindStar(
    const Beginning& beginning) const {
  Places behind;
  for (std::size_t place = 0; place < resource_.size() + 1; ++place) {
    if (!beginning.places[place]) continue;
    const std::size_t end =
        std::min(resource_.find('.', place), resource_.size());
    // A qualifier of its own has at least one character.
    const std::size_t first = beginning.last == Last::kPeriod ? 1 : 0;
    for (std::size_t next = place + first; next <= end; ++next) {
      behind.set(next);
    }
  }
  return behind;
}

GenericSearch::Places GenericSearch::PlacesBehindStars(
    const Beginning& beginning) const {
  Places behind;
  bool reached = false;
  for (std::size_t place = 0; place < resource_.size(); ++place) {
    reached = reached || beginning.places[place];
    const bool starts = place == 0 || resource_[place - 1] == '.';
    if (reached && starts) behind.set(place);
  }
  // All that is left, or the period behind the end.
  if (beginning.places.any()) behind.set(resource_.size() + 1);
  return behind;
}

bool GenericSearch::IsWhole(const Beginning& beginning) const {
  switch (beginning.last) {
    case Last::kStar:
    case Last::kStars:
      return beginning.places.any();
    case Last::kCharacter:
      return beginning.places[resource_.size()];
    case Last::kPeriod:
    case Last::kEnd:
      return false;
  }
  return false;
}

std::optional<GenericSearch::Beginning> GenericSearch::Extend(
    const Beginning& beginning, char byte) const {
  const bool behind_star =
      beginning.last == Last::kStar || beginning.last == Last::kStars;
  Beginning longer;
  switch (byte) {
    case kRankEnd:
      if (!IsWhole(beginning)) return std::nullopt;
      longer = {beginning.places, Last::kEnd};
      break;
    case kRankVariable:
      return std::nullopt;
    case kRankStars:
      if (beginning.last != Last::kPeriod) return std::nullopt;
      longer = {PlacesBehindStars(beginning), Last::kStars};
      break;
    case kRankStar:
      if (behind_star) return std::nullopt;
      longer = {PlacesBehindStar(beginning), Last::kStar};
      break;
    case '.':
      longer.last = Last::kPeriod;
      if (beginning.last == Last::kStars) {
        // The period was taken away with the qualifiers.
        longer.places = beginning.places;
        longer.places.reset(resource_.size() + 1);
        break;
      }
      for (std::size_t place = 0; place < resource_.size(); ++place) {
        if (beginning.places[place] && resource_[place] == '.') {
          longer.places.set(place + 1);
        }
      }
      if (beginning.places[resource_.size()]) {
        longer.places.set(resource_.size() + 1);
      }
      break;
    default:
      if (behind_star) return std::nullopt;
      longer.last = Last::kCharacter;
      for (std::size_t place = 0; place < resource_.size(); ++place) {
        if (beginning.places[place] &&
            (byte == kRankOne ? resource_[place] != '.'
                              : resource_[place] == byte)) {
          longer.places.set(place + 1);
        }
      }
  }
  if (longer.places.none()) return std::nullopt;
  return longer;
}

std::optional<char> GenericSearch::NextByte(const Beginning& beginning,
                                            char behind) const {
  std::optional<char> next;
  const auto consider = [&](char byte) {
    if (byte > behind && (!next || byte < *next) && Extend(beginning, byte)) {
      next = byte;
    }
  };
  consider('.');
  for (std::size_t place = 0; place < resource_.size(); ++place) {
    if (beginning.places[place]) consider(resource_[place]);
  }
  for (const char byte : {kRankEnd, kRankOne, kRankStar, kRankStars}) {
    consider(byte);
  }
  return next;
}

Result<std::optional<std::string>> GenericSearch::Next() {
  while (!ended_) {
    SIGTOKEN_ASSIGN(auto rank, (*seek_)(from_));
    if (!rank) break;
    std::vector<Beginning> beginnings(1);
    beginnings.front().places.set(0);
    while (beginnings.size() <= rank->size()) {
      auto longer = Extend(beginnings.back(), (*rank)[beginnings.size() - 1]);
      if (!longer) break;
      beginnings.push_back(*longer);
    }
    if (beginnings.size() > rank->size()) {
      // No rank begins with another whole one.
      from_ = *rank + '\x01';
      return rank;
    }
    // The longest beginning that has another way on behind this one.
    std::optional<char> way;
    while (!way && !beginnings.empty()) {
      const std::size_t length = beginnings.size() - 1;
      way = NextByte(beginnings.back(), (*rank)[length]);
      if (way) from_ = rank->substr(0, length) + *way;
      beginnings.pop_back();
    }
    if (!way) break;
  }
  ended_ = true;
  return std::optional<std::string>();
}

bool Covers(const std::string& rank, std::string_view resource) {
  const GenericSearch::Seek one =
      [&](const std::string& from) -> Result<std::optional<std::string>> {
    if (from <= rank) return std::optional(rank);
    return std::optional<std::string>();
  };
  const auto found = GenericSearch(resource, one).Next();
  return found && *found;
}

}  // namespace sigtoken
