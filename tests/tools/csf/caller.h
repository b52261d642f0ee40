// The services of libsigtoken-csf, called with parameters that a test can
// spoil one by one.

#ifndef TESTS_TOOLS_CSF_CALLER_H_
#define TESTS_TOOLS_CSF_CALLER_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tools/csf/include/csfbext.h"
#include "tools/csf/include/csnpdefs.h"

namespace sigtoken::testing {

struct Codes {
  std::int32_t return_code = -1;
  std::int32_t reason_code = -1;

  friend bool operator==(const Codes&, const Codes&) = default;
};

inline std::ostream& operator<<(std::ostream& stream, const Codes& codes) {
  return stream << codes.return_code << '/' << codes.reason_code;
}

// An attribute list in the byte order of this machine.
class AttributeList {
 public:
  AttributeList& Add(std::uint32_t type, std::string_view value);
  AttributeList& Number(std::uint32_t type, std::uint32_t value);
  AttributeList& Flag(std::uint32_t type, bool value);
  std::string text() const;

 private:
  std::uint16_t count_ = 0;
  std::string attributes_;
};

// The value of `type` in a list, or "none".
std::string ValueIn(std::string_view list, std::uint32_t type);

// The parameters of a call. Services differ in what they have; what one does
// not have it does not see.
struct Request {
  std::string service = {};
  std::string handle = std::string(44, ' ');  // Also a key's.
  std::int32_t rule_count = 0;
  std::string rules = {};  // Also the form of CSNBRNG.
  // Attribute list, search template, text, or the reserved parameter.
  std::int32_t input_length = 0;
  std::string input = {};
  std::int32_t parms_length = 0;
  std::string parms = {};
  std::int32_t text_id = 0;
  std::int32_t chain_length = 128;
  std::string chain = std::string(128, '\0');
  // What the service writes; and the MAC or signature that it checks.
  std::int32_t output_length = 0;
  std::string output = {};
  std::int32_t count = 0;  // Of CSFPTRL.

  // The fields above, by name, that are NULL in the call; of a length and what
  // it counts each for itself: "input", "input_length".
  std::set<std::string> nulls = {};

  friend bool operator==(const Request&, const Request&) = default;

  // Keywords, each padded to 8 characters.
  Request& Rules(const std::vector<std::string>& keywords);
  Request& Input(std::string_view bytes);
  Request& Room(std::size_t bytes);

  Codes Call();
  // What came back, `output_length` bytes of it.
  std::string written() const;
};

// 44 characters: `name`, blanks.
std::string TokenHandle(std::string_view name);

// A test with a home that this process keeps for all of its tests: the library
// opens one home in a process.
class CsfTest : public ::testing::Test {
 protected:
  CsfTest();

  static const std::filesystem::path& home();

  // The handle of a new token.
  std::string NewToken();
  // A key of 32 bytes as CSFPGSK makes it, with these attributes more.
  static std::string NewKey(const std::string& token);
  // As CSFPTRC makes it of its value.
  static std::string ImportKey(const std::string& token, std::string_view value,
                               const AttributeList& more);
  static std::string NewData(const std::string& token);

  // Requests that are answered 0/0 (or 4/3017) as they are.
  static Request MacOf(const std::string& key, std::string_view text,
                       const std::string& chaining = "ONLY");
  static Request RandomOf(const std::string& token, std::size_t bytes);
  static Request List(const std::string& rule, const std::string& handle,
                      std::int32_t count, std::size_t entry_bytes);
  static Request Delete(const std::string& rule, const std::string& handle);
};

}  // namespace sigtoken::testing

#endif  // TESTS_TOOLS_CSF_CALLER_H_
