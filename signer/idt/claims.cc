#include "signer/idt/claims.h"

namespace sigtoken {

NumericDate ToNumericDate(Instant instant) {
  const std::int64_t seconds = instant.seconds();
  return {seconds, instant.nanoseconds - seconds * 1'000'000'000};
}

}  // namespace sigtoken
