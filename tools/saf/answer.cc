#include "tools/saf/answer.h"

#include <array>
#include <cstdio>

#include "tools/c_library/messages.h"

namespace sigtoken::saf {

std::int32_t Answer::Write(RacfCode code) const {
  if (saf != nullptr) *saf = code.saf;
  if (racf != nullptr) *racf = code.racf;
  if (reason != nullptr) *reason = code.reason;
  return code.saf;
}

std::int32_t Answer::WriteRefusal(RacfCode code, const Error& error) const {
  Say(ToText(error), code);
  return Write(code);
}

std::int32_t Answer::WriteGenerated(const GenerateResult& result) const {
  Write(result.code);
  return Explain(result.code, [&] {
    Warn(result.warnings);
    SayNoToken(result, result.code);
    Say(result.console);
  });
}

std::int32_t Answer::WriteRacroute(const RacrouteResult& result) const {
  Write(result.code);
  return Explain(result.code, [&] {
    Warn(result.warnings);
    if (!result.ignored.empty() && !result.generated) {
      Say("the IDTA was not looked at: " + result.ignored, result.code);
    }
    if (result.code != kRacfDone) {
      Say(result.error ? ToText(*result.error) : result.reason, result.code);
    } else if (result.generated) {
      SayNoToken(*result.generated, result.code);
    }
    Say(result.console);
  });
}

std::int32_t Answer::WriteFault(const char* what) const {
  std::array<char, 32> codes{};
  static_cast<void>(
      std::snprintf(codes.data(), codes.size(),
                    surface == RacfSurface::kInitAcee ? "%d/%d/%d" : "%X/%X/%X",
                    fault.saf, fault.racf, fault.reason));
  c_library::WriteFaultMessage(service, what, codes.data());
  return Write(fault);
}

void Answer::Say(const std::string& text) const {
  if (!text.empty()) c_library::WriteMessage(service, text);
}

void Answer::Say(std::string_view why, RacfCode code) const {
  c_library::WriteMessage(
      service, std::string(why) + " [" + std::string(RacfSurfaceName(surface)) +
                   ' ' + FormatRacfCode(surface, code) + ']');
}

void Answer::SayNoToken(const GenerateResult& result, RacfCode code) const {
  if (result.returned) return;
  const std::string why =
      result.error ? ToText(*result.error) : "no identity token came back";
  c_library::WriteMessage(
      service, why + " [" + std::string(RacfSurfaceName(surface)) + ' ' +
                   FormatRacfCode(surface, code) + ", IDTA_IDT_Gen_RC " +
                   std::to_string(result.idt_gen_rc) + ']');
}

void Answer::Warn(const std::vector<std::string>& warnings) const {
  for (const std::string& warning : warnings) {
    c_library::WriteWarning(service, warning);
  }
}

}  // namespace sigtoken::saf
