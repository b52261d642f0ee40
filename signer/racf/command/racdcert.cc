// RACDCERT ADDTOKEN, DELTOKEN and LISTTOKEN.

#include <algorithm>
#include <array>
#include <utility>

#include "pkcs11/tokens/directory.h"
#include "pkcs11/tokens/object_index.h"
#include "pkcs11/tokens/omnipresent.h"
#include "pkcs11/tokens/other_objects.h"
#include "signer/racf/command/commands.h"
#include "signer/racf/command/keyword.h"

namespace sigtoken {
namespace {

// z/OS Security Server RACF Messages and Codes, IRRD165I, IRRD170I and
// IRRD174I. Those for a token that is not there and for a lack of authority are
// not known to us: what the tokens say stands alone then.
Error AsRacfSays(const TokenName& name, Error error) {
  const IcsfCode code = ToIcsf(error);
  if (code == kNotAvailable) {
    error.message =
        "IRRD165I Cryptoz processing is not operational. The request is not "
        "processed: " +
        error.message;
  } else if (code == kTokenExists) {
    error.message = "IRRD170I Token " + name.text() +
                    " cannot be added. It already exists.";
    error.cure = "choose another name, or use the token that is there";
  } else if (code == kTokenNotEmpty) {
    // RACF deletes certificates and the keys that belong to them with a token,
    // and asks for FORCE for what else is inside. That any object asks for it
    // is ours.
    error.message = "IRRD174I Token " + name.text() +
                    " contains object(s) that are not supported by RACF. The "
                    "request is not processed: " +
                    error.message;
    error.cure = "look at them with RACDCERT LISTTOKEN(" + name.text() +
                 "), or destroy all of them for good with RACDCERT DELTOKEN(" +
                 name.text() + ") FORCE";
  }
  return error;
}

struct Keyword;

// What one command asks for.
struct Request {
  const Keyword* function = nullptr;
  Operand token;
  bool force = false;
};

struct Keyword {
  std::string_view name;
  // Null for what goes with a function.
  Status (*run)(const CommandContext& context, const Request& request);
};

Result<TokenName> NameIn(const Request& request) {
  return TokenName::Parse(request.token.word);
}

Status AddToken(const CommandContext& context, const Request& request) {
  SIGTOKEN_ASSIGN(const TokenName name, NameIn(request));
  // What RACF writes into the record is not in IBM's documents: as 'sigtoken
  // token create' does.
  const auto made = context.directory->CreateToken(name, {"sigtoken", "", ""});
  if (!made) return AsRacfSays(name, made.error());
  return Ok();
}

Status DelToken(const CommandContext& context, const Request& request) {
  SIGTOKEN_ASSIGN(const TokenName name, NameIn(request));
  const auto deleted = context.directory->DeleteToken(name, request.force);
  if (!deleted) return AsRacfSays(name, deleted.error());
  if (context.directory->Binds(name)) {
    context.Print("The objects under handles of " + name.text() +
                  " are destroyed; the module's own token remains.");
  }
  return Ok();
}

// One line of a list. Its form is ours: that of RACF's is not in the documents
// at hand, and has no place for keys.
struct Row {
  std::optional<Handle> handle;
  std::string object;  // As the panels of ICSF's token browser name it.
  std::string bytes;
  std::string state;
  std::string label;
};

struct Column {
  std::string_view title;
  std::size_t width;
};
constexpr auto kColumns = std::to_array<Column>({{"Seq Num", 8},
                                                 {"Category", 8},
                                                 {"Object", 11},
                                                 {"Bytes", 5},
                                                 {"State", 8},
                                                 {"Label", 5}});
using Cells = std::array<std::string, kColumns.size()>;

void PrintCells(const CommandContext& context, const Cells& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    std::string cell = cells[i];
    cell.resize(std::max(cell.size(), kColumns[i].width), ' ');
    line += "  " + cell;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  context.Print(std::move(line));
}

void PrintRow(const CommandContext& context, const Row& row) {
  const auto id = row.handle ? row.handle->object() : std::nullopt;
  PrintCells(context, {id ? Hex(id->sequence, 8) : "-",
                       id ? std::string(1, id->category) : "-", row.object,
                       row.bytes, row.state, Printable(row.label)});
}

std::string NameOfClass(CK_OBJECT_CLASS object_class) {
  switch (object_class) {
    case CKO_DATA:
      return "DATA";
    case CKO_CERTIFICATE:
      return "CERTIFICATE";
    case CKO_PUBLIC_KEY:
      return "PUBLIC KEY";
    case CKO_PRIVATE_KEY:
      return "PRIVATE KEY";
    case CKO_SECRET_KEY:
      return "SECRET KEY";
    default:
      return "OTHER";
  }
}

Row RowOf(const FoundKey& key) {
  return {key.handle, NameOfClass(CKO_SECRET_KEY),
          key.bytes() != 0 ? std::to_string(key.bytes()) : "",
          key.disabled() ? "DISABLED" : "", key.attributes.label};
}

Row RowOf(const OtherObject& object) {
  return {object.handle, NameOfClass(object.object_class), "", "",
          object.label};
}

bool IsBefore(const Row& a, const Row& b) {
  if (a.handle && b.handle) return *a.handle < *b.handle;
  return a.handle.has_value() && !b.handle;
}

void PrintToken(const CommandContext& context, const TokenName& name,
                const KeyList& keys, const std::vector<OtherObject>& others) {
  context.Print("Token: " + name.text());
  std::vector<Row> rows;
  for (const FoundKey& key : keys.keys) rows.push_back(RowOf(key));
  for (const OtherObject& other : others) rows.push_back(RowOf(other));
  std::stable_sort(rows.begin(), rows.end(), IsBefore);
  std::vector<std::string> not_listed = keys.left_out;
  not_listed.insert(not_listed.end(), keys.half_made.begin(),
                    keys.half_made.end());
  if (rows.empty() && not_listed.empty()) {
    context.Print("  No objects: the token is empty.");
    return;
  }
  if (!rows.empty()) {
    Cells titles;
    Cells lines;
    for (std::size_t i = 0; i < kColumns.size(); ++i) {
      titles[i] = kColumns[i].title;
      lines[i] = std::string(kColumns[i].width, '-');
    }
    PrintCells(context, titles);
    PrintCells(context, lines);
  }
  for (const Row& row : rows) PrintRow(context, row);
  for (const std::string& why : not_listed) {
    context.Print("  Cannot be used: " + why);
  }
  const std::string secret = NameOfClass(CKO_SECRET_KEY);
  if (std::any_of(rows.begin(), rows.end(),
                  [&](const Row& row) { return row.object == secret; })) {
    // z/OS ICSF Writing PKCS #11 Applications, "Managing tokens".
    context.Print(
        "  RACF's own LISTTOKEN shows certificates only: secret keys are not "
        "in its list.");
  }
}

Status ListOne(const CommandContext& context, const TokenName& name) {
  Directory& directory = *context.directory;
  if (name.is_omnipresent() && !directory.Binds(name)) {
    return NothingToShow(name);
  }
  SIGTOKEN_ASSIGN(const auto token, directory.FindToken(name));
  // The module is looked at anew for the next one.
  directory.Close(name);
  SIGTOKEN_ASSIGN(const KeyList keys, ListKeys(*token));
  SIGTOKEN_ASSIGN(const auto others, ListOtherObjects(*token));
  if (!context.output.lines.empty()) context.Print("");
  PrintToken(context, name, keys, others);
  return Ok();
}

// One that cannot be looked at is no reason to be silent about the others.
Status ListAll(const CommandContext& context) {
  SIGTOKEN_ASSIGN(const auto names, context.directory->Names());
  for (const TokenName& name : names) {
    auto listed = ListOne(context, name);
    // Another process may have deleted it meanwhile.
    if (listed || ToIcsf(listed.error()) == kTokenNotFound) continue;
    Error& error = listed.error();
    error.message = "token " + name.text() + ": " + error.message;
    context.output.errors.push_back(AsRacfSays(name, std::move(error)));
  }
  if (context.output.lines.empty() && context.output.errors.empty()) {
    context.Print("No tokens: make one with RACDCERT ADDTOKEN(name).");
  }
  return Ok();
}

Status ListToken(const CommandContext& context, const Request& request) {
  if (request.token.word == "*" && !request.token.quoted) {
    return ListAll(context);
  }
  SIGTOKEN_ASSIGN(const TokenName name, NameIn(request));
  auto listed = ListOne(context, name);
  if (!listed) return AsRacfSays(name, std::move(listed).error());
  return Ok();
}

constexpr auto kKeywords = std::to_array<Keyword>({
    {"ADDTOKEN", &AddToken},
    {"DELTOKEN", &DelToken},
    {"FORCE", nullptr},
    {"LISTTOKEN", &ListToken},
});

// RACF's other functions, and what stands beside them (z/OS Security Server
// RACF Command Language Reference, from memory): they count where one is
// shortened, and are refused by name. RACF ignores an owner for tokens; that we
// do not is ours: what is ignored is easily believed.
constexpr auto kOthers = std::to_array<std::string_view>({
    "ADD",          "ADDRING",  "ALTER",     "ALTMAP",    "ALTNAME",
    "BIND",         "BPECC",    "CERTAUTH",  "CHECKCERT", "CONNECT",
    "CRITERIA",     "DEFAULT",  "DELETE",    "DELMAP",    "DELRING",
    "DSA",          "EXPORT",   "FCDSN",     "FORMAT",    "FROMICSF",
    "GENCERT",      "GENREQ",   "HIGHTRUST", "ICSF",      "ID",
    "IDNFILTER",    "IMPORT",   "KEYUSAGE",  "LABEL",     "LIST",
    "LISTCHAIN",    "LISTMAP",  "LISTRING",  "MAP",       "MULTIID",
    "NEWLABEL",     "NISTECC",  "NOTAFTER",  "NOTBEFORE", "NOTRUST",
    "PASSWORD",     "PCICC",    "PKDS",      "REKEY",     "REMOVE",
    "RING",         "ROLLOVER", "RSA",       "SDNFILTER", "SEQNUM",
    "SERIALNUMBER", "SIGNWITH", "SITE",      "SIZE",      "SUBJECTSDN",
    "TOKEN",        "TRUST",    "UNBIND",    "USAGE",     "WITHLABEL",
});

Error Refused(std::string message, std::string cure) {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD, std::move(message),
                 std::move(cure));
}

Result<Request> Read(std::span<const Operand> operands) {
  Request request;
  for (const Operand& operand : operands) {
    SIGTOKEN_ASSIGN(const Keyword* keyword,
                    MatchKeyword(kKeywords, operand, kOthers));
    if (keyword->run == nullptr) {
      SIGTOKEN_TRY(NoValue(operand));
      request.force = true;
      continue;
    }
    // RACF does the last one of several.
    if (request.function != nullptr) {
      return Refused("RACDCERT has two functions, " +
                         std::string(request.function->name) + " and " +
                         std::string(keyword->name),
                     "write one of them");
    }
    request.function = keyword;
    SIGTOKEN_ASSIGN(request.token, OneValue(operand));
  }
  if (request.function == nullptr) {
    return Refused(
        "without a function RACDCERT lists certificates, which are not kept "
        "here",
        "write ADDTOKEN(name), DELTOKEN(name), LISTTOKEN(name) or "
        "LISTTOKEN(*)");
  }
  if (request.force && request.function->run != &DelToken) {
    return Refused("FORCE goes with DELTOKEN alone", "leave it out");
  }
  return request;
}

}  // namespace

Status Racdcert(CommandContext& context, std::span<const Operand> operands) {
  if (context.directory == nullptr) {
    return Refused("RACDCERT works on tokens, and there are none at hand",
                   "give it to 'sigtoken racf'");
  }
  SIGTOKEN_ASSIGN(const Request request, Read(operands));
  return request.function->run(context, request);
}

}  // namespace sigtoken
