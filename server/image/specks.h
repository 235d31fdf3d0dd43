// What of the ink belongs to what is written.
#ifndef DIGITS_SERVER_IMAGE_SPECKS_H_
#define DIGITS_SERVER_IMAGE_SPECKS_H_

#include "server/image/plane.h"

namespace digits {

// Erases specks: parts of the ink that hang together, have no connection to the others and are
// small beside the largest one. The others keep their soft edges. Returns the box of what is left;
// an empty one where there is no ink.
Box RemoveSpecks(Plane& ink);

}  // namespace digits

#endif  // DIGITS_SERVER_IMAGE_SPECKS_H_
