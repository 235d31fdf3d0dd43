// Which of two plans is the faster one.
#ifndef DIGITS_SERVER_ENGINE_RACE_H_
#define DIGITS_SERVER_ENGINE_RACE_H_

#include "server/engine/onednn_plan.h"

namespace digits {

// Whether `plan` is faster than `other`, on this machine and now: by the medians of some runs of
// each in turn, for single images, which is what calls bring, and for kRaceImages, which is what
// batches are like. Both count the same. Takes a few milliseconds.
bool IsFaster(const Plan& plan, const Plan& other);

}  // namespace digits

#endif  // DIGITS_SERVER_ENGINE_RACE_H_
