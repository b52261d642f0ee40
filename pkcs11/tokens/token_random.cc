#include "pkcs11/tokens/token_random.h"

#include "pkcs11/cryptoki/random.h"

namespace sigtoken {
namespace {

Status Fill(Token& token, CleansedBytes& bytes) {
  SIGTOKEN_TRY(token.Login());
  SIGTOKEN_ASSIGN(Token::Lease lease, token.Borrow());
  Status filled = GenerateRandom(lease.session(), bytes);
  if (!filled) lease.Drop();
  return filled;
}

}  // namespace

Result<CleansedBytes> RandomBytesOf(Token& token, std::size_t count) {
  CleansedBytes bytes(count);
  SIGTOKEN_TRY(token.WithRecovery([&] { return Fill(token, bytes); }));
  return bytes;
}

}  // namespace sigtoken
