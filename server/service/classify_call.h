// Classify on a completion queue.
#ifndef DIGITS_SERVER_SERVICE_CLASSIFY_CALL_H_
#define DIGITS_SERVER_SERVICE_CLASSIFY_CALL_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "digits/v1/digits.pb.h"
#include "server/service/image_request.h"
#include "server/service/unary_call.h"

namespace digits {

class ClassifyCall final : public UnaryCall, private ImageRequest {
 public:
  // What is referred to outlives the call.
  ClassifyCall(Pool& pool, const ServiceContext& context, Compute& compute)
      : UnaryCall(pool), ImageRequest(context, compute) {}

 private:
  void Answer(grpc::ByteBuffer& bytes) override { Take(bytes, began(), loop()); }

  absl::Status Parse(grpc::ByteBuffer& bytes) override;
  absl::StatusOr<ClassifyTask> Check(const ModelRegistry& models) const override;
  const v1::ClassifyRequest& request() const override { return request_; }
  void Forget() override { request_ = v1::ClassifyRequest(); }
  absl::Status StillWaits() const override;
  v1::ClassifyResponse& EmptyResponse() override;
  void Respond() override;
  void Fail(const absl::Status& error) override { Finish(error); }

  // Kept from call to call, so that their memory is.
  v1::ClassifyRequest request_;
  v1::ClassifyResponse response_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_CLASSIFY_CALL_H_
