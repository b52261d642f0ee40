#include "signer/racf/profile/profiles.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <utility>

#include "signer/racf/profile/generic_search.h"

namespace sigtoken {
namespace {

constexpr char kColumns[] =
    "name, generic, owner, uacc, data, idtparms, sigtoken, sigseqnum, sigcat, "
    "sigalg, anyappl, idttimeout, protallowed, siglabelprimary, sigkidprimary";

const char* TableOf(Profiles::View view) {
  return view == Profiles::View::kCommands ? "racf_profiles" : "racf_raclisted";
}

std::string RankOf(const ProfileName& name) {
  return name.is_generic() ? name.Rank() : name.text();
}

void BindRank(SQLite::Statement& statement, int index,
              const std::string& rank) {
  statement.bind(index, rank.data(), static_cast<int>(rank.size()));
}

std::optional<std::string> Text(const SQLite::Column& column) {
  if (column.isNull()) return std::nullopt;
  return column.getString();
}

template <typename T>
std::optional<T> Number(const SQLite::Column& column) {
  if (column.isNull()) return std::nullopt;
  return static_cast<T>(column.getInt64());
}

template <typename T>
void Bind(SQLite::Statement& statement, int index, const std::optional<T>& of) {
  if (of) {
    statement.bind(index, *of);
  } else {
    statement.bind(index);
  }
}

// Columns as in kColumns. A name that this program did not write is left out.
std::optional<Profile> ReadRow(SQLite::Statement& row) {
  auto name = ProfileName::Parse(row.getColumn(0).getString(),
                                 row.getColumn(1).getInt() != 0);
  if (!name) return std::nullopt;
  Profile profile{*std::move(name), row.getColumn(2).getString(),
                  row.getColumn(3).getString(), row.getColumn(4).getString(),
                  std::nullopt};
  if (row.getColumn(5).getInt() == 0) return profile;
  IdtParms& parms = profile.idtparms.emplace();
  parms.sigtoken = Text(row.getColumn(6));
  parms.sigseqnum = Number<std::uint32_t>(row.getColumn(7));
  if (const auto category = Text(row.getColumn(8));
      category && !category->empty()) {
    parms.sigcat = category->front();
  }
  parms.sigalg = Text(row.getColumn(9));
  parms.anyappl = Number<bool>(row.getColumn(10));
  parms.idttimeout = Number<int>(row.getColumn(11));
  parms.protallowed = Number<bool>(row.getColumn(12));
  parms.siglabelprimary = Text(row.getColumn(13));
  parms.sigkidprimary = Text(row.getColumn(14));
  return profile;
}

// All that is read for its lifetime is of one moment. Within a transaction too.
class Moment {
 public:
  explicit Moment(SQLite::Database& connection) : connection_(connection) {
    connection_.exec("SAVEPOINT moment");
  }
  Moment(const Moment&) = delete;
  Moment& operator=(const Moment&) = delete;
  // Nothing was changed: there is nothing that could fail to be kept.
  ~Moment() { connection_.tryExec("RELEASE moment"); }

 private:
  SQLite::Database& connection_;
};

std::string Select(Profiles::View view, const std::string& where) {
  return std::string("SELECT ") + kColumns + " FROM " + TableOf(view) +
         " WHERE class = ? AND " + where;
}

}  // namespace

Status Profiles::AtOneMoment(const std::function<Status()>& work) const {
  Status done = Ok();
  SIGTOKEN_TRY(database_->Run("be read", [&](SQLite::Database& connection) {
    const Moment moment(connection);
    done = work();
  }));
  return done;
}

Result<ClassOptions> Profiles::Options() const {
  ClassOptions options;
  SIGTOKEN_TRY(database_->Run(
      "read the options of a class", [&](SQLite::Database& connection) {
        SQLite::Statement query(connection,
                                "SELECT active, raclisted, generic, gencmd "
                                "FROM racf_classes WHERE class = ?");
        query.bind(1, class_);
        if (!query.executeStep()) return;
        options = {
            query.getColumn(0).getInt() != 0, query.getColumn(1).getInt() != 0,
            query.getColumn(2).getInt() != 0, query.getColumn(3).getInt() != 0};
      }));
  return options;
}

Status Profiles::SetOptions(const ClassOptions& options) {
  return database_->Run(
      "write the options of a class", [&](SQLite::Database& connection) {
        SQLite::Statement put(
            connection,
            "INSERT INTO racf_classes VALUES (?, ?, ?, ?, ?, 0) "
            "ON CONFLICT (class) DO UPDATE SET active = excluded.active, "
            "raclisted = excluded.raclisted, generic = excluded.generic, "
            "gencmd = excluded.gencmd");
        put.bind(1, class_);
        put.bind(2, options.active ? 1 : 0);
        put.bind(3, options.raclisted ? 1 : 0);
        put.bind(4, options.generic ? 1 : 0);
        put.bind(5, options.gencmd ? 1 : 0);
        put.exec();
      });
}

Status Profiles::Unlist() {
  return database_->Run(
      "forget the profiles of a class", [&](SQLite::Database& connection) {
        SQLite::Statement clear(connection,
                                "DELETE FROM racf_raclisted WHERE class = ?");
        clear.bind(1, class_);
        clear.exec();
        SQLite::Statement seen(
            connection, "UPDATE racf_classes SET changed = 0 WHERE class = ?");
        seen.bind(1, class_);
        seen.exec();
      });
}

Status Profiles::Refresh() {
  SIGTOKEN_TRY(Unlist());
  return database_->Run(
      "put the profiles of a class aside", [&](SQLite::Database& connection) {
        SQLite::Statement copy(connection,
                               "INSERT INTO racf_raclisted "
                               "SELECT * FROM racf_profiles WHERE class = ?");
        copy.bind(1, class_);
        copy.exec();
      });
}

Result<bool> Profiles::HasUnseenChanges() const {
  bool changed = false;
  SIGTOKEN_TRY(database_->Run(
      "read the options of a class", [&](SQLite::Database& connection) {
        SQLite::Statement query(
            connection, "SELECT changed FROM racf_classes WHERE class = ?");
        query.bind(1, class_);
        changed = query.executeStep() && query.getColumn(0).getInt() != 0;
      }));
  return changed;
}

Result<std::optional<Profile>> Profiles::Find(const std::string& name,
                                              bool is_generic) const {
  std::optional<Profile> found;
  const auto parsed = ProfileName::Parse(name, is_generic);
  if (!parsed || parsed->is_generic() != is_generic) return found;
  SIGTOKEN_TRY(
      database_->Run("read a profile", [&](SQLite::Database& connection) {
        SQLite::Statement query(
            connection, Select(View::kCommands, "generic = ? AND rank = ?"));
        query.bind(1, class_);
        query.bind(2, is_generic ? 1 : 0);
        BindRank(query, 3, RankOf(*parsed));
        if (query.executeStep()) found = ReadRow(query);
      }));
  return found;
}

// Those that a file of commands runs once for each line: to prepare one takes
// longer than to run it.
struct Profiles::Statements {
  explicit Statements(SQLite::Database& connection)
      : insert(connection, Insert("OR IGNORE")),
        replace(connection, Insert("OR REPLACE")),
        changed(connection,
                "UPDATE racf_classes SET changed = 1 WHERE class = ?") {}

  static std::string Insert(const std::string& how) {
    return "INSERT " + how +
           " INTO racf_profiles VALUES "
           "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  }

  SQLite::Statement insert;
  SQLite::Statement replace;
  SQLite::Statement changed;
};

Profiles::Profiles(Database& database, std::string_view class_name)
    : database_(&database), class_(class_name) {}
Profiles::~Profiles() = default;

Result<bool> Profiles::Write(const Profile& profile, bool replace) {
  bool written = false;
  SIGTOKEN_TRY(
      database_->Run("write a profile", [&](SQLite::Database& connection) {
        if (!statements_)
          statements_ = std::make_unique<Statements>(connection);
        SQLite::Statement& put =
            replace ? statements_->replace : statements_->insert;
        put.reset();
        BindAll(put, profile);
        written = put.exec() > 0;
        if (written) MarkChanged();
      }));
  return written;
}

void Profiles::BindAll(SQLite::Statement& put, const Profile& profile) const {
  const IdtParms parms = profile.idtparms.value_or(IdtParms());
  const auto bit = [](const std::optional<bool>& flag) {
    return flag ? std::optional(*flag ? 1 : 0) : std::nullopt;
  };
  put.bind(1, class_);
  put.bind(2, profile.name.is_generic() ? 1 : 0);
  BindRank(put, 3, RankOf(profile.name));
  put.bind(4, profile.name.text());
  put.bind(5, profile.owner);
  put.bind(6, profile.uacc);
  put.bind(7, profile.data);
  put.bind(8, profile.idtparms ? 1 : 0);
  Bind(put, 9, parms.sigtoken);
  Bind(put, 10, parms.sigseqnum);
  Bind(put, 11,
       parms.sigcat ? std::optional(std::string(1, *parms.sigcat))
                    : std::nullopt);
  Bind(put, 12, parms.sigalg);
  Bind(put, 13, bit(parms.anyappl));
  Bind(put, 14, parms.idttimeout);
  Bind(put, 15, bit(parms.protallowed));
  Bind(put, 16, parms.siglabelprimary);
  Bind(put, 17, parms.sigkidprimary);
}

void Profiles::MarkChanged() {
  statements_->changed.reset();
  statements_->changed.bind(1, class_);
  statements_->changed.exec();
}

Result<bool> Profiles::Add(const Profile& profile) {
  return Write(profile, false);
}

Status Profiles::Put(const Profile& profile) {
  SIGTOKEN_TRY(Write(profile, true));
  return Ok();
}

Result<bool> Profiles::Delete(const ProfileName& name) {
  bool deleted = false;
  SIGTOKEN_TRY(
      database_->Run("delete a profile", [&](SQLite::Database& connection) {
        if (!statements_)
          statements_ = std::make_unique<Statements>(connection);
        SQLite::Statement remove(
            connection,
            "DELETE FROM racf_profiles WHERE class = ? AND generic = ? AND "
            "rank = ?");
        remove.bind(1, class_);
        remove.bind(2, name.is_generic() ? 1 : 0);
        BindRank(remove, 3, RankOf(name));
        deleted = remove.exec() > 0;
        if (deleted) MarkChanged();
      }));
  return deleted;
}

Status Profiles::ForEach(
    const std::function<bool(const Profile&)>& visit) const {
  return database_->Run("read profiles", [&](SQLite::Database& connection) {
    SQLite::Statement query(
        connection, Select(View::kCommands, "1 ORDER BY generic, rank"));
    query.bind(1, class_);
    while (query.executeStep()) {
      const auto profile = ReadRow(query);
      if (profile && !visit(*profile)) break;
    }
  });
}

Result<std::vector<Profile>> Profiles::Covering(View view,
                                                const std::string& resource,
                                                bool generics,
                                                std::size_t most) const {
  std::vector<Profile> covering;
  Status searched = Ok();
  SIGTOKEN_TRY(
      database_->Run("read profiles", [&](SQLite::Database& connection) {
        const Moment moment(connection);
        SQLite::Statement query(connection,
                                Select(view, "generic = ? AND rank = ?"));
        const auto take = [&](bool generic, const std::string& rank) {
          query.reset();
          query.bind(1, class_);
          query.bind(2, generic ? 1 : 0);
          BindRank(query, 3, rank);
          if (!query.executeStep()) return;
          if (auto profile = ReadRow(query)) {
            covering.push_back(*std::move(profile));
          }
        };
        if (most > 0) take(false, resource);
        SQLite::Statement after(
            connection, std::string("SELECT rank FROM ") + TableOf(view) +
                            " WHERE class = ? AND generic = 1 AND rank >= ? "
                            "ORDER BY rank LIMIT 1");
        const GenericSearch::Seek seek =
            [&](const std::string& from) -> Result<std::optional<std::string>> {
          after.reset();
          after.bind(1, class_);
          BindRank(after, 2, from);
          if (!after.executeStep()) return std::optional<std::string>();
          return std::optional(after.getColumn(0).getString());
        };
        GenericSearch search(resource, seek);
        while (generics && covering.size() < most) {
          auto rank = search.Next();
          if (!rank) searched = rank.error();
          if (!rank || !*rank) break;
          take(true, **rank);
        }
      }));
  SIGTOKEN_TRY(searched);
  return covering;
}

}  // namespace sigtoken
