#include "client/remote_classifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "server/image/image.h"

namespace digits {
namespace {

// A call that is under way.
struct Call {
  size_t first = 0;  // index of its first image
  size_t count = 0;
  grpc::ClientContext context;
  v1::ClassifyBatchResponse response;
  grpc::Status status;
  std::unique_ptr<grpc::ClientAsyncResponseReader<v1::ClassifyBatchResponse>> reader;
};

// Whether the response has an answer for each of `count` images. Servers from before the digit
// scores send none.
absl::Status Check(const v1::ClassifyBatchResponse& response, size_t count, size_t classes,
                   bool probabilities) {
  const auto size = [](const auto& field) { return static_cast<size_t>(field.size()); };
  if (size(response.labels()) != count || size(response.confidences()) != count ||
      size(response.probabilities()) != (probabilities ? count * classes : 0) ||
      (size(response.digit_scores()) != count && !response.digit_scores().empty())) {
    return absl::InternalError(fmt::format(
        "the server answered {} images of {} classes with {} labels, {} confidences, {} "
        "probabilities and {} digit scores",
        count, classes, response.labels_size(), response.confidences_size(),
        response.probabilities_size(), response.digit_scores_size()));
  }
  for (const uint32_t label : response.labels()) {
    if (label >= classes) {
      return absl::InternalError(
          fmt::format("the server answered label {} of {} classes", label, classes));
    }
  }
  const auto finite = [](float value) { return std::isfinite(value); };
  if (!std::ranges::all_of(response.confidences(), finite) ||
      !std::ranges::all_of(response.probabilities(), finite)) {
    return absl::InternalError("the server answered probabilities that are no numbers");
  }
  if (!std::ranges::all_of(response.digit_scores(), finite)) {
    return absl::InternalError("the server answered digit scores that are no numbers");
  }
  return absl::OkStatus();
}

// Sends batches until all images are answered or one call fails; at its end no call is under way.
// Everything happens on the calling thread.
class BatchRun {
 public:
  BatchRun(const Connection& connection, const ClassifyOptions& options, const v1::Model& model,
           std::span<const uint8_t> pixels)
      : connection_(connection),
        options_(options),
        stub_(v1::DigitClassifier::NewStub(connection.channel())),
        pixels_(pixels),
        images_(pixels.size() / kImagePixels),
        classes_(static_cast<size_t>(model.class_names_size())),
        batch_(std::clamp<size_t>(options.batch, 1, std::max(1U, model.max_batch_images()))) {
    answers_.labels.resize(images_);
    answers_.confidences.resize(images_);
    answers_.digit_scores.resize(images_);
    if (options.probabilities) answers_.probabilities.resize(images_ * classes_);
  }

  absl::StatusOr<Answers> Finish(const std::function<void(size_t)>& progress) && {
    size_t done = 0;
    absl::Status outcome;
    while (calls_.size() < std::max<size_t>(1, options_.in_flight) && next_ < images_) StartCall();
    while (!calls_.empty()) {
      const std::unique_ptr<Call> call = WaitForCall();
      if (!outcome.ok()) continue;
      outcome = TakeAnswers(*call);
      if (!outcome.ok()) {
        for (const std::unique_ptr<Call>& other : calls_) other->context.TryCancel();
        continue;
      }
      done += call->count;
      if (progress) progress(done);
      if (next_ < images_) StartCall();
    }
    if (!outcome.ok()) return outcome;
    if (!all_have_scores_) answers_.digit_scores.clear();
    return std::move(answers_);
  }

 private:
  void StartCall() {
    auto call = std::make_unique<Call>();
    call->first = next_;
    call->count = std::min(batch_, images_ - next_);
    next_ += call->count;
    const auto bytes = pixels_.subspan(call->first * kImagePixels, call->count * kImagePixels);
    request_.set_pixels(bytes.data(), bytes.size());
    request_.set_model(options_.model);
    request_.set_version(options_.version);
    request_.set_probabilities(options_.probabilities);
    connection_.SetDeadline(call->context);
    call->reader = stub_->AsyncClassifyBatch(&call->context, request_, &queue_);
    call->reader->Finish(&call->response, &call->status, call.get());
    calls_.push_back(std::move(call));
  }

  std::unique_ptr<Call> WaitForCall() {
    void* tag = nullptr;
    bool ok = false;
    queue_.Next(&tag, &ok);
    const auto found = std::ranges::find(calls_, tag, [](const auto& call) { return call.get(); });
    std::unique_ptr<Call> call = std::move(*found);
    calls_.erase(found);
    return call;
  }

  absl::Status TakeAnswers(const Call& call) {
    if (!call.status.ok()) return connection_.ToStatus(call.status);
    const v1::ClassifyBatchResponse& response = call.response;
    absl::Status status = Check(response, call.count, classes_, options_.probabilities);
    if (!status.ok()) return status;
    const auto at = [](auto& all, size_t i) {
      return all.begin() + static_cast<std::ptrdiff_t>(i);
    };
    std::ranges::copy(response.labels(), at(answers_.labels, call.first));
    std::ranges::copy(response.confidences(), at(answers_.confidences, call.first));
    std::ranges::copy(
        response.probabilities(),
        at(answers_.probabilities, options_.probabilities ? call.first * classes_ : 0));
    std::ranges::copy(response.digit_scores(), at(answers_.digit_scores, call.first));
    if (response.digit_scores().empty()) all_have_scores_ = false;
    answers_.versions.insert(response.version());
    return absl::OkStatus();
  }

  const Connection& connection_;
  const ClassifyOptions& options_;
  const std::unique_ptr<v1::DigitClassifier::Stub> stub_;
  const std::span<const uint8_t> pixels_;
  const size_t images_;
  const size_t classes_;
  const size_t batch_;
  size_t next_ = 0;  // the first image not yet sent
  v1::ClassifyBatchRequest request_;
  Answers answers_;
  bool all_have_scores_ = true;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<Call>> calls_;
};

}  // namespace

RemoteClassifier::RemoteClassifier(Connection connection, ClassifyOptions options, v1::Model model)
    : connection_(std::move(connection)), options_(std::move(options)), model_(std::move(model)) {}

absl::StatusOr<RemoteClassifier> RemoteClassifier::Open(const Connection& connection,
                                                        const ClassifyOptions& options) {
  grpc::ClientContext context;
  connection.SetDeadline(context);
  v1::GetModelRequest request;
  request.set_model(options.model);
  request.set_version(options.version);
  v1::GetModelResponse response;
  const grpc::Status status =
      v1::DigitClassifier::NewStub(connection.channel())->GetModel(&context, request, &response);
  if (!status.ok()) return connection.ToStatus(status);
  if (!std::isfinite(response.model().digit_threshold())) {
    return absl::InternalError(
        fmt::format("the server at {} gives its model '{}' a digit threshold that is no number",
                    connection.options().server, response.model().name()));
  }
  if (response.model().class_names().empty()) {
    return absl::InternalError(fmt::format("the server at {} names no classes of its model '{}'",
                                           connection.options().server, response.model().name()));
  }
  return RemoteClassifier(connection, options, std::move(*response.mutable_model()));
}

absl::StatusOr<Answers> RemoteClassifier::Classify(
    std::span<const uint8_t> pixels, const std::function<void(size_t)>& progress) const {
  return BatchRun(connection_, options_, model_, pixels).Finish(progress);
}

}  // namespace digits
