#include "server/service/call_reports.h"

namespace digits {

void CallReports::Failed(const grpc::ServerContextBase& call, const absl::Status& error) const {
  failures_.Add(error, [&] {
    FailedRequest failed = {.method = method_, .peer = call.peer(), .traceparent = ""};
    const auto& metadata = call.client_metadata();
    if (const auto header = metadata.find("traceparent"); header != metadata.end()) {
      failed.traceparent.assign(header->second.data(), header->second.size());
    }
    return failed;
  });
}

}  // namespace digits
