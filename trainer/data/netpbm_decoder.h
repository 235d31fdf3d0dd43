// The files of netpbm: PBM, PGM and PPM, plain (P1, P2, P3) and raw (P4, P5, P6).
#ifndef DIGITS_TRAINER_DATA_NETPBM_DECODER_H_
#define DIGITS_TRAINER_DATA_NETPBM_DECODER_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "server/image/plane.h"

namespace digits {

bool IsNetpbm(std::string_view bytes);

// As DecodePicture. Samples are scaled from 0 to maxval, 65,535 at most, to 0 to 255. Of several
// pictures in a file the first is read. In plain files a comment may stand wherever a space may.
absl::StatusOr<Plane> DecodeNetpbm(std::string_view bytes, std::string_view name);

}  // namespace digits

#endif  // DIGITS_TRAINER_DATA_NETPBM_DECODER_H_
