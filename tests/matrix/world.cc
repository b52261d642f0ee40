#include "tests/matrix/world.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "keygen/adopt.h"
#include "keygen/import.h"
#include "signer/racf/command/commands.h"
#include "signer/racf/schema.h"
#include "tests/import_key.h"
#include "tests/keygen/keys_of_others.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/rsa_keys.h"

namespace sigtoken::testing {
namespace {

constexpr const char* kSoPin = "19283746";

constexpr const char* kProfile =
    "SETROPTS CLASSACT(IDTDATA) RACLIST(IDTDATA)\n"
    "RDEFINE IDTDATA JWT.APPL1.USER1.SAF IDTPARMS(SIGTOKEN(IDT.KEYS) "
    "SIGSEQNUM(00000001) SIGCAT(T) SIGALG(HS256))\n"
    "SETROPTS RACLIST(IDTDATA) REFRESH\n";

// Beside sigtoken, as another part of the process calls it.
const CK_FUNCTION_LIST& FunctionsOfFaultModule() {
  void* const module =
      dlopen(FaultModule::path().c_str(), RTLD_NOW | RTLD_NOLOAD);
  const auto get = reinterpret_cast<CK_C_GetFunctionList>(
      dlsym(module, "C_GetFunctionList"));
  CK_FUNCTION_LIST* functions = nullptr;
  EXPECT_EQ(get(&functions), CKR_OK);
  dlclose(module);
  return *functions;
}

DevicePauses NoPauses() { return {{}, {{}, {}}}; }

}  // namespace

World::World()
    : log_(fault_.environment().at("SIGTOKEN_FAULT_LOG")),
      configuration_(hsm_.Configure()) {
  hsm_.MakeToken("faulty");
  folders_ = Folders();
  configuration_.pauses = NoPauses();
  for (const char* name : {kName, kOtherName}) {
    configuration_.tokens.push_back(
        hsm_.Bind(name, "token=faulty", FaultModule::path()));
  }
  MakeKeys();
  Open();
  EXPECT_THAT(signer_->Sign(Hs256(), text()), IsOk());
  EXPECT_THAT(verifier_->Verify(Hs256(), text(), right_mac()), IsOk());
  log_.Take();
  sessions_ = log_.sessions();
  objects_ = CountObjects(*token_);
}

World::~World() { Close(); }

void World::MakeKeys() {
  EXPECT_THAT(TryOpen(), IsOk());
  const auto token = TokenOf(kName);
  KeySpec verifier;
  verifier.verify_only = true;
  KeySpec changeable;
  changeable.modifiable = true;
  changeable.label = "label 0";
  KeySpec exportable;
  exportable.exportable = true;
  for (const KeySpec& spec : {KeySpec(), verifier, changeable, exportable}) {
    SpendNumber(Must(ImportValue(*token, value(), spec))
                    .key.handle->object()
                    ->sequence);
  }
  Import(*token, TheirKey("their id", kTheirs, value()));
  MakeRsaKeys(*token);
  EXPECT_THAT(MigrateRacf(directory_->database()), IsOk());
  Must(RunCommands(directory_->database(), Must(SplitCommands(kProfile))));
}

void World::MakeRsaKeys(Token& token) {
  for (const Attributes& key :
       {AnyRsaPair().PrivateKey("rsa"), AnyRsaPair().PublicKey("rsa")}) {
    const CK_OBJECT_HANDLE object = Import(token, key);
    const auto held = Must(token.Change());
    Session session = Must(token.OpenSession(held, Access::kReadWrite));
    SpendNumber(Must(AdoptRsaKey(token, held, session, object)).sequence);
  }
}

void World::Close() {
  signer_.reset();
  verifier_.reset();
  token_.reset();
  icsf_.reset();
  directory_.reset();
}

Status World::TryOpen() {
  SIGTOKEN_ASSIGN(directory_, Directory::Open(configuration_));
  icsf_ = std::make_unique<Icsf>(*directory_);
  return Ok();
}

void World::Open() {
  if (!directory_) {
    ASSERT_THAT(TryOpen(), IsOk());
  }
  if (!token_) token_ = TokenOf(kName);
  if (!signer_) signer_ = Must(Key::Find(token_, kSigner));
  if (!verifier_) verifier_ = Must(Key::Find(token_, kVerifier));
}

std::shared_ptr<Token> World::TokenOf(const char* name) {
  return Must(directory_->FindToken(Name(name)));
}

std::span<const std::uint8_t> World::text() { return Bytes("data"); }

const std::vector<std::uint8_t>& World::value() {
  static const auto* const value = new std::vector<std::uint8_t>(ValueOf(64));
  return *value;
}

const std::vector<std::uint8_t>& World::right_mac() {
  static const auto* const mac =
      new std::vector<std::uint8_t>(OpenSslMac(Hs256(), value(), text()));
  return *mac;
}

void World::SpendNumber(std::uint32_t number) {
  EXPECT_GT(number, highest_);
  highest_ = number;
}

std::unique_ptr<Directory> World::OpenWithoutToken() {
  const auto home = folder_.path() / "home";
  std::filesystem::remove_all(home);
  Configuration configuration = configuration_;
  configuration.home = home;
  configuration.store_path = home / "sigtoken.db";
  BoundToken bound = hsm_.Bind(kNewName, "token=new", FaultModule::path());
  WriteSoPin();
  bound.so_pin_source =
      Must(PinSource::Parse("file:" + so_pin_file().string()));
  configuration.tokens = {bound};
  return Must(Directory::Open(configuration));
}

std::set<std::filesystem::path> World::Folders() const {
  std::set<std::filesystem::path> folders;
  for (const auto& each : std::filesystem::directory_iterator(
           hsm_.conf().parent_path() / "tokens")) {
    folders.insert(each.path());
  }
  return folders;
}

std::set<std::filesystem::path> World::NewTokens() const {
  auto folders = Folders();
  for (const auto& old : folders_) folders.erase(old);
  return folders;
}

void World::RemoveNewTokens() {
  for (const auto& folder : NewTokens()) std::filesystem::remove_all(folder);
}

void World::WritePinsAnew() {
  std::filesystem::remove(hsm_.pin_file());
  hsm_.Configure();
  std::filesystem::remove(so_pin_file());
  WriteSoPin();
}

std::filesystem::path World::so_pin_file() const {
  return folder_.path() / "so-pin";
}

void World::WriteSoPin() const {
  folder_.Write("so-pin", std::string(kSoPin) + "\n");
}

void World::ExpectNoLoginLeft() {
  log_.Take();
  if (!log_.initialized()) return;
  const CK_FUNCTION_LIST& functions = FunctionsOfFaultModule();
  std::array<CK_SLOT_ID, 8> slots{};
  CK_ULONG count = slots.size();
  EXPECT_EQ(functions.C_GetSlotList(CK_TRUE, slots.data(), &count), CKR_OK);
  for (CK_ULONG i = 0; i < count; ++i) {
    CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
    const CK_RV rv = functions.C_OpenSession(slots.at(i), CKF_SERIAL_SESSION,
                                             nullptr, nullptr, &session);
    if (rv == CKR_TOKEN_NOT_RECOGNIZED) continue;  // The free slot.
    EXPECT_EQ(rv, CKR_OK) << "a login of the SO is left";
    if (rv != CKR_OK) continue;
    CK_SESSION_INFO info{};
    EXPECT_EQ(functions.C_GetSessionInfo(session, &info), CKR_OK);
    if (log_.sessions() == 0) {
      EXPECT_EQ(info.state, CKS_RO_PUBLIC_SESSION) << "a login is left";
    }
    EXPECT_EQ(functions.C_CloseSession(session), CKR_OK);
  }
}

void World::ExpectAsBefore() {
  const bool failed = ::testing::Test::HasFailure();
  CheckAsBefore();
  // The next one begins anew.
  if (::testing::Test::HasFailure() && !failed) Close();
}

void World::CheckAsBefore() {
  Open();
  EXPECT_TRUE(Must(verifier_->Verify(Hs256(), text(), right_mac())));
  const auto mac = signer_->Sign(Hs256(), text());
  ASSERT_THAT(mac, IsOk());
  EXPECT_EQ(std::vector(mac->bytes().begin(), mac->bytes().end()), right_mac());
  EXPECT_EQ(CountObjects(*token_), objects_);
  log_.Take();
  EXPECT_TRUE(log_.initialized());
  EXPECT_EQ(log_.sessions(), sessions_) << "sessions that nobody closed";
}

}  // namespace sigtoken::testing
