#include "tests/embedded_home.h"

namespace sigtoken::testing {

EmbeddedHome::EmbeddedHome() {
  configuration_.home = folder_.path() / "home";
  configuration_.store_path = configuration_.home / "sigtoken.db";
}

void TokenTest::SetUp() {
  directory_ = Must(Directory::Open(home_.configuration()));
  Must(directory_->CreateToken(Name(kTokenName), {}));
  token_ = Must(directory_->FindToken(Name(kTokenName)));
}

FoundKey TokenTest::Generate(const KeySpec& spec) {
  return Must(GenerateKey(*token_, spec)).key;
}

Key TokenTest::FindKey(std::uint32_t sequence) {
  return Must(Key::Find(token_, {sequence, 'T'}));
}

void TokenTest::Reopen() {
  token_.reset();
  directory_.reset();
  directory_ = Must(Directory::Open(home_.configuration()));
  token_ = Must(directory_->FindToken(Name(kTokenName)));
}

}  // namespace sigtoken::testing
