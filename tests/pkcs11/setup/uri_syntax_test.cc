#include "pkcs11/setup/uri_syntax.h"

#include <string>

#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::CureOf;
using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;

constexpr char kNotUsable[] = "the text is not a usable PKCS#11 URI: ";

TEST(UriSyntaxTest, OnlyTheLowerCaseSchemeBeginsAUri) {
  EXPECT_TRUE(IsPkcs11Uri("pkcs11:"));
  EXPECT_TRUE(IsPkcs11Uri("pkcs11:token=a"));
  for (const char* text : {"", "pkcs11", "PKCS11:token=a", "Pkcs11:",
                           " pkcs11:", "pkcs12:", "file:/x", "A:00000001T"}) {
    EXPECT_FALSE(IsPkcs11Uri(text)) << text;
    EXPECT_THAT(CheckUriSyntax(text), FailsWith(kParameterInvalid)) << text;
  }
}

TEST(UriSyntaxTest, TakesEveryAttributeOfTheStandardOnce) {
  for (const char* text : {
           "pkcs11:",
           "pkcs11:token=",
           "pkcs11:token=a;",
           "pkcs11:token=a?",
           "pkcs11:?module-path=/x",
           "pkcs11:token=a=b",
           "pkcs11:id=%00%01",
           "pkcs11:object=a%00b",
           "pkcs11:slot-id=9999999999999999999",
           "pkcs11:token=a;manufacturer=b;serial=c;model=d;"
           "library-manufacturer=e;library-version=1;library-description=f;"
           "object=g;type=private;id=%01;slot-manufacturer=h;"
           "slot-description=i;slot-id=1"
           "?pin-source=file:/x&module-name=y&module-path=/z",
       }) {
    EXPECT_THAT(CheckUriSyntax(text), IsOk()) << text;
  }
}

TEST(UriSyntaxTest, RefusesWhatP11KitLetsPass) {
  for (const std::string text : {
           "pkcs11:token=a b",  // read as ab
           "pkcs11:token=a\tb",
           "pkcs11:token=a\n",
           " pkcs11:token=a",
           "pkcs11:token=a#b",       // a fragment
           "pkcs11:token=\xC3\xA9",  // not ASCII
           "pkcs11:;token=a",        // read as pkcs11:
           "pkcs11:token=a;;serial=b",
           "pkcs11:token",
           "pkcs11:token=a;token=b",  // read as b
           "pkcs11:?module-path=/a&module-path=/b",
           "pkcs11:?pin-source=file:/a&pin-source=file:/b",
           "pkcs11:?foo=b",  // ignored
           "pkcs11:?x-vendor=b",
           "pkcs11:?token=a",
           "pkcs11:?pinfile=/x",
           "pkcs11:?&module-path=/x",
           "pkcs11:token=%00",  // matches every token
           "pkcs11:token=a%00b",
           "pkcs11:?module-path=/a%00b",
           "pkcs11:?pin-source=file:/a%00b",
           "pkcs11:slot-id=",                      // read as 0
           "pkcs11:slot-id=99999999999999999999",  // runs over
           "pkcs11:module-path=/x",
           "pkcs11:tokn=a",
           "pkcs11:Token=a",
           "pkcs11:to%6Ben=a",
           "pkcs11:x-foo=a",
           "pkcs11:objecttype=cert",
           "pkcs11:=a",
           "pkcs11:=",
       }) {
    EXPECT_THAT(CheckUriSyntax(text), FailsWith(kParameterInvalid)) << text;
  }
}

TEST(UriSyntaxTest, RefusesAPinValueWithoutRepeatingIt) {
  for (const char* text :
       {"pkcs11:token=a?pin-value=8642", "pkcs11:token=a;pin-value=8642",
        "pkcs11:token=a?PIN-Value=8642", "pkcs11:?pin-value=86;42",
        "pkcs11:token=a b?pin-value=8642",
        "pkcs11:token=a?pin-value=8642%zz"}) {
    SCOPED_TRACE(text);
    const auto refused = CheckUriSyntax(text);
    EXPECT_THAT(refused, FailsWith(kParameterInvalid));
    EXPECT_EQ(
        MessageOf(refused),
        kNotUsable + std::string("it has a pin-value, and a PIN must not be "
                                 "written there"));
    EXPECT_EQ(CureOf(refused).find("86"), std::string::npos);
  }
}

TEST(UriSyntaxTest, NamesTheAttributeAndNeverItsValue) {
  const auto unknown = CheckUriSyntax("pkcs11:token=a?pin=8642");
  EXPECT_EQ(
      MessageOf(unknown),
      kNotUsable + std::string("the query has the unknown attribute 'pin'"));
  EXPECT_EQ(CureOf(unknown),
            "known there: pin-source, module-name, module-path");
  EXPECT_EQ(MessageOf(CheckUriSyntax("pkcs11:token=a;8642")),
            kNotUsable + std::string("the path has an attribute without '='"));
  EXPECT_EQ(MessageOf(CheckUriSyntax("pkcs11:token=86;token=42")),
            kNotUsable + std::string("the attribute 'token' is there twice"));
  EXPECT_EQ(
      MessageOf(CheckUriSyntax("pkcs11:serial=8642%00")),
      kNotUsable + std::string("the attribute 'serial' has a NUL character"));
}

}  // namespace
}  // namespace sigtoken
