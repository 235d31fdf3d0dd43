#include "server/files/sha256.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/evp.h>

#include <array>
#include <memory>
#include <new>

namespace digits {

std::string Sha256Hex(std::initializer_list<std::span<const uint8_t>> parts) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  bool good = context != nullptr && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  for (const auto part : parts) {
    good = good && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  }
  std::array<uint8_t, 32> digest = {};
  good = good && EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1;
  if (!good) throw std::bad_alloc();  // OpenSSL always has SHA-256: nothing else can fail here
  return fmt::format("{:02x}", fmt::join(digest, ""));
}

std::string Sha256Hex(std::string_view bytes) {
  return Sha256Hex({{reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}});
}

}  // namespace digits
