// Calls a server over and over, as many clients would while it is replaced.
#ifndef DIGITS_TESTS_E2E_LOAD_H_
#define DIGITS_TESTS_E2E_LOAD_H_

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace digits {

// One Classify.
struct Call {
  std::chrono::steady_clock::time_point begun;
  grpc::StatusCode code;
};

// Begins with the constructor, ends with Stop or the destructor. Each caller has a connection of
// its own and makes one call after another, without retries.
class Load {
 public:
  Load(const std::string& address, int callers);
  ~Load();

  // All calls, caller after caller.
  std::vector<Call> Stop();

 private:
  std::atomic<bool> stopped_ = false;
  std::vector<std::vector<Call>> calls_;  // by caller
  std::vector<std::thread> callers_;
};

// Expects of calls to a server that was sent SIGTERM at `sigterm`: those that it got before its
// drain delay was over were all answered, among them some begun after `sigterm`; the later ones
// were answered or got UNAVAILABLE, and some did get that.
void ExpectNothingLost(const std::vector<Call>& calls,
                       std::chrono::steady_clock::time_point sigterm,
                       std::chrono::seconds drain_delay);

}  // namespace digits

#endif  // DIGITS_TESTS_E2E_LOAD_H_
