// The services that compute and check: HMACs, hashes, signatures.

#include <optional>
#include <string_view>

#include "pkcs11/icsf/rule_array.h"
#include "signer/mac/hmac.h"
#include "signer/mac/one_way_hash.h"
#include "tools/csf/include/csfbext.h"
#include "tools/csf/parameters.h"
#include "tools/csf/second_name.h"
#include "tools/csf/serve.h"

namespace sigtoken::csf {
namespace {

// Whether CSFPOWH's hash parameters are input: a rule array that has come
// through the service is a well-formed one.
bool Verifies(std::string_view rule_array) {
  constexpr std::string_view kVerify = "VER-RSA ";
  static_assert(kVerify.size() == kKeywordLength);
  for (; !rule_array.empty(); rule_array.remove_prefix(kKeywordLength)) {
    if (rule_array.starts_with(kVerify)) return true;
  }
  return false;
}

}  // namespace
}  // namespace sigtoken::csf

using namespace sigtoken;       // NOLINT: the names below are C's.
using namespace sigtoken::csf;  // NOLINT

extern "C" {

int32_t CSFPHMG(int32_t* return_code, int32_t* reason_code,
                const int32_t* /*exit_data_length*/, const void* /*exit_data*/,
                const int32_t* rule_array_count, const void* rule_array,
                const int32_t* text_length, const void* text,
                const int32_t* text_id, int32_t* chain_data_length,
                void* chain_data, const void* key_handle, int32_t* hmac_length,
                void* hmac) {
  return Serve(
      {"CSFPHMG", return_code, reason_code, hmac_length},
      [&](Icsf& icsf) -> Result<IcsfCode> {
        SIGTOKEN_ASSIGN(const auto rules,
                        ReadRuleArray(rule_array_count, rule_array));
        SIGTOKEN_ASSIGN(const auto data, ReadBytes("text", text_length, text));
        SIGTOKEN_TRY(CheckTextId(text_id));
        SIGTOKEN_ASSIGN(auto chain,
                        ChainDataCopy::Read(chain_data_length, chain_data));
        SIGTOKEN_ASSIGN(const auto key, ReadHandle(key_handle));
        SIGTOKEN_ASSIGN(const auto room, FindRoom("hmac", hmac_length, hmac));
        SIGTOKEN_ASSIGN(
            const std::optional<Mac> mac,
            GenerateHmac(icsf, {rules, data, chain.bytes(), key}, room.size()));
        if (mac) WriteBytes(hmac, mac->bytes());
        WriteLength(hmac_length, mac ? mac->bytes().size() : 0);
        chain.WriteBack(chain_data_length);
        return kIcsfDone;
      });
}
SIGTOKEN_CSF_SECOND_NAME(CSFPHMG6, CSFPHMG);

int32_t CSFPHMV(int32_t* return_code, int32_t* reason_code,
                const int32_t* /*exit_data_length*/, const void* /*exit_data*/,
                const int32_t* rule_array_count, const void* rule_array,
                const int32_t* text_length, const void* text,
                const int32_t* text_id, int32_t* chain_data_length,
                void* chain_data, const void* key_handle,
                const int32_t* hmac_length, const void* hmac) {
  return Serve(
      {"CSFPHMV", return_code, reason_code},
      [&](Icsf& icsf) -> Result<IcsfCode> {
        SIGTOKEN_ASSIGN(const auto rules,
                        ReadRuleArray(rule_array_count, rule_array));
        SIGTOKEN_ASSIGN(const auto data, ReadBytes("text", text_length, text));
        SIGTOKEN_TRY(CheckTextId(text_id));
        SIGTOKEN_ASSIGN(auto chain,
                        ChainDataCopy::Read(chain_data_length, chain_data));
        SIGTOKEN_ASSIGN(const auto key, ReadHandle(key_handle));
        SIGTOKEN_ASSIGN(const auto given, ReadBytes("hmac", hmac_length, hmac));
        SIGTOKEN_ASSIGN(
            const bool fits,
            VerifyHmac(icsf, {rules, data, chain.bytes(), key}, given));
        chain.WriteBack(chain_data_length);
        return fits ? kIcsfDone : kMacNotVerified;
      });
}
SIGTOKEN_CSF_SECOND_NAME(CSFPHMV6, CSFPHMV);

int32_t CSFPOWH(int32_t* return_code, int32_t* reason_code,
                const int32_t* /*exit_data_length*/, const void* /*exit_data*/,
                const int32_t* rule_array_count, const void* rule_array,
                const int32_t* text_length, const void* text,
                const int32_t* text_id, int32_t* chain_data_length,
                void* chain_data, const void* handle, int32_t* hash_length,
                void* hash) {
  return Serve(
      {"CSFPOWH", return_code, reason_code, hash_length},
      [&](Icsf& icsf) -> Result<IcsfCode> {
        SIGTOKEN_ASSIGN(const auto rules,
                        ReadRuleArray(rule_array_count, rule_array));
        SIGTOKEN_ASSIGN(const auto data, ReadBytes("text", text_length, text));
        SIGTOKEN_TRY(CheckTextId(text_id));
        SIGTOKEN_ASSIGN(auto chain,
                        ChainDataCopy::Read(chain_data_length, chain_data));
        SIGTOKEN_ASSIGN(const auto key, ReadHandle(handle));
        SIGTOKEN_ASSIGN(const auto room, FindRoom("hash", hash_length, hash));
        SIGTOKEN_ASSIGN(
            const auto answer,
            OneWayHash(icsf, {rules, data, chain.bytes(), key, room}));
        chain.WriteBack(chain_data_length);
        if (Verifies(rules)) {
          return answer.verified ? kIcsfDone : kSignatureNotVerified;
        }
        WriteBytes(hash, answer.hash);
        WriteLength(hash_length, answer.hash.size());
        return kIcsfDone;
      });
}
SIGTOKEN_CSF_SECOND_NAME(CSFPOWH6, CSFPOWH);

}  // extern "C"
