#include "signer/idta/racroute_conditions.h"

namespace sigtoken {
namespace {

// "PLV0001": the releases whose parameter lists have an IDTA.
bool IsPlv(std::string_view release) {
  return release.size() == 7 && release.starts_with("PLV") &&
         release.find_first_not_of("0123456789", 3) == std::string_view::npos;
}

// "1.9.2", "2.6", "7703", "77A0".
bool IsOlder(std::string_view release) {
  return !release.empty() && release.size() <= 8 && release[0] >= '1' &&
         release[0] <= '9' &&
         release.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.") ==
             std::string_view::npos;
}

}  // namespace

bool IsRelease(std::string_view release) {
  return IsPlv(release) || IsOlder(release);
}

bool Verifies(const RacrouteRequest& request) {
  return request.passchk != Passchk::kNo && !request.start && !request.envrin &&
         !request.icrx && !request.idid;
}

std::string WhyIgnored(const RacrouteRequest& request) {
  if (!IsPlv(request.release) || request.release == "PLV0000") {
    return "RELEASE=" + request.release + " is below PLV0001";
  }
  if (request.envir != Envir::kCreate) return "ENVIR is not CREATE";
  if (request.passchk == Passchk::kNo) return "PASSCHK=NO";
  if (request.start) return "START is there";
  if (request.envrin) return "ENVRIN is there";
  if (request.icrx) return "ICRX is there";
  if (request.idid) return "IDID is there";
  return "";
}

}  // namespace sigtoken
