// Calls of CSFPHMG, CSFPHMV and CSFPOWH, for one test.

#ifndef TESTS_SIGNER_MAC_SERVICES_H_
#define TESTS_SIGNER_MAC_SERVICES_H_

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/icsf/handle.h"
#include "signer/mac/hmac.h"
#include "signer/mac/one_way_hash.h"
#include "tests/embedded_home.h"
#include "tests/faulty_token.h"
#include "tests/import_key.h"

namespace sigtoken::testing {

using Octets = std::vector<std::uint8_t>;
using ChainBytes = std::array<std::uint8_t, kChainDataBytes>;

// What lies in chain data before a service has written there.
inline ChainBytes Unwritten() {
  ChainBytes bytes;
  bytes.fill(0xEE);
  return bytes;
}
inline constexpr ChainBytes kZeros{};

// Keywords of any length, each in its 8 characters.
inline std::string Rules(std::initializer_list<std::string_view> keywords) {
  std::string rules;
  for (const std::string_view keyword : keywords) {
    rules += keyword;
    rules.resize((rules.size() + 7) / 8 * 8, ' ');
  }
  return rules;
}

// IDT.KEYS, a token of SoftHSM2 behind the fault module, as ICSF.
class ServicesTest : public FaultyTokenTest {
 protected:
  ServicesTest() {
    OpenAnewWithoutPauses();
    Must(directory_->CreateToken(Name(kName), {}));
    icsf_.emplace(*directory_);
  }

  // Before the directory, on which it stands.
  ~ServicesTest() override { icsf_.reset(); }

  static Handle Of(std::uint32_t sequence, char category = 'T') {
    return Handle(Name(kName), {sequence, category});
  }
  static std::string Text(std::uint32_t sequence, char category = 'T') {
    return Of(sequence, category).Format();
  }

  Result<std::optional<Mac>> Generate(const std::string& rules,
                                      std::string_view text,
                                      const std::string& handle,
                                      std::size_t room = kMaxMacBytes) {
    return GenerateHmac(*icsf_, {rules, Bytes(text), chain_, handle}, room);
  }
  Result<bool> Verify(const std::string& rules, std::string_view text,
                      const std::string& handle, const Octets& mac) {
    return VerifyHmac(*icsf_, {rules, Bytes(text), chain_, handle}, mac);
  }
  Result<OneWayHashAnswer> Hash(const std::string& rules, std::string_view text,
                                const std::string& handle = "",
                                const Octets& hash = Octets(2048)) {
    return OneWayHash(*icsf_, {rules, Bytes(text), chain_, handle, hash});
  }
  // The bytes of a MAC that must be there.
  static Octets Whole(const Result<std::optional<Mac>>& mac) {
    EXPECT_TRUE(mac && mac->has_value());
    if (!mac || !*mac) return {};
    return {(*mac)->bytes().begin(), (*mac)->bytes().end()};
  }

  std::optional<Icsf> icsf_;
  ChainBytes chain_ = Unwritten();
};

}  // namespace sigtoken::testing

#endif  // TESTS_SIGNER_MAC_SERVICES_H_
