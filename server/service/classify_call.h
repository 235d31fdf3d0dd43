// Classify on a completion queue.
#ifndef DIGITS_SERVER_SERVICE_CLASSIFY_CALL_H_
#define DIGITS_SERVER_SERVICE_CLASSIFY_CALL_H_

#include <cstdint>
#include <span>

#include "digits/v1/digits.pb.h"
#include "server/engine/pass.h"
#include "server/service/answers.h"
#include "server/service/compute.h"
#include "server/service/unary_call.h"

namespace digits {

class ClassifyCall final : public UnaryCall, public WaitingImage {
 public:
  // What is referred to outlives the call.
  ClassifyCall(Pool& pool, const ServiceContext& context, Compute& compute)
      : UnaryCall(pool), context_(context), compute_(compute) {}

  const uint8_t* pixels() const override {
    return reinterpret_cast<const uint8_t*>(request_.pixels().data());
  }
  bool StillWanted() override;
  void Answered(std::span<const float> probabilities, float digit_score) override;
  void Dropped() override;

 private:
  void Answer(grpc::ByteBuffer& bytes) override;

  const ServiceContext& context_;
  Compute& compute_;
  // Gives up the memory of a large request.
  void Forget();

  const ServedModel* model_ = nullptr;
  absl::Status waits_;  // as StillWanted() found it
  bool large_ = false;
  // Kept from call to call, so that their memory is.
  v1::ClassifyRequest request_;
  v1::ClassifyResponse response_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_CLASSIFY_CALL_H_
