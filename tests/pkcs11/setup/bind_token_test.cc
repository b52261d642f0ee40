// BindToken: a token that a URI alone names.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "pkcs11/setup/configuration.h"
#include "tests/embedded_home.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::CureOf;
using testing::FailsWith;
using testing::MessageOf;
using testing::Must;
using testing::Name;

TEST(BindTokenTest, AUriBindsAsATokenOfTheConfigurationDoes) {
  const BoundToken bound = Must(BindToken(
      Name("A"), "pkcs11:token=a?module-path=/m.so&pin-source=prompt:", "x=y"));
  EXPECT_EQ(bound.name, Name("A"));
  EXPECT_EQ(bound.uri.token_label(), "a");
  EXPECT_EQ(bound.uri.module_path(), "/m.so");
  EXPECT_EQ(bound.init, "x=y");
  ASSERT_TRUE(bound.pin_source);
  EXPECT_EQ(bound.pin_source->kind(), PinSource::Kind::kPrompt);
  EXPECT_FALSE(bound.so_pin_source);
  EXPECT_TRUE(bound.keys.empty());
  EXPECT_FALSE(
      Must(BindToken(Name("A"), "pkcs11:serial=1?module-path=/m.so", ""))
          .pin_source);
}

TEST(BindTokenTest, AUriThatNamesNoTokenIsRefused) {
  struct Row {
    std::string uri;
    std::string message;
    std::string cure;
  };
  for (const Row& row : {
           Row{"pkcs11:token=a", "'uri' has no module-path",
               "add ?module-path=/PATH/OF/MODULE.so to it"},
           Row{"pkcs11:token=a?module-path=m.so",
               "the module-path of 'uri' is not absolute",
               "add ?module-path=/PATH/OF/MODULE.so to it"},
           Row{"pkcs11:token=a?module-path=/m.so&module-name=m",
               "'uri' has a module-name, which is not used",
               "leave it out: module-path says which module"},
           Row{"pkcs11:?module-path=/m.so",
               "'uri' does not say which token it names",
               "add token=LABEL or serial=NUMBER to it"},
           Row{"pkcs11:token=a;object=k?module-path=/m.so",
               "'uri' names an object, not a token",
               "write object, id and type into a [[token.key]]"},
       }) {
    SCOPED_TRACE(row.uri);
    const auto bound = BindToken(Name("A"), row.uri, "");
    EXPECT_THAT(bound, FailsWith(kParameterInvalid));
    EXPECT_EQ(MessageOf(bound), row.message);
    EXPECT_EQ(CureOf(bound), row.cure);
  }
  for (const std::string uri :
       {"", "/m.so", "PKCS11:token=a?module-path=/m.so",
        "pkcs11:token=a?module-path=/m.so&pin-value=1234",
        "pkcs11:token=a?module-path=/m.so&pin-source=env:PIN"}) {
    const auto bound = BindToken(Name("A"), uri, "");
    EXPECT_THAT(bound, FailsWith(kParameterInvalid)) << uri;
    EXPECT_EQ(MessageOf(bound).find("1234"), std::string::npos);
  }
}

}  // namespace
}  // namespace sigtoken
