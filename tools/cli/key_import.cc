// sigtoken key import|adopt|export

#include <unistd.h>

#include "keygen/adopt.h"
#include "keygen/export.h"
#include "keygen/import.h"
#include "pkcs11/base/printable.h"
#include "pkcs11/base/private_file.h"
#include "pkcs11/setup/uri.h"
#include "pkcs11/tokens/omnipresent.h"
#include "tools/cli/command.h"
#include "tools/cli/key_form.h"
#include "tools/cli/key_json.h"

namespace sigtoken::cli {
namespace {

constexpr char kStandard[] = "-";

struct Options {
  std::string token;
  std::string key;  // A handle or a URI.
  std::string file = kStandard;
  std::string format = "raw";
  std::string label;
  std::string category = "T";
  bool verify_only = false;
  bool exportable = false;
};

Error BadOption(const std::string& what, const std::string& cure) {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD, what, cure);
}

Result<char> ParseCategory(const std::string& text) {
  if (text.size() == 1) return text.front();
  return BadOption("the category " + Quoted(text) + " is not one letter",
                   "use T for a clear or Y for a secure token object");
}

Result<Secret> ReadKeyText(const std::string& file, KeyForm form) {
  if (file == kStandard) {
    if (isatty(STDIN_FILENO) == 1) {
      return BadOption("standard input is a terminal, which would show the key",
                       "name a file with --from, or use a pipe");
    }
    return ReadSecretDescriptor(STDIN_FILENO, kMaxKeyTextBytes,
                                SecretFormOf(form));
  }
  return ReadSecretFile(file, kMaxKeyTextBytes, SecretFormOf(form));
}

Result<Answer> Import(Context& context, const Options& options) {
  SIGTOKEN_ASSIGN(const TokenName name, TokenName::Parse(options.token));
  SIGTOKEN_TRY(CheckTakesTokenObjects(name));
  SIGTOKEN_ASSIGN(const KeyForm form, ParseKeyForm(options.format));
  KeySpec spec;
  spec.label = options.label;
  SIGTOKEN_ASSIGN(spec.category, ParseCategory(options.category));
  spec.verify_only = options.verify_only;
  spec.exportable = options.exportable;
  SIGTOKEN_TRY(CheckSpec(spec));
  auto text = ReadKeyText(options.file, form);
  if (!text) {
    // The request is at fault, not the device: it named the file.
    return BadOption("the key to import: " + text.error().message,
                     text.error().cure);
  }
  SIGTOKEN_ASSIGN(Secret value, DecodeKey(*std::move(text), form));
  SIGTOKEN_ASSIGN(Directory * directory, context.directory());
  SIGTOKEN_ASSIGN(const auto token, directory->FindToken(name));
  SIGTOKEN_ASSIGN(const MadeKey made, ImportKey(*token, spec, value));
  Answer answer = MadeKeyAnswer(*token, made);
  if (made.padded) {
    answer.details.emplace_back(
        "the module does not use so short a key: it holds it with zeros behind "
        "it, up to 64 bytes, which is the same key (RFC 2104, 2)");
  }
  return answer;
}

Result<Answer> Adopt(Context& context, const Options& options) {
  SIGTOKEN_ASSIGN(const TokenName name, TokenName::Parse(options.token));
  SIGTOKEN_TRY(CheckTakesTokenObjects(name));
  SIGTOKEN_ASSIGN(const Uri uri, Uri::Parse(options.key));
  SIGTOKEN_ASSIGN(const char category, ParseCategory(options.category));
  if (!uri.object_label() && !uri.id()) {
    return BadOption("the URI does not say which key to adopt",
                     "copy the URI that 'sigtoken key list' shows");
  }
  SIGTOKEN_ASSIGN(Directory * directory, context.directory());
  SIGTOKEN_ASSIGN(const auto token, directory->FindToken(name));
  if (!uri.MatchesToken(token->info())) {
    return Refusal(kObjectNotFound, CKR_OBJECT_HANDLE_INVALID,
                   "the URI names a key of another token than " + name.text(),
                   "name the token that holds the key");
  }
  SIGTOKEN_ASSIGN(const FoundKey key,
                  AdoptKey(*token, KeySearch(uri), category));
  return MadeKeyAnswer(*token, MadeKey{key, false, false, false, {}});
}

// Writes to a new file that only its owner may read, or to standard output.
Status WriteKey(const Secret& text, const std::string& file) {
  const std::span<const std::uint8_t> bytes(text.data(), text.size());
  if (file != kStandard) return WriteNewFile(file, bytes);
  if (isatty(STDOUT_FILENO) == 1) {
    return BadOption("standard output is a terminal, which would show the key",
                     "name a file with --to, or use a pipe");
  }
  return WriteDescriptor(STDOUT_FILENO, bytes);
}

Result<Answer> Export(Context& context, const Options& options) {
  SIGTOKEN_ASSIGN(const KeyForm form, ParseKeyForm(options.format));
  if (options.file == kStandard && context.options().json) {
    return BadOption("--to - and --json both want standard output",
                     "name a file with --to");
  }
  SIGTOKEN_ASSIGN(Directory * directory, context.directory());
  SIGTOKEN_ASSIGN(const Key key, directory->FindKey(options.key));
  if (!key.handle()) {
    return BadOption("the key has no handle: others made it",
                     "adopt it first with 'sigtoken key adopt'");
  }
  SIGTOKEN_ASSIGN(const auto token,
                  directory->FindToken(key.handle()->token_name()));
  SIGTOKEN_ASSIGN(Secret value, ExportKey(*token, *key.handle()->object()));
  SIGTOKEN_ASSIGN(const Secret text, EncodeKey(std::move(value), form));
  SIGTOKEN_TRY(WriteKey(text, options.file));
  Answer answer;
  answer.warnings.push_back("the value of " + key.handle()->FormatShort() +
                            " is outside of the token now: keep it as you "
                            "would keep the PIN");
  if (options.file == kStandard) {
    return answer;
  }
  answer.json = {{"handle", key.handle()->Format()},
                 {"file", options.file},
                 {"format", options.format}};
  answer.text = "key " + key.handle()->FormatShort() + " exported to " +
                QuotedPath(options.file) + "\n";
  return answer;
}

void AddSpec(CLI::App* verb, const std::shared_ptr<Options>& options) {
  verb->add_option("--token", options->token, "the token's name")->required();
  verb->add_option("--category", options->category,
                   "T clear (default) or Y secure token object");
}

}  // namespace

void AddKeyImport(CLI::App& key, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = AddVerb(
      key, "import", "make a key of a value that is given (ICSF's CSFPTRC)",
      "sigtoken key import --token IDTTKN.JWT.SECRET --format hex "
      "--from key.hex");
  AddSpec(verb, options);
  verb->add_option("--from", options->file,
                   "a file that only you may read, or - (standard input)");
  verb->add_option("--format", options->format,
                   "raw (default), hex, base64 or jwk");
  verb->add_option("--label", options->label, "CKA_LABEL, at most 32 bytes");
  verb->add_flag("--verify-only", options->verify_only,
                 "a key that cannot sign: CKA_SIGN FALSE");
  verb->add_flag("--exportable", options->exportable,
                 "a key whose value can be read: category T only");
  SetRun(verb, invocation, options, &Import);
}

void AddKeyAdopt(CLI::App& key, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = AddVerb(
      key, "adopt", "give a key that others made the next handle",
      "sigtoken key adopt 'pkcs11:object=idt-signing' --token HSM.KEYS");
  verb->add_option("URI", options->key,
                   "a PKCS#11 URI that fits exactly one key")
      ->required();
  AddSpec(verb, options);
  SetRun(verb, invocation, options, &Adopt);
}

void AddKeyExport(CLI::App& key, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      AddVerb(key, "export", "write out the value of an exportable key",
              "sigtoken key export IDTTKN.JWT.SECRET:2T --to key.jwk "
              "--format jwk");
  verb->add_option("HANDLE", options->key,
                   "NAME:00000001T, the 44-character handle, or a URI")
      ->required();
  verb->add_option("--to", options->file,
                   "a new file, of mode 0600, or - (standard output)")
      ->required();
  verb->add_option("--format", options->format,
                   "raw (default), hex, base64 or jwk");
  SetRun(verb, invocation, options, &Export);
}

}  // namespace sigtoken::cli
