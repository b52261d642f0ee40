// sigtoken sign|verify

#include "signer/jws/base64url.h"
#include "tools/cli/command.h"
#include "tools/cli/input.h"

namespace sigtoken::cli {
namespace {

struct Options {
  std::string key;
  std::string algorithm;
  std::string mac;
  std::string file;
};

Result<Answer> Sign(Context& context, const Options& options) {
  SIGTOKEN_ASSIGN(const MacAlgorithm* algorithm,
                  ParseMacAlgorithm(options.algorithm));
  SIGTOKEN_ASSIGN(const Key key, context.FindKey(options.key));
  SIGTOKEN_ASSIGN(const std::string data,
                  ReadInput(options.file, kMaxDataBytes));
  SIGTOKEN_ASSIGN(const Mac mac, key.Sign(*algorithm, AsBytes(data)));
  Answer answer;
  const std::string text = EncodeBase64Url(mac.bytes());
  answer.json = {{"alg", algorithm->name}, {"mac", text}};
  answer.text = text + "\n";
  return answer;
}

Result<Answer> Verify(Context& context, const Options& options) {
  SIGTOKEN_ASSIGN(const MacAlgorithm* algorithm,
                  ParseMacAlgorithm(options.algorithm));
  const auto mac = DecodeBase64Url(options.mac);
  if (!mac) {
    return Refusal(kLengthInvalid, CKR_ARGUMENTS_BAD,
                   "the MAC is not base64url: " +
                       std::string(WhyNotBase64Url(options.mac)),
                   "copy what 'sigtoken sign' printed, whole");
  }
  SIGTOKEN_ASSIGN(const Key key, context.FindKey(options.key));
  SIGTOKEN_ASSIGN(const std::string data,
                  ReadInput(options.file, kMaxDataBytes));
  SIGTOKEN_ASSIGN(const bool verified,
                  key.Verify(*algorithm, AsBytes(data), AsBytes(*mac)));
  Answer answer;
  answer.json = {{"verified", verified}};
  answer.text = verified ? "verified\n" : "not verified\n";
  if (!verified) {
    answer.status = kNo;
    answer.message =
        "the MAC does not fit (ICSF 4/8000, X'1F40'). Compare key, algorithm "
        "and data with those that made it";
  }
  return answer;
}

}  // namespace

void AddMacCommands(CLI::App& app, Invocation& invocation) {
  const auto add = [&](const std::string& name, const std::string& summary,
                       const std::string& example,
                       Result<Answer> (*run)(Context&, const Options&)) {
    auto options = std::make_shared<Options>();
    CLI::App* verb = AddVerb(app, name, summary, example);
    verb->add_option("--key", options->key,
                     "NAME:00000001T, the 44-character handle, or a URI")
        ->required();
    verb->add_option("--alg", options->algorithm, "HS256, HS384 or HS512")
        ->required();
    verb->add_option("FILE", options->file,
                     "what to read; standard input for - or nothing");
    SetRun(verb, invocation, options, run);
    return std::make_pair(verb, options);
  };
  add("sign", "make the MAC of a file (ICSF's CSFPHMG)",
      "printf hello | sigtoken sign --key IDTTKN.JWT.SECRET:1T --alg HS256",
      &Sign);
  const auto [verb, options] = add(
      "verify", "check the MAC of a file (ICSF's CSFPHMV)",
      "printf hello | sigtoken verify --key IDTTKN.JWT.SECRET:1T --alg HS256 "
      "--mac MAC",
      &Verify);
  verb->add_option("--mac", options->mac, "base64url, as sign prints it")
      ->required();
}

}  // namespace sigtoken::cli
