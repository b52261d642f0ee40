#include "pkcs11/cryptoki/module_cures.h"

#include <array>

#include "pkcs11/base/codes.h"
#include "pkcs11/base/error.h"
#include "pkcs11/base/file_check.h"

namespace sigtoken {
namespace {

struct OwnConfiguration {
  std::string_view module;  // A part of the file's name.
  std::string_view what;
};

constexpr auto kOwnConfigurations = std::to_array<OwnConfiguration>({
    {"softhsm2",
     "the environment variable SOFTHSM2_CONF names its configuration file "
     "(without it ~/.config/softhsm2/softhsm2.conf counts, then the system's), "
     "and directories.tokendir in that a folder that is there and that this "
     "user may write to"},
    {"softokn3",
     "configdir in its 'init' names the folder of its database (sql:/DIR), and "
     "that this user may write there"},
    {"opencryptoki",
     "its daemon pkcsslotd runs, that this user is in the group pkcs11, and "
     "that /etc/opencryptoki/opencryptoki.conf has the token's slot"},
    {"tpm2_pkcs11",
     "TPM2_PKCS11_STORE names the folder of its store, and TPM2_PKCS11_TCTI "
     "the TPM, which this user may use"},
    {"p11-kit-client",
     "P11_KIT_SERVER_ADDRESS names the socket of a p11-kit server that runs"},
});

// What a helper says of itself is not heard: p11-kit reports a broken socket.
constexpr const char* kCureForHelper =
    "it ended in its helper process: see whether it is a PKCS#11 module, and "
    "whether it works without 'isolated'";

// All arguments but one are the same for every module: it can only be that one.
std::string CureForArguments(const ModuleSpec& spec) {
  return spec.init.empty()
             ? "some modules, NSS's softokn among them, need an initialisation "
               "string: write it as 'init' into the [[token]]"
             : "most modules take no initialisation string: leave 'init' out "
               "of the [[token]], or correct it";
}

std::string WhatToLookAt(const ModuleSpec& spec) {
  if (!spec.softhsm2_conf.empty()) {
    return "see that " + QuotedPath(spec.softhsm2_conf) +
           " and the folder that it names are there, and that this user may "
           "write to them";
  }
  const std::string_view known = OwnConfigurationOf(spec.path);
  if (!known.empty()) return "see that " + std::string(known);
  return "see that its own configuration file is there and right, and the "
         "environment variable set that names it (the vendor's documents say "
         "which), that its device or daemon runs, and that this user may use "
         "its data; its log says more";
}

}  // namespace

std::string_view OwnConfigurationOf(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  for (const OwnConfiguration& each : kOwnConfigurations) {
    if (name.find(each.module) != std::string_view::npos) return each.what;
  }
  return "";
}

std::string CureOfStart(const ModuleSpec& spec, CK_RV rv) {
  if (rv == CKR_ARGUMENTS_BAD) return CureForArguments(spec);
  if (rv == CKR_DEVICE_ERROR && spec.isolated) return kCureForHelper;
  const CkRvRow* row = FindCkRv(rv);
  const std::string look = WhatToLookAt(spec);
  return row != nullptr ? std::string(row->meaning) + ". " + Sentence(look)
                        : std::string(CureOf(rv)) + "; " + look;
}

}  // namespace sigtoken
