#include "tests/modules/hsm_test_rows.h"

#include <array>

namespace sigtoken::testing {
namespace {

constexpr auto kSoftHsm = std::to_array<HsmTestRow>({
    {"module", "ok", "SoftHSM, Implementation of PKCS11 2\\.6, Cryptoki 2\\.40",
     "its token lies in files of this host, where sigtoken keeps all its users "
     "apart by a lock"},
    {"token", "ok", "label 'contract', serial number '[0-9a-f]{16}'",
     "its URI can name it and no other"},
    {"login", "ok",
     "a PIN is required, and every session shares it; once more: C_Login "
     "answered CKR_USER_ALREADY_LOGGED_IN",
     "sigtoken logs in once a process, and not for each request"},
    {"pin", "ok", "4 to 255 bytes",
     "a wrong one is tried once, until its file changes"},
    {"keys of others", "ok", "none for HMAC among 0 secret keys",
     "none is there to be adopted"},
    {"random", "ok", "two draws of 32 bytes differ, and 4096 come at once",
     "CSNBRNG and CSFPPRF give the token's random numbers"},
    {"generate", "ok", "keys of 32, 48 and 64 bytes",
     "'sigtoken key generate' makes keys that never leave it"},
    {"import", "limited",
     "values of 64 and 131 bytes; 20 and 32: C_SignInit answered "
     "CKR_KEY_SIZE_RANGE",
     "shorter keys are imported padded to 64 bytes, which gives the same MACs"},
    {"typed keys", "ok", "CKK_SHA256_HMAC, CKK_SHA384_HMAC and CKK_SHA512_HMAC",
     "keys of these types can be adopted"},
    {"key sizes", "limited",
     "HS256 from 32, HS384 from 48 and HS512 from 64 bytes; the module lists "
     "32, 48 and 64",
     "each algorithm wants keys of its size: 64 bytes serve all"},
    {"macs", "ok", "HS256, HS384 and HS512 are those of RFC 4231",
     "others can check what it signs"},
    {"mechanisms", "ok",
     "[0-9]+ mechanisms listed; of those that sigtoken needs, what is listed "
     "works",
     "identity tokens with HS256, HS384 and HS512"},
    {"other macs", "limited", "MD5, SHA-1 and SHA-224",
     "CSFPHMG refuses SSL3-MD5 and SSL3-SHA"},
    {"verify", "ok", "wrong MACs and those of another length are refused",
     "sigtoken signs again and compares all the same"},
    {"short buffer", "ok", "C_Sign answered CKR_BUFFER_TOO_SMALL",
     "sigtoken's own have room for every MAC"},
    {"empty data", "ok", "a MAC of no data is made",
     "keys have a check value, by which they are known again"},
    {"large data", "ok", "up to 1048576 bytes at least",
     "identity tokens of every size are signed"},
    {"attributes", "ok", "all 15 that sigtoken asks for are kept",
     "keys are private, sensitive and not extractable"},
    {"allowed mechanisms", "ok", "kept, and obeyed",
     "keys make MACs and nothing else"},
    {"modifiable", "ok",
     "obeyed: C_SetAttributeValue answered CKR_ACTION_PROHIBITED",
     "nobody changes keys that sign identity tokens"},
    {"other attributes", "ok",
     "a session key takes CKA_COPYABLE, CKA_DESTROYABLE and dates, and not "
     "CKA_APPLICATION",
     "sigtoken asks for none of them: its store keeps what keys do not"},
    {"id and label", "ok", "can be changed in place",
     "sigtoken changes no key: it makes a changed copy"},
    {"duplicate id", "ok", "two keys of one CKA_ID stay two keys",
     "of two hosts that take one number, one withdraws its key"},
    {"copy", "ok", "a copy signs as its original does",
     "CSFPSAV changes keys, by a copy"},
    {"destroy", "ok", "a key that was destroyed is gone",
     "'sigtoken key delete' deletes for good"},
    {"handles", "ok", "that of a destroyed object is not dealt again",
     "a key that was found is used without another look"},
    {"session objects", "ok", "a session key ends with its session",
     "keys of category S and X work, and leave nothing behind"},
    {"data objects", "ok",
     "kept; to change one in place: C_SetAttributeValue answered "
     "CKR_ATTRIBUTE_READ_ONLY",
     "CSFPTRC makes data objects, and CSFPSAV makes them anew"},
    {"sessions", "ok", "64 at once, and maybe more",
     "as many threads sign at once"},
    {"threads", "ok",
     "8 threads, each with a session of its own, get the right MACs",
     "threads sign beside each other"},
    {"speed", "ok",
     "one signature takes [0-9,]+ us; 4 sessions make [0-9,]+ a second",
     "measured on this machine now, and not judged"},
    {"scratch objects", "ok", "20 objects made and destroyed",
     "the token is as it was before"},
});

constexpr auto kNss = std::to_array<HsmTestRow>({
    {"module", "ok",
     "Mozilla Foundation, NSS Internal Crypto Services 3\\.[0-9]+, Cryptoki "
     "2\\.40",
     "sigtoken reckons with other hosts that share its token"},
    {"token", "limited", "label 'contract', serial number '0000000000000000'",
     "the number is no one token's: give each a label of its own"},
    {"pin", "ok", "0 to 500 bytes",
     "a wrong one is tried once, until its file changes"},
    {"import", "ok", "values of 20, 32, 64 and 131 bytes",
     "'sigtoken key import' stores keys as they are"},
    {"key sizes", "ok",
     "HS256 from 10, HS384 from 10 and HS512 from 10 bytes; the module lists "
     "1, 1 and 1",
     "it takes keys of 32 bytes for all algorithms"},
    {"other macs", "ok", "MD5, SHA-1, SHA-224, SSL3-MD5 and SSL3-SHA",
     "CSFPHMG has all that ICSF's has"},
    {"verify", "limited",
     "to a wrong MAC C_Verify answered CKR_DEVICE_ERROR; a right one is taken "
     "with a byte more or less",
     "C_Verify is not believed: sigtoken signs again and compares"},
    {"short buffer", "limited", "it cuts the MAC short: C_Sign answered CKR_OK",
     "sigtoken's own have room for every MAC, and a shorter one is refused"},
    {"allowed mechanisms", "limited",
     "C_GenerateKey answered CKR_GENERAL_ERROR",
     "keys are made without CKA_ALLOWED_MECHANISMS"},
    {"modifiable", "ok",
     "obeyed: C_SetAttributeValue answered CKR_ATTRIBUTE_READ_ONLY",
     "nobody changes keys that sign identity tokens"},
    {"other attributes", "ok",
     "a session key takes CKA_COPYABLE, CKA_DESTROYABLE, dates and "
     "CKA_APPLICATION",
     "sigtoken asks for none of them: its store keeps what keys do not"},
    {"duplicate id", "limited",
     "a key of the same CKA_ID takes the place of the first",
     "only one host, with one state store, may make keys in it"},
    {"data objects", "missing",
     "C_CreateObject answered CKR_ATTRIBUTE_VALUE_INVALID",
     "CSFPTRC makes no data objects in it"},
    {"scratch objects", "ok", "18 objects made and destroyed",
     "the token is as it was before"},
});

// SoftHSM2 stands behind it.
constexpr auto kP11Kit = std::to_array<HsmTestRow>({
    {"module", "ok",
     "PKCS#11 Kit, PKCS#11 Kit Proxy Module 1\\.1, Cryptoki 2\\.40",
     "sigtoken reckons with other hosts that share its token"},
    {"other macs", "limited", "MD5 and SHA-1",
     "CSFPHMG refuses SHA-224, SSL3-MD5 and SSL3-SHA"},
    {"allowed mechanisms", "ok",
     "not to be read \\(C_GetAttributeValue answered CKR_DEVICE_ERROR\\), and "
     "obeyed",
     "keys make MACs and nothing else"},
});

}  // namespace

std::span<const HsmTestRow> HsmTestOfSoftHsm() { return kSoftHsm; }
std::span<const HsmTestRow> HsmTestOfNss() { return kNss; }
std::span<const HsmTestRow> HsmTestOfP11Kit() { return kP11Kit; }

}  // namespace sigtoken::testing
