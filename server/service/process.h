// What a server asks of its process: signals and limits.
#ifndef DIGITS_SERVER_SERVICE_PROCESS_H_
#define DIGITS_SERVER_SERVICE_PROCESS_H_

#include <cstddef>

namespace digits {

// To be called before any thread is started: keeps SIGTERM and SIGINT for WaitForStopSignal, raises
// the limit of open files, each connection being one, as far as is allowed, and decides how gRPC
// waits for its connections, unless the environment does (GRPC_POLL_STRATEGY), when so many threads
// serve them.
void PrepareProcess(size_t threads);

// Waits for SIGTERM or SIGINT and returns it. A second one then ends the process at once, with exit
// code 128 + signal.
int WaitForStopSignal();

}  // namespace digits

#endif  // DIGITS_SERVER_SERVICE_PROCESS_H_
