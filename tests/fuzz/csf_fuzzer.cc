// Can any parameters break a callable service, or make it write where it
// should not?

#include <csfbext.h>
#include <csnpdefs.h>
#include <fuzzer/FuzzedDataProvider.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Bytes = std::vector<std::uint8_t>;

void Require(bool holds) {
  if (!holds) std::abort();
}

constexpr std::string_view kToken =
    "FUZZ                                        ";
constexpr std::size_t kHandleBytes = 44;
constexpr std::size_t kChainBytes = 128;
// So that neither the token nor the disk grows with the runs.
constexpr int kRunsOfOneToken = 200;

constexpr std::array<std::string_view, 32> kKeywords = {
    "TOKEN   ", "OBJECT  ", "RECREATE", "COPY    ", "ALL     ", "KEY     ",
    "PARMS   ", "SSL     ", "TLS     ", "MD5     ", "SHA-1   ", "SHA-224 ",
    "SHA-256 ", "SHA-384 ", "SHA-512 ", "SSL3-MD5", "SSL3-SHA", "FIRST   ",
    "MIDDLE  ", "LAST    ", "ONLY    ", "HASH    ", "SIGN-RSA", "VER-RSA ",
    "TLS-PRF ", "PRNG    ", "RANDOM  ", "ODD     ", "EVEN    ", "        ",
    "token   ", "NEW     "};

constexpr std::array<std::uint32_t, 20> kTypes = {
    CKA_CLASS,     CKA_TOKEN,       CKA_PRIVATE, CKA_LABEL,    CKA_APPLICATION,
    CKA_VALUE,     CKA_OBJECT_ID,   CKA_ID,      CKA_KEY_TYPE, CKA_SIGN,
    CKA_VERIFY,    CKA_EXTRACTABLE, CKA_DERIVE,  CKA_WRAP,     CKA_SENSITIVE,
    CKA_VALUE_LEN, CKA_START_DATE,  CKA_LOCAL,   CKA_MODULUS,  0x80000006};

// Handles that came back, and chain data.
std::vector<Bytes> known_handles;
Bytes chain(kChainBytes);

void Append(Bytes& list, const void* value, std::size_t size) {
  const auto* bytes = static_cast<const std::uint8_t*>(value);
  list.insert(list.end(), bytes, bytes + size);
}

// The input, as the parameters of one call.
class Call {
 public:
  explicit Call(FuzzedDataProvider& data) : data_(data) {}

  // A pointer, or now and then none.
  template <typename T>
  T* Maybe(T* pointer) {
    return data_.ConsumeIntegralInRange(0, 31) == 0 ? nullptr : pointer;
  }

  // The length of `size` bytes, or now and then one that is not.
  std::int32_t Length(std::size_t size) {
    if (data_.ConsumeIntegralInRange(0, 15) != 0) {
      return static_cast<std::int32_t>(size);
    }
    // Never more than there is: that no library can see.
    return data_.ConsumeIntegralInRange<std::int32_t>(
        -2, static_cast<std::int32_t>(size));
  }

  Bytes Handle() {
    Bytes handle(kToken.begin(), kToken.end());
    const auto choice = data_.ConsumeIntegralInRange<std::size_t>(0, 7);
    if (choice < 4 && !known_handles.empty()) {
      handle = known_handles[data_.ConsumeIntegralInRange<std::size_t>(
          0, known_handles.size() - 1)];
    } else if (choice == 4) {
      handle.assign(chain.begin(), chain.begin() + kHandleBytes);
    } else if (choice == 5) {
      handle.assign(kHandleBytes, ' ');
    }
    if (choice == 6) {
      handle = data_.ConsumeBytes<std::uint8_t>(kHandleBytes);
      handle.resize(kHandleBytes);
    } else if (choice == 7) {
      handle[data_.ConsumeIntegralInRange<std::size_t>(0, kHandleBytes - 1)] =
          data_.ConsumeIntegral<std::uint8_t>();
    }
    return handle;
  }

  Bytes Rules(std::int32_t& count) {
    Bytes rules;
    count = data_.ConsumeIntegralInRange<std::int32_t>(0, 3);
    for (std::int32_t i = 0; i < count; ++i) {
      const auto keyword = Pick(kKeywords);
      Append(rules, keyword.data(), keyword.size());
    }
    if (data_.ConsumeIntegralInRange(0, 15) == 0) --count;
    return rules;
  }

  Bytes AttributeList() {
    if (data_.ConsumeIntegralInRange(0, 7) == 0) return Text(64);
    Bytes list;
    const auto count = data_.ConsumeIntegralInRange<std::uint16_t>(0, 8);
    Append(list, &count, sizeof count);
    for (std::uint16_t i = 0; i < count; ++i) {
      const std::uint32_t type = Pick(kTypes);
      Bytes value = Text(40);
      if (type == CKA_CLASS || type == CKA_KEY_TYPE || type == CKA_VALUE_LEN) {
        value.resize(4);
        const auto number = data_.PickValueInArray<std::uint32_t>(
            {CKO_SECRET_KEY, CKO_DATA, CKK_GENERIC_SECRET, 32, 64, 0, 5000});
        std::memcpy(value.data(), &number, sizeof number);
      } else if (type == CKA_TOKEN || type == CKA_SIGN || type == CKA_VERIFY) {
        value.assign(1, data_.ConsumeIntegralInRange<std::uint8_t>(0, 2));
      }
      const auto size = static_cast<std::uint16_t>(value.size());
      Append(list, &type, sizeof type);
      Append(list, &size, sizeof size);
      Append(list, value.data(), value.size());
    }
    return list;
  }

  Bytes Text(std::size_t most) {
    return data_.ConsumeBytes<std::uint8_t>(
        data_.ConsumeIntegralInRange<std::size_t>(0, most));
  }

  Bytes Room(std::size_t most) {
    return Bytes(data_.ConsumeIntegralInRange<std::size_t>(0, most), 0xA5);
  }

 private:
  template <typename List>
  typename List::value_type Pick(const List& list) {
    return list[data_.ConsumeIntegralInRange<std::size_t>(0, list.size() - 1)];
  }

  FuzzedDataProvider& data_;
};

// One answer: codes that exist, and the same three times over.
bool Answered(std::int32_t value, std::int32_t return_code) {
  Require(value == return_code);
  Require(value == 0 || value == 4 || value == 8 || value == 12);
  return value < 8;
}

bool IsUntouched(const Bytes& room) {
  for (const std::uint8_t byte : room) {
    if (byte != 0xA5) return false;
  }
  return true;
}

void Create(Call& call, bool generate) {
  std::int32_t rc = -1, reason = -1, count = 0, nothing = 0;
  Bytes handle = call.Handle();
  const Bytes before = handle;
  const Bytes rules = call.Rules(count);
  const Bytes list = call.AttributeList();
  const std::int32_t length = call.Length(list.size());
  const std::int32_t value =
      generate
          ? CSFPGSK(&rc, &reason, nullptr, nullptr, call.Maybe(handle.data()),
                    call.Maybe(&count), call.Maybe(rules.data()),
                    call.Maybe(&length), call.Maybe(list.data()),
                    call.Maybe(&nothing), nullptr)
          : CSFPTRC(&rc, &reason, nullptr, nullptr, call.Maybe(handle.data()),
                    call.Maybe(&count), call.Maybe(rules.data()),
                    call.Maybe(&length), call.Maybe(list.data()));
  if (!Answered(value, rc)) {
    Require(handle == before);
  } else if (known_handles.size() < 64) {
    known_handles.push_back(handle);
  }
}

void Delete(Call& call) {
  std::int32_t rc = -1, reason = -1, count = 0;
  const Bytes handle = call.Handle();
  const Bytes rules = call.Rules(count);
  const std::int32_t value =
      CSFPTRD(&rc, &reason, nullptr, nullptr, call.Maybe(handle.data()),
              call.Maybe(&count), call.Maybe(rules.data()));
  Answered(value, rc);
}

void List(Call& call) {
  std::int32_t rc = -1, reason = -1, count = 0;
  const Bytes handle = call.Handle();
  const Bytes rules = call.Rules(count);
  const Bytes wanted = call.AttributeList();
  const std::int32_t wanted_length = call.Length(wanted.size());
  Bytes room = call.Room(600);
  std::int32_t length = call.Length(room.size());
  std::int32_t most = call.Length(12);
  const std::int32_t value =
      CSFPTRL(&rc, &reason, nullptr, nullptr, call.Maybe(handle.data()),
              call.Maybe(&count), call.Maybe(rules.data()),
              call.Maybe(&wanted_length), call.Maybe(wanted.data()),
              call.Maybe(&length), call.Maybe(&most), call.Maybe(room.data()));
  Require(Answered(value, rc) || IsUntouched(room));
}

void Get(Call& call) {
  std::int32_t rc = -1, reason = -1, count = 0;
  const Bytes handle = call.Handle();
  const Bytes rules = call.Rules(count);
  Bytes room = call.Room(700);
  std::int32_t length = call.Length(room.size());
  const std::int32_t value =
      CSFPGAV(&rc, &reason, nullptr, nullptr, call.Maybe(handle.data()),
              call.Maybe(&count), call.Maybe(rules.data()), call.Maybe(&length),
              call.Maybe(room.data()));
  Require(Answered(value, rc) || IsUntouched(room));
}

void Set(Call& call) {
  std::int32_t rc = -1, reason = -1, count = 0;
  const Bytes handle = call.Handle();
  const Bytes rules = call.Rules(count);
  const Bytes list = call.AttributeList();
  const std::int32_t length = call.Length(list.size());
  const std::int32_t value =
      CSFPSAV(&rc, &reason, nullptr, nullptr, call.Maybe(handle.data()),
              call.Maybe(&count), call.Maybe(rules.data()), call.Maybe(&length),
              call.Maybe(list.data()));
  Answered(value, rc);
}

// CSFPHMG, CSFPHMV and CSFPOWH, whose parameters are the same.
template <typename Service>
void Mac(Call& call, Service service, bool writes) {
  std::int32_t rc = -1, reason = -1, count = 0;
  const std::int32_t alet = call.Length(1) - 1;
  const Bytes handle = call.Handle();
  const Bytes rules = call.Rules(count);
  const Bytes text = call.Text(200);
  const std::int32_t text_length = call.Length(text.size());
  std::int32_t chain_length = call.Length(chain.size());
  Bytes chain_now = chain;
  Bytes room = call.Room(80);
  std::int32_t length = call.Length(room.size());
  const std::int32_t value = service(
      &rc, &reason, nullptr, nullptr, call.Maybe(&count),
      call.Maybe(rules.data()), call.Maybe(&text_length),
      call.Maybe(text.data()), call.Maybe(&alet), call.Maybe(&chain_length),
      call.Maybe(chain_now.data()), call.Maybe(handle.data()),
      call.Maybe(&length), call.Maybe(room.data()));
  const bool done = Answered(value, rc);
  Require((done && writes) || IsUntouched(room));
  Require(done || chain_now == chain);
  chain = chain_now;
}

void Random(Call& call, bool prf) {
  std::int32_t rc = -1, reason = -1, count = 0, nothing = 0;
  const Bytes handle = call.Handle();
  const Bytes rules = call.Rules(count);
  const Bytes parms = call.Text(64);
  const std::int32_t parms_length = call.Length(parms.size());
  Bytes room = call.Room(300);
  std::int32_t length = call.Length(room.size());
  const std::int32_t value =
      prf ? CSFPPRF(&rc, &reason, nullptr, nullptr, call.Maybe(&count),
                    call.Maybe(rules.data()), call.Maybe(handle.data()),
                    call.Maybe(&parms_length), call.Maybe(parms.data()),
                    call.Maybe(&length), call.Maybe(room.data()))
          : CSNBRNGL(&rc, &reason, nullptr, nullptr, call.Maybe(&count),
                     call.Maybe(rules.data()), call.Maybe(&nothing), nullptr,
                     call.Maybe(&length), call.Maybe(room.data()));
  Require(Answered(value, rc) || IsUntouched(room));
}

void CallOne(FuzzedDataProvider& data) {
  Call call(data);
  switch (data.ConsumeIntegralInRange(0, 9)) {
    case 0:
      return Create(call, true);
    case 1:
      return Create(call, false);
    case 2:
      return Delete(call);
    case 3:
      return List(call);
    case 4:
      return Get(call);
    case 5:
      return Set(call);
    case 6:
      return Mac(call, CSFPHMG, true);
    case 7:
      return Mac(call, CSFPHMV, false);
    case 8:
      return Mac(call, CSFPOWH, true);
    default:
      return Random(call, data.ConsumeBool());
  }
}

// An empty token, and one key of it.
void BeginAnew() {
  std::int32_t rc = -1, reason = -1, length = 68, count = 2;
  Bytes handle(kToken.begin(), kToken.end());
  Bytes record(68, ' ');
  std::memset(record.data() + 64, 0, 4);
  CSFPTRC(&rc, &reason, nullptr, nullptr, handle.data(), &count,
          "TOKEN   RECREATE", &length, record.data());
  Require(rc == 0);
  known_handles.assign(1, handle);
  chain.assign(kChainBytes, 0);
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  // Not removed: the runs of a fuzzer may end at any moment, and it is small.
  std::string home = std::filesystem::temp_directory_path() / "csf-fuzz-XXXXXX";
  Require(mkdtemp(home.data()) != nullptr);
  Require(setenv("SIGTOKEN_HOME", home.c_str(), 1) == 0);
  BeginAnew();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes,
                                      std::size_t size) {
  static int runs = 0;
  if (++runs % kRunsOfOneToken == 0) BeginAnew();
  FuzzedDataProvider data(bytes, size);
  for (int i = 0; i < 8 && data.remaining_bytes() > 0; ++i) CallOne(data);
  return 0;
}
