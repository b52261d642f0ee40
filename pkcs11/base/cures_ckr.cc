// What to do about each CK_RV of the table.

#include <algorithm>
#include <array>
#include <initializer_list>

#include "pkcs11/base/codes.h"

namespace sigtoken {
namespace {

struct Cure {
  std::string_view text;
  std::initializer_list<CK_RV> codes;
};

// Each stands alone: who reads it in `sigtoken explain` has no message.
constexpr Cure kCures[] = {
    {"nothing is left to do", {CKR_OK, CKR_NO_EVENT}},

    // The device and what is behind it.
    {"look at the device: whether it has power, is plugged in and reached, "
     "whether its daemon or service runs, and what its log says; sigtoken "
     "opens it again by itself",
     {CKR_DEVICE_ERROR, CKR_DEVICE_REMOVED, CKR_SLOT_ID_INVALID}},
    {"put the token back, or start what provides it (a reader, a partition, a "
     "daemon); 'pkcs11-tool --module MODULE -L' lists what the module shows",
     {CKR_TOKEN_NOT_PRESENT}},
    {"free memory of the device: end sessions, delete objects that nobody "
     "needs, or start it again; its log says what is full",
     {CKR_DEVICE_MEMORY}},
    {"see that the module's daemon runs and that this process may reach its "
     "socket or shared memory; then look at the memory of this machine and the "
     "limits of this process (ulimit -a)",
     {CKR_HOST_MEMORY}},
    {"look into the log of the module or of the system for the reason; see "
     "that the module's own configuration file is the right one and that the "
     "disk with its data has room and may be written to by this user",
     {CKR_GENERAL_ERROR, CKR_FUNCTION_FAILED}},
    {"run it again; if it comes again, look for who cancels: a person at the "
     "device, or a module that is being ended",
     {CKR_CANCEL, CKR_FUNCTION_CANCELED}},
    {"have the person at the device confirm it, and run it again",
     {CKR_FUNCTION_REJECTED}},

    // The module in this process.
    {"find out what else in this process uses the module and finalises it; in "
     "a child of fork(), open sigtoken anew",
     {CKR_CRYPTOKI_NOT_INITIALIZED}},
    {"let nothing else in this process initialise the module, or with isolated "
     "= true in its [[token]] run it in a process of its own",
     {CKR_CRYPTOKI_ALREADY_INITIALIZED}},
    {"use a module that may be called from several threads, or a newer version "
     "of it",
     {CKR_NEED_TO_CREATE_THREADS, CKR_CANT_LOCK, CKR_MUTEX_BAD,
      CKR_MUTEX_NOT_LOCKED}},
    {"correct what the configuration gives the module: its path, the 'init' of "
     "its [[token]], the URI; if the module refuses what others take, report "
     "it to its vendor",
     {CKR_ARGUMENTS_BAD}},

    // Sessions.
    {"run it again: a new session is opened; if it comes again, the device "
     "closes sessions by itself, and its time limit is to be raised",
     {CKR_SESSION_CLOSED, CKR_SESSION_HANDLE_INVALID}},
    {"end other programs that use the token, or raise the number of sessions "
     "that the device allows",
     {CKR_SESSION_COUNT}},
    {"run it again: a new session is used; if it comes again, something else "
     "in this process uses the sessions of the module",
     {CKR_OPERATION_ACTIVE, CKR_OPERATION_NOT_INITIALIZED}},
    {"end other programs that use the token, and run it again",
     {CKR_SESSION_EXISTS, CKR_SESSION_READ_ONLY_EXISTS,
      CKR_SESSION_READ_WRITE_SO_EXISTS, CKR_USER_ANOTHER_ALREADY_LOGGED_IN,
      CKR_USER_TOO_MANY_TYPES}},

    // Login.
    {"write the right PIN into the file of the PIN source: it is not tried "
     "again until that changes",
     {CKR_PIN_INCORRECT}},
    {"write a PIN that the token takes into the file of the PIN source, "
     "without blanks or more lines; 'sigtoken hsm test' shows how long it may "
     "be",
     {CKR_PIN_INVALID, CKR_PIN_LEN_RANGE}},
    {"change the PIN as the user (C_SetPIN: pkcs11-tool --login --change-pin, "
     "or the HSM's own tool), then write it into the file of the PIN source: "
     "sigtoken notices by itself that the file has changed",
     {CKR_PIN_EXPIRED}},
    {"have the token's security officer set a new user PIN (C_InitPIN: "
     "pkcs11-tool --login --login-type so --init-pin, or the HSM's own tool), "
     "then write it into the file of the PIN source, even if it is there: "
     "sigtoken notices by itself that the file has changed",
     {CKR_PIN_LOCKED, CKR_USER_PIN_NOT_INITIALIZED}},
    {"run it again: sigtoken logs in anew; if it comes again, find out what "
     "else logs out: another part of this program, or a device that is reset",
     {CKR_USER_NOT_LOGGED_IN}},
    {"run it again; if it comes again, something else in this process logs in "
     "to the token",
     {CKR_USER_ALREADY_LOGGED_IN}},
    {"log in to a token that has a normal user: 'hsm test' tells what it asks "
     "for",
     {CKR_USER_TYPE_INVALID}},
    {"initialise the token with the vendor's tool, or put its data back; on "
     "z/OS, ask for access to the CRYPTOZ resources SO.token and USER.token",
     {CKR_TOKEN_NOT_RECOGNIZED}},

    // Keys and objects.
    {"list the keys with 'sigtoken key list'; one that is gone comes back from "
     "a backup of the token alone",
     {CKR_KEY_HANDLE_INVALID, CKR_OBJECT_HANDLE_INVALID, CKR_KEY_CHANGED,
      CKR_UNWRAPPING_KEY_HANDLE_INVALID, CKR_WRAPPING_KEY_HANDLE_INVALID}},
    {"use a longer key: 64 bytes serve HS256, HS384 and HS512 in every module",
     {CKR_KEY_SIZE_RANGE, CKR_UNWRAPPING_KEY_SIZE_RANGE,
      CKR_WRAPPING_KEY_SIZE_RANGE}},
    {"use a generic secret key for HMAC, an RSA key for RSA signatures",
     {CKR_KEY_TYPE_INCONSISTENT, CKR_KEY_INDIGESTIBLE,
      CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT,
      CKR_WRAPPING_KEY_TYPE_INCONSISTENT}},
    {"leave the key out", {CKR_KEY_NOT_NEEDED}},
    {"name a key", {CKR_KEY_NEEDED}},
    {"use a key whose CKA_SIGN or CKA_VERIFY is true ('sigtoken key show')",
     {CKR_KEY_FUNCTION_NOT_PERMITTED}},
    {"delete or change the object with the tool that made it: its "
     "CKA_DESTROYABLE, CKA_COPYABLE or CKA_MODIFIABLE is false",
     {CKR_ACTION_PROHIBITED}},
    {"use a key that was made with CKA_EXTRACTABLE TRUE ('sigtoken key "
     "generate --exportable')",
     {CKR_KEY_UNEXTRACTABLE, CKR_KEY_NOT_WRAPPABLE, CKR_ATTRIBUTE_SENSITIVE,
      CKR_INFORMATION_SENSITIVE}},

    // What is asked for.
    {"leave the attribute out, or make a new object with its value",
     {CKR_ATTRIBUTE_READ_ONLY}},
    {"leave the attribute out: 'sigtoken hsm test' shows which ones the module "
     "keeps",
     {CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_VALUE_INVALID,
      CKR_TEMPLATE_INCONSISTENT, CKR_DOMAIN_PARAMS_INVALID}},
    {"add the attributes that an object of its class needs (PKCS #11 v2.40, "
     "section 4)",
     {CKR_TEMPLATE_INCOMPLETE}},
    {"end the write protection of the token, with the vendor's tool or by the "
     "rights of its files",
     {CKR_TOKEN_WRITE_PROTECTED, CKR_SESSION_READ_ONLY}},
    {"use a device that offers the mechanism: 'sigtoken hsm test' shows what "
     "this one can do",
     {CKR_MECHANISM_INVALID, CKR_MECHANISM_PARAM_INVALID,
      CKR_FUNCTION_NOT_SUPPORTED, CKR_FUNCTION_NOT_PARALLEL,
      CKR_SESSION_PARALLEL_NOT_SUPPORTED, CKR_RANDOM_SEED_NOT_SUPPORTED,
      CKR_RANDOM_NO_RNG, CKR_SAVED_STATE_INVALID, CKR_STATE_UNSAVEABLE}},
    {"send data of another length: HMAC takes any, RSA at most what fits into "
     "its key",
     {CKR_DATA_INVALID, CKR_DATA_LEN_RANGE, CKR_ENCRYPTED_DATA_INVALID,
      CKR_ENCRYPTED_DATA_LEN_RANGE}},
    {"pass a buffer of the length that came back; if it is a token that takes "
     "no more data, send less",
     {CKR_BUFFER_TOO_SMALL}},
    {"wrap the key again with the same mechanism",
     {CKR_WRAPPED_KEY_INVALID, CKR_WRAPPED_KEY_LEN_RANGE}},
    {"compare key, algorithm and data with those that made the MAC",
     {CKR_SIGNATURE_INVALID, CKR_SIGNATURE_LEN_RANGE}},
};

}  // namespace

std::string_view CureOf(CK_RV rv) {
  for (const Cure& cure : kCures) {
    if (std::find(cure.codes.begin(), cure.codes.end(), rv) !=
        cure.codes.end()) {
      return cure.text;
    }
  }
  return "look the code up in the documents of the module's vendor, whose own "
         "it is";
}

}  // namespace sigtoken
