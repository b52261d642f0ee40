#include "pkcs11/cryptoki/mac.h"

#include <algorithm>
#include <array>
#include <string>

#include "pkcs11/cryptoki/call.h"

namespace sigtoken {
namespace {

// Cryptoki takes data without const, and modules differ in what they make of a
// null pointer beside the length 0: an empty text gets an address.
CK_BYTE* DataPointer(std::span<const std::uint8_t> data) {
  static constexpr std::uint8_t kNothing = 0;
  return const_cast<CK_BYTE*>(data.empty() ? &kNothing : data.data());
}

// The mechanism with the parameter that it needs, good for the lifetime of this
// object.
class MechanismOf {
 public:
  explicit MechanismOf(const MacAlgorithm& algorithm)
      : length_(algorithm.mac_bytes),
        mechanism_{algorithm.mechanism, nullptr, 0} {
    if (!algorithm.is_ssl3) return;
    mechanism_.pParameter = &length_;
    mechanism_.ulParameterLen = sizeof length_;
  }
  MechanismOf(const MechanismOf&) = delete;
  MechanismOf& operator=(const MechanismOf&) = delete;

  CK_MECHANISM* get() { return &mechanism_; }

 private:
  CK_ULONG length_;  // CK_MAC_GENERAL_PARAMS
  CK_MECHANISM mechanism_;
};

// Of a call that was handed `bytes` of data and room for each MAC there is.
Status CheckData(const Answered& answered, const std::string& doing,
                 std::size_t bytes) {
  auto done = Check(answered, doing);
  if (answered != CKR_DATA_LEN_RANGE && answered != CKR_BUFFER_TOO_SMALL) {
    return done;
  }
  // No caller's buffer is too small.
  done.error().icsf = kDataLengthInvalid;
  done.error().cure = "the token does not take " + std::to_string(bytes) +
                      " bytes of data, and they cannot be hashed elsewhere "
                      "first: use fewer, or a token without that limit";
  return done;
}

}  // namespace

Result<Mac> SignMac(Session& session, CK_OBJECT_HANDLE key,
                    const MacAlgorithm& algorithm,
                    std::span<const std::uint8_t> data) {
  auto& functions = session.functions();
  const std::string doing = "sign with " + std::string(algorithm.name);
  MechanismOf mechanism(algorithm);
  SIGTOKEN_TRY(Check(Call("C_SignInit", functions.C_SignInit, session.handle(),
                          mechanism.get(), key),
                     doing));
  Mac mac(algorithm.mac_bytes);
  CK_ULONG length = kMaxMacBytes;
  SIGTOKEN_TRY(
      CheckData(Call("C_Sign", functions.C_Sign, session.handle(),
                     DataPointer(data), data.size(), mac.data(), &length),
                doing, data.size()));
  if (length != algorithm.mac_bytes) {
    return Error{CKR_DEVICE_ERROR,
                 "C_Sign",
                 "could not " + doing,
                 "the module gave a MAC of " + std::to_string(length) +
                     " bytes, not " + std::to_string(algorithm.mac_bytes),
                 {}};
  }
  return mac;
}

Result<bool> VerifyMac(Session& session, CK_OBJECT_HANDLE key,
                       const MacAlgorithm& algorithm,
                       std::span<const std::uint8_t> data,
                       std::span<const std::uint8_t> mac) {
  if (mac.size() != algorithm.mac_bytes) return false;
  // A module may read past a short signature: it gets a copy in a full buffer.
  std::array<std::uint8_t, kMaxMacBytes> copy{};
  std::copy(mac.begin(), mac.end(), copy.begin());

  auto& functions = session.functions();
  const std::string doing = "verify with " + std::string(algorithm.name);
  MechanismOf mechanism(algorithm);
  SIGTOKEN_TRY(Check(Call("C_VerifyInit", functions.C_VerifyInit,
                          session.handle(), mechanism.get(), key),
                     doing));
  const Answered answered =
      Call("C_Verify", functions.C_Verify, session.handle(), DataPointer(data),
           data.size(), copy.data(), mac.size());
  if (answered == CKR_SIGNATURE_INVALID ||
      answered == CKR_SIGNATURE_LEN_RANGE) {
    return false;
  }
  SIGTOKEN_TRY(CheckData(answered, doing, data.size()));
  return true;
}

}  // namespace sigtoken
