// Can any parameters break initACEE or RACROUTE, make them write where they
// should not, or let somebody in by a token that nobody made?

#include <fuzzer/FuzzedDataProvider.h>
#include <irrsia00.h>
#include <racroute.h>
#include <sigtoken_audit.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "keygen/generate.h"
#include "pkcs11/setup/configuration.h"
#include "pkcs11/tokens/directory.h"
#include "signer/racf/command/commands.h"
#include "signer/racf/schema.h"

namespace {

using Bytes = std::vector<std::uint8_t>;

void Require(bool holds) {
  if (!holds) std::abort();
}

constexpr std::uint8_t kUntouched = 0xA5;
constexpr std::size_t kMostBuffer = 2048;
constexpr const char* kProfiles =
    "SETROPTS CLASSACT(IDTDATA) GENERIC(IDTDATA)\n"
    "RDEFINE IDTDATA JWT.APPL01.*.SAF "
    "IDTPARMS(SIGTOKEN(IDTTKN.JWT.SECRET) ANYAPPL(NO))\n"
    "SETROPTS RACLIST(IDTDATA)\n";

// The last token that came back; no other is handed in as it is, and so none
// may let anybody in. The size stays: libFuzzer looks for leaks where memory
// grows.
std::string last_made(kMostBuffer, '\0');

// The input, as the parameters of one call.
class Call {
 public:
  explicit Call(FuzzedDataProvider& data) : data_(data) { MakeIdta(); }

  // Not where the input has ended.
  bool Rarely() { return data_.ConsumeIntegralInRange(0, 31) == 31; }
  bool Often() { return data_.ConsumeIntegralInRange(0, 3) != 3; }

  // An area of exactly these bytes, so that a read beyond is seen; now and then
  // none, or one with something in it.
  const void* Zeros(std::size_t bytes) {
    if (!Rarely()) return nullptr;
    return Area(
        data_.ConsumeBool() ? data_.ConsumeBytes<std::uint8_t>(bytes) : Bytes(),
        bytes);
  }

  // A length byte and that many bytes; now and then fewer, behind a length that
  // is none.
  const void* Counted(std::string_view usual, std::size_t most) {
    if (Rarely()) return nullptr;
    Bytes bytes(usual.begin(), usual.end());
    if (Rarely()) {
      bytes = data_.ConsumeBytes<std::uint8_t>(
          data_.ConsumeIntegralInRange<std::size_t>(0, most));
    }
    bytes.insert(bytes.begin(), static_cast<std::uint8_t>(bytes.size()));
    if (Rarely()) {
      bytes[0] = data_.ConsumeIntegralInRange<std::uint8_t>(
          static_cast<std::uint8_t>(most + 1), 255);
    }
    const std::size_t size = bytes.size();
    return Area(std::move(bytes), size);
  }

  std::int32_t Number(std::int32_t most) {
    return Rarely() ? data_.ConsumeIntegral<std::int32_t>()
                    : data_.ConsumeIntegralInRange<std::int32_t>(0, most);
  }

  template <typename T>
  T* Maybe(T* pointer) {
    return Rarely() ? nullptr : pointer;
  }

  const char* Text(const char* usual) {
    if (!Rarely()) return usual;
    texts_.push_back(
        std::make_unique<std::string>(data_.ConsumeRandomLengthString(40)));
    return texts_.back()->c_str();
  }

  void FillAcee(ACEE& acee) {
    Require(acee_init(&acee, "USER01") == 0);
    if (!Rarely()) return;
    const Bytes bytes = data_.ConsumeBytes<std::uint8_t>(sizeof acee);
    if (!bytes.empty()) std::memcpy(&acee, bytes.data(), bytes.size());
  }

  IDTA& idta() { return idta_; }
  Bytes& buffer() { return buffer_; }

 private:
  const void* Area(Bytes bytes, std::size_t size) {
    bytes.resize(size);
    areas_.push_back(std::move(bytes));
    return areas_.back().data();
  }

  void MakeIdta() {
    std::memcpy(idta_.IDTA_ID, IDTA_EYECATCHER, 4);
    idta_.IDTA_Version = Rarely() ? data_.ConsumeIntegral<std::uint16_t>() : 1;
    idta_.IDTA_Length = Rarely() ? data_.ConsumeIntegral<std::uint16_t>() : 36;
    idta_.IDTA_IDT_Type = Rarely() ? data_.ConsumeIntegral<std::uint16_t>() : 1;
    idta_.IDTA_IDT_Prop_In = data_.ConsumeBool() ? 0 : IDTA_End_User_IDT;
    buffer_.assign(data_.ConsumeIntegralInRange<std::size_t>(
                       Rarely() ? 0 : IDTA_IDT_BUFFER_LEN_MIN, kMostBuffer),
                   kUntouched);
    // Never more than there is: that no library can see.
    idta_.IDTA_IDT_Buffer_Len = static_cast<std::uint32_t>(buffer_.size());
    idta_.IDTA_IDT_Buffer_Ptr = Maybe(buffer_.data());
    if (!Often()) GiveToken();
    if (Rarely()) idta_.IDTA_IDT_Len = data_.ConsumeIntegral<std::uint32_t>();
  }

  // One that was made, as it was or not.
  void GiveToken() {
    std::string token =
        Rarely() ? data_.ConsumeRandomLengthString(600) : last_made;
    if (!Often() && !token.empty()) {
      token[data_.ConsumeIntegralInRange<std::size_t>(0, token.size() - 1)] =
          data_.ConsumeIntegral<char>();
    }
    token.resize(std::min(token.size(), buffer_.size()));
    std::copy(token.begin(), token.end(), buffer_.begin());
    idta_.IDTA_IDT_Len = static_cast<std::uint32_t>(token.size());
  }

  FuzzedDataProvider& data_;
  IDTA idta_{};
  Bytes buffer_;
  std::vector<Bytes> areas_;
  std::vector<std::unique_ptr<std::string>> texts_;
};

// What an IDTA and its buffer were before a call, for what they may be after.
class Before {
 public:
  explicit Before(Call& call)
      : call_(call), idta_(call.idta()), buffer_(call.buffer()) {}

  std::string token() const {
    if (idta_.IDTA_IDT_Len > buffer_.size()) return "";
    return std::string(buffer_.begin(), buffer_.begin() + idta_.IDTA_IDT_Len);
  }

  // Whether a new token is there. Three fields may change, and the buffer as
  // far as the token reaches.
  bool CheckAfter(bool done) const {
    IDTA same = call_.idta();
    same.IDTA_IDT_Len = idta_.IDTA_IDT_Len;
    same.IDTA_IDT_Gen_RC = idta_.IDTA_IDT_Gen_RC;
    same.IDTA_IDT_Prop_Out = idta_.IDTA_IDT_Prop_Out;
    Require(std::memcmp(&same, &idta_, sizeof same) == 0);
    const Bytes& after = call_.buffer();
    if ((call_.idta().IDTA_IDT_Prop_Out & IDTA_SAF_IDT_RETURN) == 0) {
      Require(after == buffer_);
      return false;
    }
    Require(done);
    const std::size_t length = call_.idta().IDTA_IDT_Len;
    Require(length <= after.size());
    Require(std::equal(after.begin() + static_cast<std::ptrdiff_t>(length),
                       after.end(),
                       buffer_.begin() + static_cast<std::ptrdiff_t>(length)));
    last_made.assign(after.begin(),
                     after.begin() + static_cast<std::ptrdiff_t>(length));
    return true;
  }

 private:
  Call& call_;
  const IDTA idta_;
  const Bytes buffer_;
};

void InitAcee(Call& call) {
  std::int32_t saf = -1, racf = -1, reason = -1;
  const std::int32_t alet = call.Rarely() ? 1 : 0;
  const auto function =
      static_cast<std::uint8_t>(call.Rarely() ? call.Number(9) : INTA_GENIDT);
  ACEE acee;
  call.FillAcee(acee);
  ACEE* const acee_address = call.Maybe(&acee);
  ACEE* const other_address = call.Rarely() ? &acee : nullptr;
  void* const address = call.Rarely() ? &acee : nullptr;
  IDTA* const idta_address = call.Maybe(&call.idta());
  const Before before(call);
  const std::int32_t value = IRRSIA00(
      nullptr, call.Maybe(&alet), &saf, call.Maybe(&alet), &racf,
      call.Maybe(&alet), &reason, call.Maybe(&function), call.Zeros(4),
      call.Zeros(1), &other_address, call.Counted("APPL01", 8), call.Zeros(1),
      call.Zeros(1), call.Zeros(4), call.Zeros(4), call.Zeros(4), &address,
      call.Maybe(&address), call.Zeros(4), call.Zeros(1), call.Zeros(1),
      call.Zeros(1), call.Maybe(&address), call.Maybe(&alet),
      call.Maybe(&acee_address), call.Maybe(&idta_address));
  Require(value == saf);
  const bool done = saf == 0 && racf == 0 && reason == 0;
  Require(done || (saf == 8 && (racf == 8 || racf == 12 || racf == 16)));
  Require(before.CheckAfter(done) == done);
}

void Racroute(Call& call) {
  std::int32_t saf = -1, racf = -1, reason = -1;
  ACEE acee{};
  RACROUTE_VERIFY keywords{};
  keywords.SIZE = call.Rarely()
                      ? static_cast<std::size_t>(call.Number(
                            static_cast<std::int32_t>(sizeof keywords)))
                      : sizeof keywords;
  // Never more than there is.
  if (keywords.SIZE > sizeof keywords && keywords.SIZE <= 4096) return;
  keywords.ENVIR = call.Rarely() ? call.Number(4) : 0;
  keywords.PASSCHK = call.Rarely() ? call.Number(3) : 0;
  keywords.RELEASE = call.Text("PLV0001");
  keywords.START = call.Zeros(1);
  keywords.ENVRIN = call.Zeros(1);
  keywords.ICRX = call.Zeros(1);
  keywords.IDID = call.Zeros(1);
  keywords.USERID = call.Counted("USER01", 8);
  keywords.APPL = call.Text("APPL01");
  keywords.PASSWRD = call.Often() ? call.Counted("password", 8) : nullptr;
  keywords.PHRASE = call.Rarely() ? call.Counted("a longer one", 100) : nullptr;
  keywords.NEWPASS = call.Rarely() ? call.Counted("password", 8) : nullptr;
  keywords.NEWPHRASE =
      call.Rarely() ? call.Counted("a longer one", 100) : nullptr;
  keywords.AMR = call.Rarely() ? call.Text("saf-pwd mfa-comp") : nullptr;
  keywords.IDTA = call.Maybe(&call.idta());
  keywords.ACEE = call.Maybe(&acee);
  const Before before(call);
  const bool is_last = before.token() == last_made;
  const std::int32_t value = racroute_verify(&keywords, &saf, &racf, &reason);
  Require(value == saf);
  const bool done = saf == 0 && racf == 0 && reason == 0;
  Require(done || saf == 4 || saf == 8);
  Require(done || acee.ACEEUSRL == 0);
  before.CheckAfter(done);
  const bool nothing_else =
      keywords.PASSCHK != RACROUTE_PASSCHK_NO && keywords.START == nullptr &&
      keywords.ENVRIN == nullptr && keywords.ICRX == nullptr &&
      keywords.IDID == nullptr && keywords.PASSWRD == nullptr &&
      keywords.PHRASE == nullptr && keywords.AMR == nullptr;
  if (acee.ACEEUSRL != 0 && nothing_else &&
      call.idta().IDTA_IDT_Prop_In == IDTA_End_User_IDT) {
    Require(is_last);
  }
}

void Image(Call& call) {
  std::array<unsigned char, IDTA_LENGTH> image{};
  Require(irrpidta_encode(&call.idta(), image.data()) == 0);
  IDTA decoded{};
  Require(irrpidta_decode(image.data(), call.buffer().data(), &decoded) == 0);
  if (call.idta().IDTA_IDT_Buffer_Ptr == nullptr || call.buffer().empty()) {
    return;
  }
  Require(std::memcmp(&decoded, &call.idta(), sizeof decoded) == 0);
}

// A key, and a profile that names it.
void MakeSystem(const std::filesystem::path& home) {
  std::ofstream(home / "sigtoken.toml")
      << "[audit]\nmax_bytes = 1048576\nkeep = 1\n";
  auto configuration =
      sigtoken::LoadConfiguration(sigtoken::Environment::FromProcess(), {});
  Require(configuration.has_value());
  auto directory = sigtoken::Directory::Open(*configuration);
  Require(directory.has_value());
  const auto name = sigtoken::TokenName::Parse("IDTTKN.JWT.SECRET");
  Require((*directory)->CreateToken(*name, {}).has_value());
  const auto token = (*directory)->FindToken(*name);
  Require(token.has_value());
  Require(sigtoken::GenerateKey(**token, {}).has_value());
  sigtoken::Database& database = (*directory)->database();
  Require(sigtoken::MigrateRacf(database).has_value());
  const auto commands = sigtoken::SplitCommands(kProfiles);
  Require(commands.has_value());
  Require(sigtoken::RunCommands(database, *commands).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  // Not removed: the runs of a fuzzer may end at any moment, and it is small.
  std::string home = std::filesystem::temp_directory_path() / "saf-fuzz-XXXXXX";
  Require(mkdtemp(home.data()) != nullptr);
  Require(setenv("SIGTOKEN_HOME", home.c_str(), 1) == 0);
  MakeSystem(home);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes,
                                      std::size_t size) {
  FuzzedDataProvider data(bytes, size);
  for (int i = 0; i < 4 && data.remaining_bytes() > 0; ++i) {
    const int what = data.ConsumeIntegralInRange(0, 8);
    Call call(data);
    if (what < 5) {
      Racroute(call);
    } else if (what < 8) {
      InitAcee(call);
    } else {
      Image(call);
    }
  }
  return 0;
}
