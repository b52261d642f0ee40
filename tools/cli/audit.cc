// sigtoken audit unload|rotate

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <ostream>

#include "pkcs11/base/file_check.h"
#include "signer/audit/audit_reader.h"
#include "signer/audit/audit_unload.h"
#include "tools/cli/command.h"

namespace sigtoken::cli {
namespace {

namespace fs = std::filesystem;
using Readers = std::vector<AuditReader>;

struct Options {
  std::string file;
};

Answer NothingRecorded(Json json, const fs::path& file) {
  Answer answer;
  answer.status = kNo;
  answer.json = std::move(json);
  answer.message = "nothing is recorded yet in " + QuotedPath(file);
  return answer;
}

// All of standard input. 0, or the errno of what stopped it.
int CopyStandardInput(std::FILE* copy) {
  std::array<char, 65'536> piece;
  for (;;) {
    const ssize_t got = read(STDIN_FILENO, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) return std::fflush(copy) == 0 ? 0 : errno;
    const auto count = static_cast<std::size_t>(got);
    if (std::fwrite(piece.data(), 1, count, copy) != count) return errno;
  }
}

// What comes by standard input, in a file that nobody else sees: it is read
// twice, and may be large.
Result<AuditReader> OpenStandardInput() {
  const fs::path name = "standard input";
  std::FILE* copy = std::tmpfile();
  if (copy == nullptr) return SystemError("keep a copy of", name, errno);
  const int failed = CopyStandardInput(copy);
  const int descriptor = dup(fileno(copy));
  static_cast<void>(std::fclose(copy));
  auto reader = AuditReader::Of(descriptor, name);
  if (failed != 0) return SystemError("copy", name, failed);
  return reader;
}

Result<Readers> OpenNamed(const std::string& file) {
  auto reader = file == "-" ? OpenStandardInput() : AuditReader::Open(file);
  if (!reader) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD, reader.error().message,
                   reader.error().cure);
  }
  Readers readers;
  readers.push_back(*std::move(reader));
  return readers;
}

// Whether there is a record at all. A bad line is refused; what is behind the
// last newline and no record is left out, with a warning.
Result<bool> Check(Readers& readers, std::vector<std::string>& warnings) {
  bool any = false;
  for (AuditReader& reader : readers) {
    for (;;) {
      SIGTOKEN_ASSIGN(const auto line, reader.Next());
      if (!line) break;
      const auto unloaded = UnloadAuditRecord(line->text);
      const std::string place =
          QuotedPath(reader.path()) + ":" + std::to_string(line->number) + ": ";
      if (unloaded) {
        any = true;
      } else if (line->whole) {
        return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                       place + unloaded.error().message, unloaded.error().cure);
      } else {
        warnings.push_back(place +
                           "the line is not whole and left out: its writer "
                           "died, and its request was never answered");
      }
    }
    reader.Rewind();
  }
  return any;
}

// After Check() has seen the same lines.
void PrintAll(Readers& readers, bool json, std::ostream& out) {
  std::string_view before = json ? "{\"records\":[" : "";
  for (AuditReader& reader : readers) {
    for (;;) {
      const auto line = reader.Next();
      if (!line) out.setstate(std::ios::badbit);
      if (!line || !*line || !out) break;
      const auto unloaded = UnloadAuditRecord((*line)->text);
      if (!unloaded) break;  // The last line, which is not whole.
      out << before << (json ? Json(*unloaded).dump() : *unloaded + "\n");
      before = json ? "," : "";
    }
  }
  if (json) out << "]}\n";
}

Result<Answer> Unload(Context& context, const Options& options) {
  fs::path file = options.file;
  auto readers = std::make_shared<Readers>();
  if (options.file.empty()) {
    SIGTOKEN_ASSIGN(const Configuration* configuration,
                    context.configuration());
    file = configuration->audit.file;
    SIGTOKEN_ASSIGN(*readers, OpenAll(AuditLog(configuration->audit)));
  } else {
    SIGTOKEN_ASSIGN(*readers, OpenNamed(options.file));
  }
  Answer answer;
  SIGTOKEN_ASSIGN(const bool any, Check(*readers, answer.warnings));
  if (!any) {
    Answer nothing = NothingRecorded({{"records", Json::array()}}, file);
    nothing.warnings = std::move(answer.warnings);
    return nothing;
  }
  answer.stream = [readers, json = context.options().json](std::ostream& out) {
    PrintAll(*readers, json, out);
  };
  return answer;
}

Result<Answer> Rotate(Context& context, const Options& /*options*/) {
  SIGTOKEN_ASSIGN(const Configuration* configuration, context.configuration());
  const fs::path& file = configuration->audit.file;
  std::error_code missing;
  if (fs::file_size(file, missing) == 0 ||
      missing == std::errc::no_such_file_or_directory) {
    return NothingRecorded({{"rotated", false}, {"file", file.string()}}, file);
  }
  SIGTOKEN_TRY(AuditLog(configuration->audit).Rotate());
  Answer answer;
  answer.json = {{"rotated", true}, {"file", file.string()}};
  answer.text = "rotated: " + QuotedPath(file) + "\n";
  return answer;
}

}  // namespace

void AddAuditCommands(CLI::App& app, Invocation& invocation) {
  CLI::App* audit =
      app.add_subcommand("audit", "what was asked for, and what became of it");
  audit->require_subcommand(1);
  audit->footer("Example:\n  sigtoken audit unload");
  auto options = std::make_shared<Options>();
  CLI::App* unload = AddVerb(
      *audit, "unload", "print the records in the columns of z/OS's IRRADU00",
      "sigtoken audit unload > records.txt");
  unload->add_option("FILE", options->file,
                     "an audit file, or - for standard input; the configured "
                     "one with those that it was rotated to if left out");
  SetRun(unload, invocation, options, &Unload);
  CLI::App* rotate =
      AddVerb(*audit, "rotate", "begin a new file with the next record",
              "sigtoken audit rotate");
  SetRun(rotate, invocation, std::make_shared<Options>(), &Rotate);
}

}  // namespace sigtoken::cli
