// Refused PINs: a wrong PIN is not tried again from another home either.

#ifndef PKCS11_STORE_REFUSED_PINS_OF_HOST_H_
#define PKCS11_STORE_REFUSED_PINS_OF_HOST_H_

#include <p11-kit/pkcs11.h>

#include <filesystem>
#include <optional>
#include <string>

#include "pkcs11/store/refused_pins.h"
#include "pkcs11/store/token_records.h"

namespace sigtoken {

// What store/refused_pins.h keeps in a state store, in a folder where all
// processes of this user meet, whatever store each has (RefusedPinsFolder()),
// until the machine is started again: a file for each refusal, whose name is a
// hash of which token and which PinFile, and which holds C_Login's answer. It
// has nothing of the PIN.
//
// An empty `folder` is none: nothing is remembered and nothing found. What
// cannot be written is not remembered; the state store has it still.

std::optional<CK_RV> FindRefusedPinOfHost(const std::filesystem::path& folder,
                                          const TokenIdentity& token,
                                          const PinFile& file);

void PutRefusedPinOfHost(const std::filesystem::path& folder,
                         const TokenIdentity& token, const PinFile& file,
                         CK_RV rv);

// Of the file at `path` as it is now.
void ForgetRefusedPinOfHost(const std::filesystem::path& folder,
                            const TokenIdentity& token,
                            const std::string& path);

}  // namespace sigtoken

#endif  // PKCS11_STORE_REFUSED_PINS_OF_HOST_H_
