#include "tools/cli/zweseckg.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "keygen/services/generate_secret_key.h"
#include "pkcs11/base/printable.h"
#include "tools/cli/command.h"
#include "tools/cli/key_json.h"
#include "tools/cli/report.h"
#include "tools/cli/supervise.h"

namespace sigtoken::cli {
namespace {

constexpr const char* kDefaultName = "IDTTKN.JWT.SECRET";
constexpr const char* kUsage =
    "Usage: zweseckg [NAME]\n"
    "Makes a 32-byte secret key in the token NAME (IDTTKN.JWT.SECRET by\n"
    "default) as Zowe's sample job ZWESECKG does. The token must be there:\n"
    "  sigtoken token create IDTTKN.JWT.SECRET\n"
    "Exit status: the ICSF return code\n";

// The sample job's own: class, type, token, 32 bytes, and nothing else.
CleansedBytes SampleAttributes() {
  const auto order = ByteOrder::kBigEndian;
  const std::vector<ListedAttribute> attributes = {
      {CKA_CLASS, FormatNumber(CKO_SECRET_KEY, order)},
      {CKA_KEY_TYPE, FormatNumber(CKK_GENERIC_SECRET, order)},
      {CKA_TOKEN, {CK_TRUE}},
      {CKA_VALUE_LEN, FormatNumber(32, order)}};
  return FormatAttributeList(attributes, order);
}

void PrintHex(const CleansedBytes& bytes) {
  constexpr std::size_t kBytesALine = 8;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::printf(" %02x", bytes[i]);
    if (i % kBytesALine == kBytesALine - 1 || i + 1 == bytes.size()) {
      std::printf("\n");
    }
  }
}

struct Made {
  std::string handle;
  std::vector<std::string> warnings;  // The job has no place for them.
};

Result<Made> Generate(Context& context, const std::string& handle,
                      const CleansedBytes& attributes) {
  SIGTOKEN_ASSIGN(Directory * directory, context.directory());
  Icsf icsf(*directory);
  SIGTOKEN_ASSIGN(
      const MadeKey made,
      GenerateSecretKey(
          icsf, {handle, "KEY     ", attributes, {}, ByteOrder::kBigEndian}));
  Made answer{made.key.handle->Format(), {}};
  // The key is there: what fails from here on is no failure of the job.
  if (const auto token = directory->FindToken(made.key.handle->token_name())) {
    answer.warnings = MadeKeyAnswer(**token, made).warnings;
  }
  for (const std::string& protection : made.not_kept) {
    answer.warnings.push_back("the module did not keep " + protection +
                              " of the key");
  }
  return answer;
}

// The handle as the sample job passes it: name, 8 blanks, T, 3 blanks. A name
// that is too long makes one that is too long, and is refused by the service.
std::string SampleHandle(std::string name) {
  if (name.size() < TokenName::kMaxLength) {
    name.resize(TokenName::kMaxLength, ' ');
  }
  return name + "        T   ";
}

Error NotTaken(const std::string& argument, const char* why) {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD, Quoted(argument) + why,
                 "give the name of one token, or nothing");
}

// No token's name begins with a hyphen: no job is run for an option that is not
// there.
Status CheckArguments(const std::vector<std::string>& arguments) {
  const auto option = std::find_if(
      arguments.begin(), arguments.end(),
      [](const std::string& argument) { return argument.starts_with("-"); });
  if (option != arguments.end()) return NotTaken(*option, " is not an option");
  if (arguments.size() > 1) {
    return NotTaken(arguments[1], " is one argument too many");
  }
  return Ok();
}

// Whether all of stdout has arrived; where not, that is said.
bool WasWritten(int status) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return true;
  std::cerr << "zweseckg: " << Unwritten(status) << '\n';
  return false;
}

// Prints what came of it.
int Report(const Result<Made>& made, std::string handle,
           const CleansedBytes& attributes) {
  IcsfCode code;
  if (made) {
    handle = made->handle;
    for (const std::string& warning : made->warnings) {
      std::cerr << "zweseckg: warning: " << warning << '\n';
    }
  } else {
    code = ToIcsf(made.error());
    std::printf("\nKey Generate failed:\n");
    std::printf(" Return Code = %04d\n", code.return_code);
    std::printf(" Reason Code = %04d\n", code.reason_code);
    std::cerr << "zweseckg: " << ToText(made.error()) << '\n';
  }
  std::printf("\nAttribute struct:\n");
  PrintHex(attributes);
  std::printf("\nHandle:\n");
  // A name that is none may have characters that steer a terminal.
  std::printf("\n%s\n", Printable(handle).c_str());
  return WasWritten(code.return_code) ? code.return_code : kNotAvailableStatus;
}

int RunJob(const std::string& name) {
  const GlobalOptions options;
  Executor executor({});
  Context context(options, executor);
  const std::string handle = SampleHandle(name);
  const auto attributes = SampleAttributes();
  const auto made = Supervise<Made>(
      executor, [&] { return Generate(context, handle, attributes); });
  const int status = Report(made, handle, attributes);
  CloseAndLeave(executor, context, status);
  return status;
}

}  // namespace

int RunZweseckg(int argc, char** argv) {
  try {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (std::find(arguments.begin(), arguments.end(), "--help") !=
        arguments.end()) {
      std::printf("%s", kUsage);
      return WasWritten(kNo) ? kDone : kNotAvailableStatus;
    }
    if (const Status one = CheckArguments(arguments); !one) {
      std::cerr << "zweseckg: " << ToText(one.error()) << '\n' << kUsage;
      return ToIcsf(one.error()).return_code;
    }
    return RunJob(arguments.empty() ? kDefaultName : arguments.front());
  } catch (const std::exception& exception) {
    std::cerr << "zweseckg: " << ToText(Fault(exception.what())) << '\n';
    return kFaultOfOurs;
  }
}

}  // namespace sigtoken::cli
