// digits-server: flags to options, models to memory, then serves until a signal.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/embedded_model.h"
#include "server/engine/load.h"
#include "server/engine/registry.h"
#include "server/files/loading_memory.h"
#include "server/files/standard_streams.h"
#include "server/flags.h"
#include "server/http/server.h"
#include "server/model/weights_file.h"
#include "server/service/log.h"
#include "server/service/process.h"
#include "server/service/server.h"

namespace digits {
namespace {

using Clock = std::chrono::steady_clock;

// `begin`: when reading the weights began.
absl::Status Load(const std::string& name, Clock::time_point begin, absl::StatusOr<Weights> weights,
                  Precision precision, ModelRegistry& models) {
  if (!weights.ok()) return weights.status();
  const std::string architecture = Architecture(weights->network);
  absl::StatusOr<ServedModel> model = MakeServedModel(name, *std::move(weights), precision);
  if (!model.ok()) return model.status();
  model->load_time = Clock::now() - begin;
  Log(spdlog::level::info, "loaded",
      {{"model", name},
       {"version", model->version},
       {"architecture", architecture},
       {"precision", std::string(model->classifier->precision())}});
  return models.Add(*std::move(model));
}

absl::Status LoadAll(const Options& options, ModelRegistry& models) {
  const LoadingMemory memory(options.server.service.threads);
  if (options.models.empty()) {
    return Load("best", Clock::now(), ParseWeights(EmbeddedModel(), "the built-in model"),
                options.precision, models);
  }
  for (const auto& [name, file] : options.models) {
    const auto begin = Clock::now();
    absl::Status status = Load(name, begin, ReadWeights(file), options.precision, models);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Run(const Options& options) {
  ModelRegistry models;
  if (absl::Status status = LoadAll(options, models); !status.ok()) return status;
  std::unique_ptr<Metrics> metrics;  // none where HTTP shows none
  if (options.http) {
    const auto routes = Api::Routes();
    metrics = MakeMetrics(models, {routes.begin(), routes.end()},
                          2 * options.server.service.threads + options.http->threads);
  }
  std::atomic<bool> ready = false;
  HttpReports reports(metrics.get());
  std::unique_ptr<HttpServer> http;
  if (options.http) {
    absl::StatusOr<std::unique_ptr<HttpServer>> started =
        HttpServer::Start(*options.http, {&models, options.server.max_batch_images, metrics.get()},
                          {.ready = [&ready] { return ready.load(); },
                           .metrics = [&metrics] { return metrics->Text(); },
                           .on_request = [&reports](const HttpReport& r) { reports.Add(r); }});
    if (!started.ok()) return started.status();
    http = *std::move(started);
  }
  absl::StatusOr<std::unique_ptr<Server>> server =
      Server::Start(options.server, models, metrics.get());
  if (!server.ok()) return server.status();
  ready = true;
  Log(spdlog::level::info, "listening", {{"address", (*server)->address()}});
  if (http) Log(spdlog::level::info, "serving_http", {{"address", http->address()}});

  const int signal = WaitForStopSignal();
  Log(spdlog::level::info, "draining",
      {{"signal", strsignal(signal)},
       {"delay_ms", options.drain_delay.count()},
       {"timeout_ms", options.drain_timeout.count()}});
  ready = false;
  (*server)->ReportNotServing();
  std::this_thread::sleep_for(options.drain_delay);
  const auto end = Clock::now() + options.drain_timeout;
  const bool finished = (*server)->Shutdown(options.drain_timeout);
  // The last to go, so that it can be watched how the calls come to their ends.
  if (http != nullptr) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    http->Shutdown(std::max(left, std::chrono::milliseconds(0)));
  }
  Log(finished ? spdlog::level::info : spdlog::level::warn, "stopped",
      {{"all_calls_finished", finished}});
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  PrepareStandardStreams();
  const std::variant<Options, int> parsed = ParseFlags(argc, argv);
  if (const int* exit_code = std::get_if<int>(&parsed)) return *exit_code;
  const Options& options = std::get<Options>(parsed);
  PrepareProcess(options.server.service.threads);
  SetUpLog(options.log_format, options.log_level);
  if (const absl::Status status = Run(options); !status.ok()) {
    Log(spdlog::level::err, "failed", {{"reason", std::string{status.message()}}});
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace digits

int main(int argc, char** argv) { return digits::Main(argc, argv); }
