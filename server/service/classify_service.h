// digits.v1.DigitClassifier on gRPC's callback API.
#ifndef DIGITS_SERVER_SERVICE_CLASSIFY_SERVICE_H_
#define DIGITS_SERVER_SERVICE_CLASSIFY_SERVICE_H_

#include "digits/v1/digits.grpc.pb.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "server/service/answers.h"
#include "server/service/batch_call.h"
#include "server/service/open_calls.h"

namespace digits {

// The methods take and give bytes: see messages.h.
using RawDigitClassifier = v1::DigitClassifier::WithRawCallbackMethod_Classify<
    v1::DigitClassifier::WithRawCallbackMethod_ClassifyBatch<
        v1::DigitClassifier::WithRawCallbackMethod_ClassifyStream<
            v1::DigitClassifier::WithRawCallbackMethod_GetModel<
                v1::DigitClassifier::WithRawCallbackMethod_ListModels<
                    v1::DigitClassifier::Service>>>>>;

// Computes batches on threads of its own, the rest on the thread that gRPC calls it on. Outlives
// the gRPC server that it is registered with.
class ClassifyService final : public RawDigitClassifier {
 public:
  explicit ClassifyService(const ServiceContext& context, const BatchLimits& limits = {});

  OpenCalls& open_calls() { return open_calls_; }

  // Ends batches that wait for their turn with UNAVAILABLE.
  void RefuseWaitingBatches() { batches_.slots.Close(); }

  grpc::ServerUnaryReactor* Classify(grpc::CallbackServerContext* call,
                                     const grpc::ByteBuffer* request,
                                     grpc::ByteBuffer* response) override;
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* ClassifyStream(
      grpc::CallbackServerContext* call) override;
  grpc::ServerUnaryReactor* GetModel(grpc::CallbackServerContext* call,
                                     const grpc::ByteBuffer* request,
                                     grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListModels(grpc::CallbackServerContext* call,
                                       const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override;

 private:
  const ServiceContext context_;
  OpenCalls open_calls_;
  BatchResources batches_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_CLASSIFY_SERVICE_H_
