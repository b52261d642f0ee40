#include "pkcs11/deadline/circuit.h"

namespace sigtoken {

Circuit::Admission Circuit::Ask(Clock::time_point now) {
  if (state_ == State::kClosed) return Admission::kAdmitted;
  if (state_ == State::kProbing || all_places_are_taken() ||
      !back_off_.MayTry(now)) {
    return Admission::kRefused;
  }
  state_ = State::kProbing;
  return Admission::kAsProbe;
}

void Circuit::ProbeEnded(bool answered) {
  if (!answered) {
    state_ = State::kOpen;
    return;
  }
  // Others may have got stuck meanwhile, of before it opened.
  state_ = all_places_are_taken() ? State::kOpen : State::kClosed;
  back_off_.Helped();
}

void Circuit::Stuck(bool probe, Clock::time_point now) {
  ++stuck_;
  if (probe) back_off_.Tried(now);
  if (probe || (state_ == State::kClosed && all_places_are_taken())) {
    state_ = State::kOpen;
  }
}

void Circuit::CameBack() { --stuck_; }

}  // namespace sigtoken
