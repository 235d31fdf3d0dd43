#include "server/files/sha256.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace digits {
namespace {

// The hashes are sha256sum's.
constexpr char kOfNothing[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr char kOfAbc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Sha256Test, IsThatOfTheBytes) {
  EXPECT_EQ(Sha256Hex(""), kOfNothing);
  EXPECT_EQ(Sha256Hex("abc"), kOfAbc);
  EXPECT_EQ(Sha256Hex(std::string(1, '\0')),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}

TEST(Sha256Test, OfPartsIsThatOfAllOneAfterAnother) {
  const std::vector<uint8_t> a = {'a'};
  const std::vector<uint8_t> bc = {'b', 'c'};
  EXPECT_EQ(Sha256Hex({a, bc}), kOfAbc);
  EXPECT_EQ(Sha256Hex({bc, {}, a}),
            "96e31900cc68fc888c1780af22244926f630f384f956d03c71d042eedea86127");
}

}  // namespace
}  // namespace digits
