#include "tests/tools/csf/caller.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <utility>

#include "tests/pkcs11/temporary_folder.h"

namespace sigtoken::testing {
namespace {

template <typename Integer>
std::string Raw(Integer value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

// The pointers of a Request, NULL where it says so.
struct Pointers {
  explicit Pointers(Request& request) : r(request) {}

  std::int32_t* Length(const char* name, std::int32_t& value) const {
    return r.nulls.contains(name) ? nullptr : &value;
  }
  char* Bytes(const char* name, std::string& value) const {
    return r.nulls.contains(name) ? nullptr : value.data();
  }

  Request& r;
  std::int32_t codes[2] = {-1, -1};
  std::int32_t* rc = r.nulls.contains("return_code") ? nullptr : codes;
  std::int32_t* rs = r.nulls.contains("reason_code") ? nullptr : codes + 1;
  char* handle = Bytes("handle", r.handle);
  std::int32_t* rule_count = Length("rule_count", r.rule_count);
  char* rules = Bytes("rules", r.rules);
  std::int32_t* input_length = Length("input_length", r.input_length);
  char* input = Bytes("input", r.input);
  std::int32_t* parms_length = Length("parms_length", r.parms_length);
  char* parms = Bytes("parms", r.parms);
  std::int32_t* text_id = Length("text_id", r.text_id);
  std::int32_t* chain_length = Length("chain_length", r.chain_length);
  char* chain = Bytes("chain", r.chain);
  std::int32_t* output_length = Length("output_length", r.output_length);
  char* output = Bytes("output", r.output);
  std::int32_t* count = Length("count", r.count);
};

template <typename Service>
using Names = std::vector<std::pair<std::string, Service*>>;

using Call = std::function<std::int32_t(const Pointers&)>;

const std::map<std::string, Call>& Calls() {
  static const std::map<std::string, Call> calls = [] {
    std::map<std::string, Call> made;
    for (const auto& [name, service] : Names<decltype(CSFPTRC)>{
             {"CSFPTRC", CSFPTRC}, {"CSFPTRC6", CSFPTRC6}}) {
      made[name] = [service = service](const Pointers& p) {
        return service(p.rc, p.rs, nullptr, nullptr, p.handle, p.rule_count,
                       p.rules, p.input_length, p.input);
      };
    }
    for (const auto& [name, service] : Names<decltype(CSFPTRD)>{
             {"CSFPTRD", CSFPTRD}, {"CSFPTRD6", CSFPTRD6}}) {
      made[name] = [service = service](const Pointers& p) {
        return service(p.rc, p.rs, nullptr, nullptr, p.handle, p.rule_count,
                       p.rules);
      };
    }
    for (const auto& [name, service] : Names<decltype(CSFPTRL)>{
             {"CSFPTRL", CSFPTRL}, {"CSFPTRL6", CSFPTRL6}}) {
      made[name] = [service = service](const Pointers& p) {
        return service(p.rc, p.rs, nullptr, nullptr, p.handle, p.rule_count,
                       p.rules, p.input_length, p.input, p.output_length,
                       p.count, p.output);
      };
    }
    for (const auto& [name, service] : Names<decltype(CSFPGSK)>{
             {"CSFPGSK", CSFPGSK}, {"CSFPGSK6", CSFPGSK6}}) {
      made[name] = [service = service](const Pointers& p) {
        return service(p.rc, p.rs, nullptr, nullptr, p.handle, p.rule_count,
                       p.rules, p.input_length, p.input, p.parms_length,
                       p.parms);
      };
    }
    for (const auto& [name, service] : Names<decltype(CSFPGAV)>{
             {"CSFPGAV", CSFPGAV}, {"CSFPGAV6", CSFPGAV6}}) {
      made[name] = [service = service](const Pointers& p) {
        return service(p.rc, p.rs, nullptr, nullptr, p.handle, p.rule_count,
                       p.rules, p.output_length, p.output);
      };
    }
    for (const auto& [name, service] : Names<decltype(CSFPSAV)>{
             {"CSFPSAV", CSFPSAV}, {"CSFPSAV6", CSFPSAV6}}) {
      made[name] = [service = service](const Pointers& p) {
        return service(p.rc, p.rs, nullptr, nullptr, p.handle, p.rule_count,
                       p.rules, p.input_length, p.input);
      };
    }
    for (const auto& [name, service] :
         Names<decltype(CSFPHMG)>{{"CSFPHMG", CSFPHMG},
                                  {"CSFPHMG6", CSFPHMG6},
                                  {"CSFPOWH", CSFPOWH},
                                  {"CSFPOWH6", CSFPOWH6}}) {
      made[name] = [service = service](const Pointers& p) {
        return service(p.rc, p.rs, nullptr, nullptr, p.rule_count, p.rules,
                       p.input_length, p.input, p.text_id, p.chain_length,
                       p.chain, p.handle, p.output_length, p.output);
      };
    }
    for (const auto& [name, service] : Names<decltype(CSFPHMV)>{
             {"CSFPHMV", CSFPHMV}, {"CSFPHMV6", CSFPHMV6}}) {
      made[name] = [service = service](const Pointers& p) {
        return service(p.rc, p.rs, nullptr, nullptr, p.rule_count, p.rules,
                       p.input_length, p.input, p.text_id, p.chain_length,
                       p.chain, p.handle, p.output_length, p.output);
      };
    }
    for (const auto& [name, service] : Names<decltype(CSFPPRF)>{
             {"CSFPPRF", CSFPPRF}, {"CSFPPRF6", CSFPPRF6}}) {
      made[name] = [service = service](const Pointers& p) {
        return service(p.rc, p.rs, nullptr, nullptr, p.rule_count, p.rules,
                       p.handle, p.parms_length, p.parms, p.output_length,
                       p.output);
      };
    }
    for (const auto& [name, service] :
         Names<decltype(CSNBRNG)>{{"CSNBRNG", CSNBRNG},
                                  {"CSNERNG", CSNERNG},
                                  {"CSFRNG", CSFRNG},
                                  {"CSFRNG6", CSFRNG6}}) {
      made[name] = [service = service](const Pointers& p) {
        return service(p.rc, p.rs, nullptr, nullptr, p.rules, p.output);
      };
    }
    for (const auto& [name, service] :
         Names<decltype(CSNBRNGL)>{{"CSNBRNGL", CSNBRNGL},
                                   {"CSNERNGL", CSNERNGL},
                                   {"CSFRNGL", CSFRNGL},
                                   {"CSFRNGL6", CSFRNGL6}}) {
      made[name] = [service = service](const Pointers& p) {
        return service(p.rc, p.rs, nullptr, nullptr, p.rule_count, p.rules,
                       p.input_length, p.input, p.output_length, p.output);
      };
    }
#define REST(name)                                                            \
  made[#name] = [](const Pointers& p) { return name(p.rc, p.rs, p.handle); }; \
  made[#name "6"] = [](const Pointers& p) { return name##6(p.rc, p.rs); }
    REST(CSFPSKE);
    REST(CSFPSKD);
    REST(CSFPGKP);
    REST(CSFPPKS);
    REST(CSFPPKV);
    REST(CSFPUWK);
    REST(CSFPWPK);
    REST(CSFPDVK);
    REST(CSFPDMK);
    REST(CSFPPD2);
    REST(CSFPPE2);
    REST(CSFPPS2);
    REST(CSFPPV2);
#undef REST
    return made;
  }();
  return calls;
}

std::string CallForHandle(Request request) {
  EXPECT_EQ(request.Call(), (Codes{0, 0})) << request.service;
  return request.handle;
}

}  // namespace

AttributeList& AttributeList::Add(std::uint32_t type, std::string_view value) {
  ++count_;
  attributes_ += Raw(type) + Raw(static_cast<std::uint16_t>(value.size()));
  attributes_ += value;
  return *this;
}

AttributeList& AttributeList::Number(std::uint32_t type, std::uint32_t value) {
  return Add(type, Raw(value));
}

AttributeList& AttributeList::Flag(std::uint32_t type, bool value) {
  return Add(type, std::string(1, value ? '\1' : '\0'));
}

std::string AttributeList::text() const { return Raw(count_) + attributes_; }

std::string ValueIn(std::string_view list, std::uint32_t type) {
  if (list.size() < 2) return "none";
  for (list.remove_prefix(2); list.size() >= 6;) {
    std::uint32_t found = 0;
    std::uint16_t size = 0;
    std::memcpy(&found, list.data(), sizeof found);
    std::memcpy(&size, list.data() + 4, sizeof size);
    if (found == type) return std::string(list.substr(6, size));
    list.remove_prefix(std::min<std::size_t>(list.size(), 6U + size));
  }
  return "none";
}

Request& Request::Rules(const std::vector<std::string>& keywords) {
  rule_count = static_cast<std::int32_t>(keywords.size());
  rules.clear();
  for (std::string keyword : keywords) {
    keyword.resize(8, ' ');
    rules += keyword;
  }
  return *this;
}

Request& Request::Input(std::string_view bytes) {
  input = bytes;
  input_length = static_cast<std::int32_t>(bytes.size());
  return *this;
}

Request& Request::Room(std::size_t bytes) {
  output.assign(bytes, '?');
  output_length = static_cast<std::int32_t>(bytes);
  return *this;
}

Codes Request::Call() {
  const auto found = Calls().find(service);
  if (found == Calls().end()) {
    ADD_FAILURE() << "no service " << service;
    return {};
  }
  const Pointers pointers(*this);
  const std::int32_t value = found->second(pointers);
  if (pointers.rc == nullptr) return {value, pointers.codes[1]};
  EXPECT_EQ(value, pointers.codes[0]) << service << " returns its return code";
  return {pointers.codes[0], pointers.codes[1]};
}

std::string Request::written() const {
  return output.substr(0, static_cast<std::size_t>(output_length));
}

std::string TokenHandle(std::string_view name) {
  std::string handle(name);
  handle.resize(44, ' ');
  return handle;
}

CsfTest::CsfTest() {
  setenv("SIGTOKEN_HOME", home().c_str(), 1);
  unsetenv("SIGTOKEN_CONFIG");
}

const std::filesystem::path& CsfTest::home() {
  static const TemporaryFolder folder;
  static const std::filesystem::path home = folder.path() / "home";
  return home;
}

std::string CsfTest::NewToken() {
  static int tokens = 0;
  Request request{"CSFPTRC", TokenHandle("TOKEN" + std::to_string(++tokens))};
  request.Rules({"TOKEN"}).Input(std::string(64, ' ') + std::string(4, '\0'));
  CallForHandle(request);
  return request.handle;
}

std::string CsfTest::NewKey(const std::string& token) {
  Request request{"CSFPGSK", token};
  request.Rules({"KEY"}).Input(AttributeList()
                                   .Number(CKA_CLASS, CKO_SECRET_KEY)
                                   .Number(CKA_KEY_TYPE, CKK_GENERIC_SECRET)
                                   .Flag(CKA_TOKEN, true)
                                   .Number(CKA_VALUE_LEN, 32)
                                   .text());
  return CallForHandle(request);
}

std::string CsfTest::ImportKey(const std::string& token, std::string_view value,
                               const AttributeList& more) {
  AttributeList list = more;
  Request request{"CSFPTRC", token};
  request.Rules({"OBJECT"})
      .Input(list.Number(CKA_CLASS, CKO_SECRET_KEY)
                 .Number(CKA_KEY_TYPE, CKK_GENERIC_SECRET)
                 .Flag(CKA_TOKEN, true)
                 .Add(CKA_VALUE, value)
                 .text());
  return CallForHandle(request);
}

std::string CsfTest::NewData(const std::string& token) {
  Request request{"CSFPTRC", token};
  request.Rules({"OBJECT"})
      .Input(AttributeList()
                 .Number(CKA_CLASS, CKO_DATA)
                 .Flag(CKA_TOKEN, true)
                 .Add(CKA_LABEL, "DATA")
                 .Add(CKA_VALUE, "kept")
                 .text());
  return CallForHandle(request);
}

Request CsfTest::MacOf(const std::string& key, std::string_view text,
                       const std::string& chaining) {
  Request request{"CSFPHMG", key};
  return request.Rules({"SHA-256", chaining}).Input(text).Room(32);
}

Request CsfTest::RandomOf(const std::string& token, std::size_t bytes) {
  Request request{"CSFPPRF", token};
  return request.Rules({"PRNG"}).Room(bytes);
}

Request CsfTest::List(const std::string& rule, const std::string& handle,
                      std::int32_t count, std::size_t entry_bytes) {
  Request request{"CSFPTRL", handle};
  request.Rules({rule}).Room(static_cast<std::size_t>(count) * entry_bytes);
  request.count = count;
  return request;
}

Request CsfTest::Delete(const std::string& rule, const std::string& handle) {
  Request request{"CSFPTRD", handle};
  return request.Rules({rule});
}

}  // namespace sigtoken::testing
