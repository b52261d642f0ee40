// sigtoken profile match

#include <cstddef>
#include <string>

#include "signer/idt/key_choice.h"
#include "signer/racf/profile/profiles.h"
#include "signer/racf/user_id.h"
#include "tools/cli/command.h"

namespace sigtoken::cli {
namespace {

// More than these help nobody to see why the first one was taken.
constexpr std::size_t kMostCandidates = 100;

struct Options {
  std::string appl;
  std::string user;
};

std::string KindOf(const Profile& profile) {
  return profile.name.is_generic() ? "generic" : "discrete";
}

// Why no profile is used, though one may cover.
std::string WhyNone(const ClassOptions& options) {
  if (!options.active) return "the class IDTDATA is not active";
  if (!options.raclisted) return "the class IDTDATA is not RACLISTed";
  return options.generic
             ? "no profile covers it"
             : "no profile covers it; generic ones are not looked at before "
               "SETROPTS GENERIC(IDTDATA)";
}

Result<Answer> Match(Context& context, const Options& options) {
  SIGTOKEN_TRY(CheckUserId(options.appl, "application name"));
  SIGTOKEN_TRY(CheckUserId(options.user, "user"));
  SIGTOKEN_ASSIGN(Directory * directory, context.directory());
  const Profiles profiles(directory->database());
  SIGTOKEN_ASSIGN(const ClassOptions settings, profiles.Options());
  const std::string resource = IdtResource(options.appl, options.user);
  SIGTOKEN_ASSIGN(const auto covering,
                  profiles.Covering(Profiles::View::kRequests, resource,
                                    settings.generic, kMostCandidates));
  SIGTOKEN_ASSIGN(const bool unseen, profiles.HasUnseenChanges());

  Answer answer;
  const bool used = settings.active && !covering.empty();
  answer.json = {
      {"resource", resource},
      {"profile", used ? Json(covering.front().name.text()) : Json()},
      {"class",
       {{"active", settings.active},
        {"raclisted", settings.raclisted},
        {"generic", settings.generic}}},
      {"candidates", Json::array()}};
  std::string why;
  for (const Profile& profile : covering) {
    const bool first = &profile == &covering.front();
    if (!first) {
      why = "less specific than the one before";
    } else if (!settings.active) {
      why = WhyNone(settings);
    } else {
      why = profile.name.is_generic()
                ? "the most specific generic profile; no discrete one has the "
                  "name"
                : "a discrete profile of that very name goes before all others";
    }
    answer.json["candidates"].push_back({{"profile", profile.name.text()},
                                         {"kind", KindOf(profile)},
                                         {"why", why}});
    answer.text +=
        profile.name.text() + "  " + KindOf(profile) + ": " + why + "\n";
  }
  if (settings.raclisted && unseen) {
    answer.warnings.emplace_back(
        "profiles were changed since: SETROPTS RACLIST(IDTDATA) REFRESH makes "
        "requests see it");
  }
  if (used) return answer;
  answer.status = kNo;
  answer.message =
      WhyNone(settings) + ": " + resource + " has the defaults, and no key";
  return answer;
}

}  // namespace

void AddProfileMatch(CLI::App& app, Invocation& invocation) {
  CLI::App* profile = app.add_subcommand("profile", "IDTDATA profiles");
  profile->require_subcommand(1);
  profile->footer(
      "Example:\n  sigtoken profile match --appl APPL01 --user USER01");
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      AddVerb(*profile, "match", "which profile covers, and why that one",
              "sigtoken profile match --appl APPL01 --user USER01");
  verb->add_option("--appl", options->appl, "application name")->required();
  verb->add_option("--user", options->user, "user ID")->required();
  SetRun(verb, invocation, options, &Match);
}

}  // namespace sigtoken::cli
