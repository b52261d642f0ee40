// sigtoken profile match

#include <cstddef>
#include <string>

#include "pkcs11/base/error.h"
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

// Why no profile is used, and what to do.
struct None {
  std::string why;
  std::string cure;
};

None WhyNone(const ClassOptions& options, const std::string& resource) {
  if (!options.active) {
    return {
        "the class IDTDATA is not active: identity tokens are neither made "
        "nor taken",
        "SETROPTS CLASSACT(IDTDATA) RACLIST(IDTDATA)"};
  }
  if (!options.raclisted) {
    return {"the class IDTDATA is not RACLISTed: " + resource +
                " has the defaults, and no key",
            "SETROPTS RACLIST(IDTDATA)"};
  }
  return {
      "no profile covers: " + resource + " has the defaults, and no key",
      options.generic
          ? "define one with RDEFINE, then SETROPTS RACLIST(IDTDATA) REFRESH"
          : "define one with RDEFINE; generic ones are not looked at before "
            "SETROPTS GENERIC(IDTDATA)"};
}

Result<Answer> Match(Context& context, const Options& options) {
  SIGTOKEN_TRY(CheckUserId(options.appl, "application name"));
  SIGTOKEN_TRY(CheckUserId(options.user, "user"));
  SIGTOKEN_ASSIGN(Directory * directory, context.directory());
  const Profiles profiles(directory->database());
  SIGTOKEN_ASSIGN(const ClassOptions settings, profiles.Options());
  const std::string resource = IdtResource(options.appl, options.user);
  // Before RACLIST no request sees one; that one is there is worth knowing.
  const auto view = settings.raclisted ? Profiles::View::kRequests
                                       : Profiles::View::kCommands;
  SIGTOKEN_ASSIGN(
      const auto covering,
      profiles.Covering(view, resource, settings.generic, kMostCandidates));
  SIGTOKEN_ASSIGN(const bool unseen, profiles.HasUnseenChanges());

  Answer answer;
  const bool used = settings.active && settings.raclisted && !covering.empty();
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
    } else if (!used) {
      why = settings.active ? "would be used if the class were RACLISTed"
                            : "would be used if the class were active";
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
  const None none = WhyNone(settings, resource);
  answer.status = kNo;
  answer.message = none.why + ". " + Sentence(none.cure);
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
