#include "pkcs11/setup/uri.h"

#include <cstring>
#include <random>
#include <string>
#include <string_view>

#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;

using Bytes = std::vector<std::uint8_t>;

template <std::size_t kSize>
void Fill(CK_UTF8CHAR (&field)[kSize], std::string_view text, char padding) {
  std::memset(field, padding, kSize);
  std::memcpy(field, text.data(), text.size());
}

CK_TOKEN_INFO Info(std::string_view label, std::string_view manufacturer,
                   std::string_view model, std::string_view serial,
                   char padding = ' ') {
  CK_TOKEN_INFO info{};
  Fill(info.label, label, padding);
  Fill(info.manufacturerID, manufacturer, padding);
  Fill(info.model, model, padding);
  Fill(info.serialNumber, serial, padding);
  return info;
}

const CK_TOKEN_INFO kInfo = Info("prod hsm", "Vendor", "X1", "0011");

TEST(UriTest, ReadsTheExampleOfTheConfiguration) {
  const auto uri = Uri::Parse(
      "pkcs11:token=prod-hsm;serial=0011?module-path=/usr/lib/vendor/"
      "libp11.so&pin-source=file:/run/credentials/idt.pin");
  ASSERT_THAT(uri, IsOk());
  EXPECT_EQ(uri->token_label(), "prod-hsm");
  EXPECT_EQ(uri->serial(), "0011");
  EXPECT_EQ(uri->module_path(), "/usr/lib/vendor/libp11.so");
  EXPECT_EQ(uri->pin_source(), "file:/run/credentials/idt.pin");
  EXPECT_EQ(uri->manufacturer(), std::nullopt);
  EXPECT_EQ(uri->model(), std::nullopt);
  EXPECT_EQ(uri->slot_id(), std::nullopt);
  EXPECT_EQ(uri->module_name(), std::nullopt);
  EXPECT_EQ(uri->object_label(), std::nullopt);
  EXPECT_EQ(uri->id(), std::nullopt);
  EXPECT_EQ(uri->type(), std::nullopt);
  EXPECT_EQ(uri->search_attributes(), std::vector<SearchAttribute>());
}

TEST(UriTest, ReadsAKey) {
  const auto uri =
      Uri::Parse("pkcs11:object=idt%20signing;id=%00%ffA;type=secret-key");
  ASSERT_THAT(uri, IsOk());
  EXPECT_EQ(uri->object_label(), "idt signing");
  EXPECT_EQ(uri->id(), (Bytes{0x00, 0xFF, 'A'}));
  EXPECT_EQ(uri->type(), CK_OBJECT_CLASS{CKO_SECRET_KEY});

  const CK_OBJECT_CLASS type = CKO_SECRET_KEY;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&type);
  const std::string label = "idt signing";
  EXPECT_EQ(uri->search_attributes(),
            (std::vector<SearchAttribute>{
                {CKA_CLASS, Bytes(bytes, bytes + sizeof type)},
                {CKA_ID, {0x00, 0xFF, 'A'}},
                {CKA_LABEL, Bytes(label.begin(), label.end())},
            }));
}

TEST(UriTest, ReadsTheOtherAttributes) {
  const auto uri =
      Uri::Parse("pkcs11:manufacturer=V;model=M;slot-id=5?module-name=n");
  ASSERT_THAT(uri, IsOk());
  EXPECT_EQ(uri->manufacturer(), "V");
  EXPECT_EQ(uri->model(), "M");
  EXPECT_EQ(uri->slot_id(), CK_SLOT_ID{5});
  EXPECT_EQ(uri->module_name(), "n");
}

TEST(UriTest, AnEmptyIdIsNotTheSameAsNone) {
  EXPECT_EQ(Uri::Parse("pkcs11:id=")->id(), Bytes());
  EXPECT_EQ(Uri::Parse("pkcs11:object=")->object_label(), "");
  EXPECT_EQ(Uri::Parse("pkcs11:token=")->token_label(), "");
}

TEST(UriTest, RefusesWhatIsNoUri) {
  for (const char* text : {
           "",
           "token=a",
           "PKCS11:token=a",
           "pkcs11:token=%zz",
           "pkcs11:token=%4",
           "pkcs11:token=%",
           "pkcs11:token=a;;",
           "pkcs11:slot-id=x",
           "pkcs11:slot-id=-1",
           "pkcs11:slot-id=1x",
           "pkcs11:library-version=x",
           "pkcs11:library-version=1.0x",
           "pkcs11:type=hmac",
           "pkcs11:type=",
           "pkcs11:token=123456789012345678901234567890123",
           "pkcs11:serial=12345678901234567",
           "pkcs11:token=a?pin-value=1",
       }) {
    SCOPED_TRACE(text);
    EXPECT_THAT(Uri::Parse(text), FailsWith(kParameterInvalid));
  }
}

TEST(UriTest, DoesNotRepeatValuesInItsMessages) {
  EXPECT_EQ(MessageOf(Uri::Parse("pkcs11:token=8642%zz")),
            "the text is not a usable PKCS#11 URI: URI encoding invalid or "
            "corrupted");
}

TEST(UriTest, MatchesATokenByAllThatIsSaid) {
  for (const char* text :
       {"pkcs11:", "pkcs11:token=prod%20hsm", "pkcs11:serial=0011",
        "pkcs11:model=X1;manufacturer=Vendor", "pkcs11:id=%01",
        "pkcs11:token=prod%20hsm;serial=0011;model=X1;manufacturer=Vendor"}) {
    EXPECT_TRUE(Uri::Parse(text)->MatchesToken(kInfo)) << text;
  }
  for (const char* text :
       {"pkcs11:token=prod", "pkcs11:token=prod%20hsm2",
        "pkcs11:token=", "pkcs11:token=Prod%20hsm", "pkcs11:serial=11",
        "pkcs11:serial=00110", "pkcs11:token=prod%20hsm;serial=0012",
        "pkcs11:model=X", "pkcs11:token=prod%20hsm;manufacturer=vendor"}) {
    EXPECT_FALSE(Uri::Parse(text)->MatchesToken(kInfo)) << text;
  }
}

TEST(UriTest, MatchesATokenThatIsPaddedWithNul) {
  const CK_TOKEN_INFO info = Info("prod hsm", "Vendor", "X1", "0011", '\0');
  EXPECT_TRUE(
      Uri::Parse("pkcs11:token=prod%20hsm;serial=0011")->MatchesToken(info));
  EXPECT_EQ(FormatTokenUri(info), FormatTokenUri(kInfo));
}

TEST(UriTest, MatchesModuleAndSlotByWhatIsSaid) {
  CK_INFO module{};
  Fill(module.manufacturerID, "Vendor", '\0');
  Fill(module.libraryDescription, "Library", ' ');
  module.libraryVersion = {1, 2};
  CK_SLOT_INFO slot{};
  Fill(slot.slotDescription, "Slot", '\0');
  Fill(slot.manufacturerID, "Maker", ' ');

  const auto good = Uri::Parse(
      "pkcs11:library-manufacturer=Vendor;library-description=Library;"
      "library-version=1.2;slot-description=Slot;slot-manufacturer=Maker;"
      "slot-id=3");
  ASSERT_THAT(good, IsOk());
  EXPECT_TRUE(good->MatchesModule(module));
  EXPECT_TRUE(good->MatchesSlot(3, slot));
  EXPECT_FALSE(good->MatchesSlot(4, slot));
  EXPECT_FALSE(
      Uri::Parse("pkcs11:library-description=Lib")->MatchesModule(module));
  EXPECT_FALSE(Uri::Parse("pkcs11:library-version=1.3")->MatchesModule(module));
  EXPECT_FALSE(Uri::Parse("pkcs11:slot-description=Slo")->MatchesSlot(3, slot));
  EXPECT_TRUE(Uri::Parse("pkcs11:")->MatchesSlot(9, slot));
}

TEST(UriTest, CopiesAreTheSameUri) {
  const Uri uri = *Uri::Parse("pkcs11:token=a");
  Uri copy = *Uri::Parse("pkcs11:token=b");
  copy = uri;
  EXPECT_EQ(copy.token_label(), "a");
  EXPECT_EQ(uri.token_label(), "a");
}

TEST(UriTest, WritesATokenWithoutAQuery) {
  EXPECT_EQ(FormatTokenUri(kInfo),
            "pkcs11:token=prod%20hsm;manufacturer=Vendor;serial=0011");
  EXPECT_EQ(FormatTokenUri(Info("a", "", "", "")), "pkcs11:token=a");
  EXPECT_EQ(FormatTokenUri(Info("", "", "", "")), "pkcs11:");
  EXPECT_EQ(
      FormatTokenUri(Info(std::string(32, 'x'), "", "", std::string(16, '1'))),
      "pkcs11:token=" + std::string(32, 'x') +
          ";serial=" + std::string(16, '1'));
}

TEST(UriTest, WritesAKeyByItsIdElseByItsLabel) {
  const std::string id = "A:00000001T";
  const Bytes bytes(id.begin(), id.end());
  EXPECT_EQ(FormatKeyUri(Info("t", "m", "", "1"), bytes, "label"),
            "pkcs11:token=t;manufacturer=m;serial=1;id=A:00000001T;"
            "type=secret-key");
  EXPECT_EQ(FormatKeyUri(Info("t", "", "", ""), {}, "a;b?"),
            "pkcs11:token=t;object=a%3Bb%3F;type=secret-key");
  EXPECT_EQ(FormatKeyUri(Info("", "", "", ""), {}, ""),
            "pkcs11:object=;type=secret-key");
}

// RFC 7512, 2.3: pk11-pchar is unreserved / pk11-res-avail / pct-encoded, and
// "&" in the path.
TEST(UriTest, WritesThePlainCharactersOfTheStandardPlain) {
  const std::string plain = "AZaz09-._~:[]@!$'()*+,=&";
  EXPECT_EQ(FormatKeyUri(Info("", "", "", ""), {}, plain),
            "pkcs11:object=" + plain + ";type=secret-key");
  EXPECT_EQ(FormatKeyUri(Info("", "", "", ""), {}, " \"#%/;<>?\\^`{|}\x7F\xC3"),
            "pkcs11:object=%20%22%23%25%2F%3B%3C%3E%3F%5C%5E%60%7B%7C%7D%7F%C3"
            ";type=secret-key");
}

TEST(UriTest, EveryByteOfAnIdComesBack) {
  for (int byte = 0; byte <= 0xFF; ++byte) {
    const Bytes id = {static_cast<std::uint8_t>(byte)};
    const auto uri = Uri::Parse(FormatKeyUri(kInfo, id, ""));
    ASSERT_THAT(uri, IsOk()) << byte;
    EXPECT_EQ(uri->id(), id) << byte;
    EXPECT_TRUE(uri->MatchesToken(kInfo)) << byte;
  }
}

// A text without NUL, which Cryptoki's padded fields cannot hold, and without a
// blank at its end, which is padding there.
std::string RandomText(std::mt19937& random, std::size_t most) {
  std::uniform_int_distribution<int> byte(1, 0xFF);
  std::string text(random() % (most + 1), ' ');
  for (char& c : text) c = static_cast<char>(byte(random));
  if (!text.empty()) text.back() = 'x';
  return text;
}

TEST(UriTest, PartsThatAreWrittenComeBack) {
  std::mt19937 random(20'250'115);  // The same texts in every run.
  for (int i = 0; i < 2'000; ++i) {
    const std::string label = RandomText(random, 32);
    const std::string serial = RandomText(random, 16);
    const std::string object = RandomText(random, 100);
    const std::string id_text = RandomText(random, 40);
    const Bytes id(id_text.begin(), id_text.end());
    const CK_TOKEN_INFO info = Info(label, "m", "", serial);
    const std::string text = FormatKeyUri(info, id, object);
    SCOPED_TRACE(text);
    const auto uri = Uri::Parse(text);
    ASSERT_THAT(uri, IsOk());
    EXPECT_EQ(uri->token_label().value_or(""), label);
    EXPECT_EQ(uri->serial().value_or(""), serial);
    EXPECT_EQ(uri->id().value_or(Bytes()), id);
    if (id.empty()) {
      EXPECT_EQ(uri->object_label(), object);
    }
    EXPECT_TRUE(uri->MatchesToken(info));
  }
}

}  // namespace
}  // namespace sigtoken
