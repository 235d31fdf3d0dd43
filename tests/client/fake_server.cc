#include "tests/client/fake_server.h"

#include <grpcpp/ext/health_check_service_server_builder_option.h>
#include <grpcpp/health_check_service_interface.h>

#include <chrono>

#include "server/image/image.h"

namespace digits {

FakeService::FakeService() {
  model.set_name("fake");
  model.set_version("0123456789ab");
  for (int digit = 0; digit < 10; ++digit) model.add_class_names(std::to_string(digit));
  model.set_max_batch_images(32768);
}

std::vector<size_t> FakeService::batches() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return batches_;
}

grpc::Status FakeService::ClassifyBatch(grpc::ServerContext* /*context*/,
                                        const v1::ClassifyBatchRequest* request,
                                        v1::ClassifyBatchResponse* response) {
  const std::string& pixels = request->pixels();
  int call = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    call = static_cast<int>(batches_.size());
    batches_.push_back(pixels.size() / kImagePixels);
  }
  grpc::Status status = before(call, *request);
  if (!status.ok()) return status;
  for (size_t i = 0; i < pixels.size(); i += kImagePixels) {
    const auto label = static_cast<uint8_t>(pixels[i]);
    const float confidence = static_cast<float>(static_cast<uint8_t>(pixels[i + 1])) / 255;
    response->add_labels(label);
    response->add_confidences(confidence);
    response->add_digit_scores(static_cast<float>(static_cast<uint8_t>(pixels[i + 2])) / 4);
    for (int k = 0; request->probabilities() && k < model.class_names_size(); ++k) {
      response->add_probabilities(k == label ? confidence : 0);
    }
  }
  response->set_model(model.name());
  response->set_version(model.version());
  after(*response);
  return grpc::Status::OK;
}

grpc::Status FakeService::GetModel(grpc::ServerContext* /*context*/,
                                   const v1::GetModelRequest* request,
                                   v1::GetModelResponse* response) {
  if (!request->model().empty() && request->model() != model.name()) {
    return {grpc::StatusCode::NOT_FOUND, "no model '" + request->model() + "'; there is 'fake'"};
  }
  *response->mutable_model() = model;
  return grpc::Status::OK;
}

grpc::Status FakeService::ListModels(grpc::ServerContext* /*context*/,
                                     const v1::ListModelsRequest* /*request*/,
                                     v1::ListModelsResponse* response) {
  *response->add_models() = model;
  return grpc::Status::OK;
}

FakeServer::FakeServer(FakeService& service, int port) {
  // Never shut down again: that can wait ten seconds for a thread that polls for nothing any more.
  grpc_init();
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:" + std::to_string(port), grpc::InsecureServerCredentials(),
                           &port_);
  builder.SetMaxReceiveMessageSize(-1);
  builder.RegisterService(&service);
  server_ = builder.BuildAndStart();
}

FakeServer::~FakeServer() { server_->Shutdown(); }

void FakeServer::SetHealth(const std::string& name, bool serving) {
  server_->GetHealthCheckService()->SetServingStatus(name, serving);
}

std::vector<uint8_t> CountingPixels(size_t n) {
  std::vector<uint8_t> pixels(n * kImagePixels);
  for (size_t i = 0; i < n; ++i) {
    pixels[i * kImagePixels] = static_cast<uint8_t>(i % 10);
    pixels[i * kImagePixels + 1] = static_cast<uint8_t>(255 - i % 100);
    pixels[i * kImagePixels + 2] = static_cast<uint8_t>(i % 256);
  }
  return pixels;
}

}  // namespace digits
