#include "trainer/data/data_set.h"

#include "server/files/sha256.h"

namespace digits {

std::string Sha256(const DataSet& data) { return Sha256Hex({data.pixels, data.labels}); }

}  // namespace digits
