// sigtoken key generate

#include <charconv>
#include <system_error>

#include "keygen/generate.h"
#include "pkcs11/base/printable.h"
#include "pkcs11/tokens/omnipresent.h"
#include "tools/cli/command.h"
#include "tools/cli/key_json.h"

namespace sigtoken::cli {
namespace {

struct Options {
  std::string token;
  std::string algorithm;
  std::string bytes;
  std::string label;
  std::string category = "T";
  bool verify_only = false;
  bool exportable = false;
  bool if_absent = false;
};

Error BadOption(const std::string& what, const std::string& cure) {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD, what, cure);
}

Result<std::size_t> ParseBytes(const std::string& text) {
  std::size_t bytes = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, bytes);
  if (parsed.ec == std::errc() && parsed.ptr == end) return bytes;
  return BadOption(Quoted(text) + " is not a number of bytes",
                   "use 1 to " + std::to_string(kMaxKeyBytes));
}

Result<KeySpec> ToSpec(const Options& options) {
  KeySpec spec;
  if (!options.algorithm.empty() && !options.bytes.empty()) {
    return BadOption("--alg and --bytes both say how long the key is",
                     "use one of them");
  }
  if (!options.algorithm.empty()) {
    SIGTOKEN_ASSIGN(spec.algorithm, ParseMacAlgorithm(options.algorithm));
    spec.bytes = spec.algorithm->mac_bytes;
  }
  if (!options.bytes.empty()) {
    SIGTOKEN_ASSIGN(spec.bytes, ParseBytes(options.bytes));
  }
  if (options.category.size() != 1) {
    return BadOption(
        "the category " + Quoted(options.category) + " is not one letter",
        "use T for a clear or Y for a secure token object");
  }
  spec.label = options.label;
  spec.category = options.category.front();
  spec.verify_only = options.verify_only;
  spec.exportable = options.exportable;
  spec.if_absent = options.if_absent;
  spec.any_size = options.algorithm.empty() && options.bytes.empty();
  return spec;
}

Result<Answer> Generate(Context& context, const Options& options) {
  SIGTOKEN_ASSIGN(const TokenName name, TokenName::Parse(options.token));
  SIGTOKEN_TRY(CheckTakesTokenObjects(name));
  SIGTOKEN_ASSIGN(const KeySpec spec, ToSpec(options));
  SIGTOKEN_ASSIGN(Directory * directory, context.directory());
  SIGTOKEN_ASSIGN(const auto token, directory->FindToken(name));
  SIGTOKEN_ASSIGN(const MadeKey made, GenerateKey(*token, spec));
  return MadeKeyAnswer(*token, made);
}

}  // namespace

void AddKeyGenerate(CLI::App& key, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      AddVerb(key, "generate", "make a random secret key (ICSF's CSFPGSK)",
              "sigtoken key generate --token IDTTKN.JWT.SECRET --alg HS256");
  verb->add_option("--token", options->token, "the token's name")->required();
  verb->add_option("--alg", options->algorithm,
                   "HS256, HS384 or HS512: 32, 48 or 64 bytes");
  verb->add_option("--bytes", options->bytes,
                   "the size, where no algorithm says it; 64 by default");
  verb->add_option("--label", options->label, "CKA_LABEL, at most 32 bytes");
  verb->add_option("--category", options->category,
                   "T clear (default) or Y secure token object");
  verb->add_flag("--verify-only", options->verify_only,
                 "a key that cannot sign: CKA_SIGN FALSE");
  verb->add_flag("--exportable", options->exportable,
                 "a key whose value can be read: category T only");
  verb->add_flag("--if-absent", options->if_absent,
                 "with --label: a key of that label is the answer");
  SetRun(verb, invocation, options, &Generate);
}

}  // namespace sigtoken::cli
