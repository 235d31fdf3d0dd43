#include "server/service/metrics.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "prometheus/text_serializer.h"
#include "server/service/families.h"
#include "server/service/process_usage.h"

namespace digits {
namespace {

using prometheus::MetricFamily;

// By number, spelled as in grpc-ecosystem's metrics.
constexpr std::array<const char*, kRpcCodes> kCodeNames = {
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};

constexpr char kUnknown[] = "unknown";

template <typename Item, typename Described>
std::vector<Item> Make(std::vector<Described> descriptions, size_t threads) {
  std::vector<Item> items;
  items.reserve(descriptions.size());
  for (Described& description : descriptions) items.emplace_back(std::move(description), threads);
  return items;
}

template <typename T>
std::vector<T> With(std::vector<T> items, T last) {
  items.push_back(std::move(last));
  return items;
}

Labels LabelsOf(const RpcMetrics& rpc) {
  const RpcName& name = rpc.name();
  return {{"grpc_type", name.type}, {"grpc_service", name.service}, {"grpc_method", name.method}};
}

Labels LabelsOf(const ModelMetrics& model) { return {{"model", model.description().name}}; }

Labels LabelsOf(const RouteMetrics& route) { return {{"route", route.route()}}; }

Labels And(Labels labels, std::string_view name, std::string_view value) {
  labels.push_back({std::string(name), std::string(value)});
  return labels;
}

// One series for each item.
template <typename Item, typename Value>
void AddEach(MetricFamily& family, std::span<const Item> items, Value value) {
  for (const Item& item : items) AddSeries(family, LabelsOf(item), value(item));
}

void AddRpcs(std::span<const RpcMetrics> rpcs, Families& families) {
  AddEach(AddCounters(families, "grpc_server_started_total", "Calls that have begun."), rpcs,
          [](const RpcMetrics& rpc) { return rpc.started(); });

  MetricFamily& handled = AddCounters(families, "grpc_server_handled_total",
                                      "Calls that have ended, by the code that they ended with.");
  for (const RpcMetrics& rpc : rpcs) {
    for (size_t code = 0; code < kRpcCodes; ++code) {
      AddSeries(handled, And(LabelsOf(rpc), "grpc_code", kCodeNames[code]), rpc.handled(code));
    }
  }

  AddEach(AddHistograms(families, "grpc_server_handling_seconds",
                        "Time from a call's beginning to its end."),
          rpcs, [](const RpcMetrics& rpc) -> const Histogram& { return rpc.seconds(); });

  MetricFamily& received = AddCounters(families, "grpc_server_msg_received_total",
                                       "Messages that streams have received.");
  for (const RpcMetrics& rpc : rpcs) {
    if (rpc.is_stream()) AddSeries(received, LabelsOf(rpc), rpc.messages_received());
  }
  MetricFamily& sent =
      AddCounters(families, "grpc_server_msg_sent_total", "Messages that streams have sent.");
  for (const RpcMetrics& rpc : rpcs) {
    if (rpc.is_stream()) AddSeries(sent, LabelsOf(rpc), rpc.messages_sent());
  }
}

void AddDescriptions(std::span<const ModelMetrics> models, Families& families) {
  MetricFamily& info =
      AddGauges(families, "digits_model_info", "The models that are served; each is 1.");
  for (const ModelMetrics& model : models) {
    const ModelDescription& description = model.description();
    AddSeries(info,
              {{"model", description.name},
               {"version", description.version},
               {"precision", description.precision},
               {"architecture", description.architecture},
               {"sha256", description.sha256}},
              uint64_t{1});
  }
  AddEach(AddGauges(families, "digits_model_load_seconds", "Time that loading a model took."),
          models, [](const ModelMetrics& model) {
            return std::chrono::duration<double>(model.description().load_time).count();
          });
}

void AddAnswers(std::span<const ModelMetrics> models, Families& families) {
  MetricFamily& answers = AddCounters(families, "digits_answers_total",
                                      "Images that have been answered, by the label they got.");
  for (const ModelMetrics& model : models) {
    const std::vector<std::string>& names = model.description().class_names;
    for (size_t label = 0; label < names.size(); ++label) {
      AddSeries(answers, And(LabelsOf(model), "label", names[label]), model.answers(label));
    }
  }

  MetricFamily& not_digits =
      AddCounters(families, "digits_not_digits_total",
                  "Images that have been answered and were said to be no digit. Only of models "
                  "that can tell.");
  for (const ModelMetrics& model : models) {
    if (!model.description().tells_digits) continue;
    AddSeries(not_digits, LabelsOf(model), model.not_digits());
  }

  AddEach(AddHistograms(families, "digits_confidence_ratio",
                        "How sure the answers were: the probability of their label."),
          models, [](const ModelMetrics& model) -> const Histogram& { return model.confidence(); });
  AddEach(AddHistograms(families, "digits_ink_ratio",
                        "How much ink the images had: the mean of their pixels, where 0 is blank "
                        "and 1 is full of ink."),
          models, [](const ModelMetrics& model) -> const Histogram& { return model.ink(); });
}

void AddPasses(std::span<const ModelMetrics> models, Families& families) {
  AddEach(AddHistograms(families, "digits_pass_images",
                        "Images that were computed together in a pass."),
          models,
          [](const ModelMetrics& model) -> const Histogram& { return model.pass_images(); });
  AddEach(AddHistograms(families, "digits_pass_queue_seconds",
                        "Time that the first image of a pass waited for it."),
          models, [](const ModelMetrics& model) -> const Histogram& { return model.queued(); });
  AddEach(AddHistograms(families, "digits_pass_compute_seconds", "Time that a pass took."), models,
          [](const ModelMetrics& model) -> const Histogram& { return model.computing(); });
}

void AddQueues(std::span<const ModelMetrics> models, const Queues& queues, Families& families) {
  if (queues.images) {
    MetricFamily& waiting =
        AddGauges(families, "digits_images_waiting", "Images that wait for their pass.");
    for (size_t i = 0; i < models.size(); ++i) {
      AddSeries(waiting, LabelsOf(models[i]), uint64_t{queues.images(i)});
    }
  }
  if (queues.pictures) {
    AddSeries(AddGauges(families, "digits_pictures_waiting",
                        "Pictures and large requests that wait for a thread, or are being read."),
              {}, uint64_t{queues.pictures()});
  }
  if (queues.batches) {
    AddSeries(AddGauges(families, "digits_batches_waiting", "Batches that wait for their turn."),
              {}, uint64_t{queues.batches()});
  }
}

void AddPictures(const PictureMetrics& pictures, Families& families) {
  AddSeries(AddCounters(families, "digits_pictures_normalized_total",
                        "Pictures that have been made into 28x28 images."),
            {}, pictures.normalized());
  AddSeries(AddCounters(families, "digits_pictures_blank_total",
                        "Pictures on which nothing was found that is written."),
            {}, pictures.blank());
  AddSeries(
      AddHistograms(families, "digits_picture_normalize_seconds",
                    "Time that it took to make a picture into an image, or to find it blank."),
      {}, pictures.seconds());
}

void AddRoutes(std::span<const RouteMetrics> routes, Families& families) {
  MetricFamily& requests =
      AddCounters(families, "digits_http_requests_total",
                  "HTTP requests that have been answered, by the status code of the answer.");
  for (const RouteMetrics& route : routes) {
    for (size_t i = 0; i < kHttpCodes.size(); ++i) {
      AddSeries(requests, And(LabelsOf(route), "code", std::to_string(kHttpCodes[i])),
                route.answered(i));
    }
  }
  AddEach(AddHistograms(families, "digits_http_request_seconds",
                        "Time from an HTTP request's arrival to its answer."),
          routes, [](const RouteMetrics& route) -> const Histogram& { return route.seconds(); });
}

void AddProcess(const ProcessUsage& usage, Families& families) {
  const auto add = [](MetricFamily& family, const auto& value) {
    if (value.has_value()) AddSeries(family, {}, *value);
  };
  add(AddGauges(families, "process_start_time_seconds",
                "When the process started, in seconds since 1970."),
      usage.start_time_seconds);
  add(AddCounters(families, "process_cpu_seconds_total",
                  "Processor time that the process has used, of user and system together."),
      usage.cpu_seconds);
  add(AddGauges(families, "process_resident_memory_bytes", "Memory of the process that is in RAM."),
      usage.resident_bytes);
  add(AddGauges(families, "process_open_fds", "File descriptors that the process has open."),
      usage.open_fds);
}

}  // namespace

Metrics::Metrics(std::vector<ModelDescription> models, std::vector<RpcName> rpcs,
                 std::vector<std::string> routes, size_t threads)
    : models_(Make<ModelMetrics>(std::move(models), threads)),
      rpcs_(Make<RpcMetrics>(std::move(rpcs), threads)),
      routes_(Make<RouteMetrics>(With(std::move(routes), {kUnknown}), threads)),
      pictures_(threads) {}

void Metrics::SetQueues(Queues queues) {
  const std::lock_guard lock(mutex_);
  queues_ = std::move(queues);
}

std::string Metrics::Text() const {
  Families families;
  AddRpcs(rpcs_, families);
  AddDescriptions(models_, families);
  AddAnswers(models_, families);
  AddPasses(models_, families);
  {
    const std::lock_guard lock(mutex_);
    AddQueues(models_, queues_, families);
  }
  AddPictures(pictures_, families);
  AddRoutes(routes_, families);
  AddProcess(ReadProcessUsage(), families);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace digits
