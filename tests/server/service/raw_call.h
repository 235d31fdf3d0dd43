// A call whose messages are bytes, sent one by one.
#ifndef DIGITS_TESTS_SERVER_SERVICE_RAW_CALL_H_
#define DIGITS_TESTS_SERVER_SERVICE_RAW_CALL_H_

#include <chrono>
#include <memory>
#include <string>

#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"

namespace digits {

// Sends its headers at once. Every operation waits for its end, 30 seconds at most, and is false or
// empty where it failed.
class RawCall {
 public:
  RawCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& method)
      : stub_(channel) {
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    call_ = stub_.PrepareCall(&context_, method, &queue_);
    call_->StartCall(nullptr);
    Wait();
  }

  bool Write(const std::string& bytes) {
    const grpc::Slice slice(bytes);
    call_->Write(grpc::ByteBuffer(&slice, 1), nullptr);
    return Wait();
  }

  bool WritesDone() {
    call_->WritesDone(nullptr);
    return Wait();
  }

  std::string Read() {
    grpc::ByteBuffer answer;
    call_->Read(&answer, nullptr);
    grpc::Slice bytes;
    if (!Wait() || !answer.DumpToSingleSlice(&bytes).ok()) return "";
    return {bytes.begin(), bytes.end()};
  }

  grpc::Status Finish() {
    grpc::Status status;
    call_->Finish(&status, nullptr);
    Wait();
    return status;
  }

 private:
  bool Wait() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  grpc::GenericStub stub_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
};

}  // namespace digits

#endif  // DIGITS_TESTS_SERVER_SERVICE_RAW_CALL_H_
