#include "pkcs11/cryptoki/random.h"

#include <algorithm>

#include "pkcs11/cryptoki/call.h"

namespace sigtoken {
namespace {

constexpr char kDoing[] = "get random bytes from the token";

// The fewest zeros in a row that are no accident: 1 in 2^128.
constexpr std::size_t kNoAccidentBytes = 16;

Status CheckNotZero(std::span<const std::uint8_t> piece) {
  if (piece.size() < kNoAccidentBytes ||
      std::any_of(piece.begin(), piece.end(),
                  [](std::uint8_t byte) { return byte != 0; })) {
    return Ok();
  }
  return Error{CKR_DEVICE_ERROR,
               "C_GenerateRandom",
               std::string("could not ") + kDoing + ": the module gave " +
                   std::to_string(piece.size()) + " zeros",
               "look at the module's device: its random number generator "
               "does not work",
               {}};
}

}  // namespace

Status GenerateRandom(Session& session, std::span<std::uint8_t> output) {
  // A module that says CKR_OK and writes nothing has written nothing here.
  std::fill(output.begin(), output.end(), std::uint8_t{0});
  while (!output.empty()) {
    const auto piece = output.first(std::min(output.size(), kRandomPieceBytes));
    SIGTOKEN_TRY(
        Check(Call("C_GenerateRandom", session.functions().C_GenerateRandom,
                   session.handle(), piece.data(), piece.size()),
              kDoing));
    SIGTOKEN_TRY(CheckNotZero(piece));
    output = output.subspan(piece.size());
  }
  return Ok();
}

}  // namespace sigtoken
