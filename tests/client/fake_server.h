// A server of digits.v1 that answers by a plain rule.
#ifndef DIGITS_TESTS_CLIENT_FAKE_SERVER_H_
#define DIGITS_TESTS_CLIENT_FAKE_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "digits/v1/digits.grpc.pb.h"

namespace digits {

// The label of an image is its first pixel, its confidence the second one's share of 255, its digit
// score a quarter of the third. Model "fake" has ten classes, "0" to "9". To be set before a
// FakeServer runs it.
class FakeService : public v1::DigitClassifier::Service {
 public:
  FakeService();

  v1::Model model;
  // What happens to ClassifyBatch before it is answered; the index counts the calls from 0.
  std::function<grpc::Status(int call, const v1::ClassifyBatchRequest&)> before =
      [](int, const v1::ClassifyBatchRequest&) { return grpc::Status::OK; };
  // What becomes of its answer.
  std::function<void(v1::ClassifyBatchResponse&)> after = [](v1::ClassifyBatchResponse&) {};

  // The images in each call of ClassifyBatch so far, in the order of arrival.
  std::vector<size_t> batches() const;

  grpc::Status ClassifyBatch(grpc::ServerContext* context, const v1::ClassifyBatchRequest* request,
                             v1::ClassifyBatchResponse* response) override;
  grpc::Status GetModel(grpc::ServerContext* context, const v1::GetModelRequest* request,
                        v1::GetModelResponse* response) override;
  grpc::Status ListModels(grpc::ServerContext* context, const v1::ListModelsRequest* request,
                          v1::ListModelsResponse* response) override;

 private:
  mutable std::mutex mutex_;
  std::vector<size_t> batches_;
};

// Runs a service on loopback until its end.
class FakeServer {
 public:
  // On `port`, or on a free one.
  explicit FakeServer(FakeService& service, int port = 0);
  // Sends GOAWAY, lets the calls at hand end, and closes the port.
  ~FakeServer();

  int port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  void SetHealth(const std::string& name, bool serving);

 private:
  int port_;
  std::unique_ptr<grpc::Server> server_;
};

// n images that a FakeService reads as 0, 1, ..., 9, 0, 1, ..., their confidences beginning with
// 255/255, 254/255, ..., their digit scores with 0, 0.25, ...
std::vector<uint8_t> CountingPixels(size_t n);

}  // namespace digits

#endif  // DIGITS_TESTS_CLIENT_FAKE_SERVER_H_
