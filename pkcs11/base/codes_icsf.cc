// The ICSF half of the table of codes.

#include <algorithm>
#include <array>
#include <cstddef>

#include "pkcs11/base/codes.h"

namespace sigtoken {
namespace {

constexpr auto kIcsfRows = std::to_array<IcsfRow>({
    {{0, 0}, "done", "ICSF Application Programmer's Guide, Appendix A", ""},
    {{4, 0}, "done; nothing to report", "ours", ""},
    {{4, 1},
     "a verification failed (the number of TSS)",
     "ICSF Application Programmer's Guide, Appendix A",
     "look at ICSF's own number beside it: 8000 for a MAC, 11000 for a "
     "signature"},
    {{4, 429},
     "the digital signature does not fit (the number of TSS)",
     "ICSF Application Programmer's Guide, Appendix A",
     "compare key, algorithm and data with those that made the signature"},
    {{4, 3017},
     "list: more entries are available",
     "seen in Zowe's rs_icsfp11.c",
     "call again with the last handle that was returned"},
    {{4, 8000},
     "the MAC does not fit",
     "ICSF Application Programmer's Guide, CSFPHMV",
     "compare key, algorithm and data with those that made the MAC"},
    {{4, 8004},
     "the MAC of a CCA service does not fit",
     "ICSF Application Programmer's Guide, Appendix A",
     "compare key, algorithm and data with those that made the MAC"},
    {{4, 11000},
     "the digital signature does not fit",
     "ICSF Application Programmer's Guide, Appendix A; openCryptoki",
     "compare key, algorithm and data with those that made the signature"},
    {{8, 72},
     "the length of the data is not valid",
     "openCryptoki's table",
     "send data of a length that the mechanism takes"},
    {{8, 2028},
     "the wrapped key is not valid",
     "openCryptoki's table",
     "wrap the key again with the format that the service names"},
    {{8, 2154},
     "the type of the key does not go with the request",
     "openCryptoki's table",
     "use a key of the type that the service names"},
    {{8, 3000},
     "the rule array is not valid: a keyword or an algorithm that the service "
     "does not have",
     "ours",
     "use a keyword of the service, the same in all calls of a chain; "
     "algorithms of identity tokens are HS256, HS384 and HS512"},
    {{8, 3001},
     "the text is not a handle",
     "ours",
     "write NAME:00000001T or the 44-character form"},
    {{8, 3002},
     "a parameter is not valid",
     "ours",
     "compare the parameters with the description of the command ('sigtoken "
     "COMMAND --help') or service; with SIGTOKEN_CSF_MESSAGES=1 a C program is "
     "told which one it is"},
    {{8, 3003},
     "the output parameter is too short",
     "openCryptoki's table",
     "pass a buffer of the length that came back"},
    {{8, 3009},
     "the attributes contradict each other, or the module does not take one of "
     "them",
     "openCryptoki's table",
     "leave attributes out one by one: 'sigtoken hsm test' shows which ones "
     "the "
     "module keeps"},
    {{8, 3019},
     "the session object is no longer valid, or the chain data are of no chain",
     "openCryptoki's table",
     "make the object again, or begin the chain again with FIRST"},
    {{8, 3021},
     "there is no room for one more state object or for the text of a chain",
     "ours",
     "end chains with LAST, or free their state objects with CSFPTRD"},
    {{8, 3022},
     "the token still has keys inside",
     "ours",
     "delete the keys, or delete the token with --force"},
    {{8, 3023},
     "the key is disabled",
     "ours",
     "enable it with 'sigtoken key enable'"},
    {{8, 3024},
     "there is no token of that name",
     "ours",
     "list the tokens with 'sigtoken token list'; make one with 'sigtoken "
     "token create'"},
    {{8, 3025},
     "the token has no such object",
     "ours",
     "list the keys with 'sigtoken key list': name, sequence number and "
     "category must all fit"},
    {{8, 3026},
     "a token of that name exists already",
     "ours",
     "choose another name, or use the token that is there"},
    {{8, 3027},
     "the object is gone already",
     "seen in IBM requirement ZOS-I-3297",
     "nothing is left to do: the last call of a chain frees its state object "
     "too"},
    {{8, 3029},
     "the type of an attribute is not valid here",
     "openCryptoki's table",
     "leave the attribute out"},
    {{8, 3030},
     "the value of an attribute is not valid",
     "openCryptoki's table",
     "compare the values with what PKCS #11 allows for their attributes: "
     "booleans are 0 or 1, CKA_VALUE_LEN counts bytes"},
    {{8, 3033},
     "the template lacks an attribute",
     "openCryptoki's table",
     "add what an object of its class needs: a secret key CKA_CLASS, "
     "CKA_KEY_TYPE, and CKA_VALUE or CKA_VALUE_LEN"},
    {{8, 3034},
     "the attribute or the token is read-only",
     "openCryptoki's table",
     "leave the attribute out, or make a new object; in SYSTOK-SESSION-ONLY, "
     "make session objects"},
    {{8, 3035},
     "the attribute is read-only",
     "openCryptoki's table",
     "leave the attribute out, or make a new object"},
    {{8, 3038},
     "the key may not be used in this way",
     "openCryptoki's table",
     "use a key whose CKA_SIGN or CKA_VERIFY is true, and that is long enough "
     "for the module"},
    {{8, 3039},
     "the key is of the wrong type for the service",
     "openCryptoki's table",
     "HMAC needs a generic secret key, SIGN-RSA a private RSA key and VER-RSA "
     "a "
     "public one"},
    {{8, 3041},
     "the key cannot be wrapped",
     "openCryptoki's table",
     "use a key whose CKA_EXTRACTABLE is true"},
    {{8, 3043},
     "the key is gone or was never there",
     "openCryptoki's table",
     "list the keys with 'sigtoken key list'"},
    {{8, 3045},
     "the key's value does not leave the token",
     "openCryptoki's table",
     "use a key that was made with CKA_EXTRACTABLE TRUE"},
    {{8, 3063},
     "the request to use a token was refused by its CRYPTOZ profile",
     "ICSF Application Programmer's Guide V2R1, Appendix A",
     "ask for access to the CRYPTOZ resources SO.token and USER.token"},
    {{8, 10004},
     "the key is enciphered under another master key",
     "ICSF Application Programmer's Guide V2R1, Appendix A",
     "there are no master keys here: on z/OS, have the key's data set "
     "reenciphered"},
    {{8, 10012},
     "the key label is not in the CKDS or PKDS",
     "ICSF Application Programmer's Guide V2R1, Appendix A",
     "there are no key labels here: name the key by its PKCS#11 handle"},
    {{8, 11000},
     "a length is not valid",
     "ICSF Application Programmer's Guide; openCryptoki's table",
     "compare each length with that of the text or area that it is of, and "
     "with "
     "what the service takes"},
    {{8, 11028},
     "the signature is not valid",
     "openCryptoki's table",
     "compare key, algorithm and data with those that made the signature"},
    {{8, 16000},
     "not authorised: CSFSERV or CRYPTOZ on z/OS, the PIN here",
     "ICSF Application Programmer's Guide, Appendix A",
     "put the right PIN where the PIN source of the [[token]] names it: a "
     "wrong "
     "one is not tried again until that changes; one that is locked or has "
     "expired is set in the token first ('sigtoken explain CKR_PIN_LOCKED')"},
    {{8, 16004},
     "the request to use a key label was refused by its profile",
     "ICSF Application Programmer's Guide, Appendix A",
     "on z/OS, ask for access to the CSFKEYS resource of that label"},
    {{12, 0},
     "ICSF is not available; here: the module, its device or the store",
     "ICSF Application Programmer's Guide, Appendix A",
     "start the device or its daemon, or correct the module's path or its own "
     "configuration; 'sigtoken config check' looks at module, PIN, home and "
     "store, 'sigtoken hsm test' at the token"},
    {{12, 4},
     "changes of the key data sets are disallowed",
     "ICSF Application Programmer's Guide, Appendix A",
     "on z/OS, enable them on ICSF's panel"},
    {{12, 8},
     "the service or algorithm is not available on this device",
     "ICSF Application Programmer's Guide, Appendix A",
     "use a device that offers the mechanism"},
    {{12, 12},
     "an installation exit failed earlier",
     "ICSF Application Programmer's Guide, Appendix A",
     "on z/OS, look at ICSF's job log"},
    {{12, 16},
     "a routine of the installation was not found",
     "ICSF Application Programmer's Guide, Appendix A",
     "on z/OS, look at ICSF's installation options"},
    {{12, 28},
     "the asynchronous processor failed",
     "ICSF Application Programmer's Guide, Appendix A",
     "on z/OS, look at ICSF's job log"},
    {{12, 40},
     "the service cannot be called in this environment",
     "ICSF Application Programmer's Guide, Appendix A",
     "on z/OS, look at the restrictions of the service"},
    {{16, 0},
     "a fault inside sigtoken",
     "ours",
     "report it, with the command that led to it"},
});

constexpr bool Less(IcsfCode a, IcsfCode b) {
  return a.return_code != b.return_code ? a.return_code < b.return_code
                                        : a.reason_code < b.reason_code;
}

constexpr bool Rises() {
  for (std::size_t i = 1; i < kIcsfRows.size(); ++i) {
    if (!Less(kIcsfRows[i - 1].code, kIcsfRows[i].code)) return false;
  }
  return true;
}
static_assert(Rises(), "a row is twice there or out of place");

}  // namespace

std::span<const IcsfRow> IcsfRows() { return kIcsfRows; }

const IcsfRow* FindIcsf(IcsfCode code) {
  const auto* row =
      std::lower_bound(kIcsfRows.begin(), kIcsfRows.end(), code,
                       [](const IcsfRow& candidate, IcsfCode value) {
                         return Less(candidate.code, value);
                       });
  return row != kIcsfRows.end() && row->code == code ? row : nullptr;
}

}  // namespace sigtoken
