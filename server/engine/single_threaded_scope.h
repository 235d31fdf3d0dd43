// Keeps OpenMP to the calling thread.
#ifndef DIGITS_SERVER_ENGINE_SINGLE_THREADED_SCOPE_H_
#define DIGITS_SERVER_ENGINE_SINGLE_THREADED_SCOPE_H_

#include <omp.h>

namespace digits {

// Has what oneDNN creates or runs on this thread use this thread alone: teams of threads would
// compete with the server's own.
class SingleThreadedScope {
 public:
  SingleThreadedScope() : threads_(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~SingleThreadedScope() { omp_set_num_threads(threads_); }
  SingleThreadedScope(const SingleThreadedScope&) = delete;
  SingleThreadedScope& operator=(const SingleThreadedScope&) = delete;

 private:
  const int threads_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_ENGINE_SINGLE_THREADED_SCOPE_H_
