// The metadata of a weights file: what a network has beside its layers.
#ifndef DIGITS_SERVER_MODEL_WEIGHTS_METADATA_H_
#define DIGITS_SERVER_MODEL_WEIGHTS_METADATA_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "server/model/network.h"

namespace digits {

// Sets what the metadata say, and the defaults of what they do not, in a network that has its
// layers. InvalidArgument, naming the key.
absl::Status SetFromMetadata(const std::map<std::string, std::string>& metadata, Network& network);

std::map<std::string, std::string> MakeMetadata(const Network& network);

}  // namespace digits

#endif  // DIGITS_SERVER_MODEL_WEIGHTS_METADATA_H_
