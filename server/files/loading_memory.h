// Where memory comes from while models or files are loaded, and while models are served.
#ifndef DIGITS_SERVER_FILES_LOADING_MEMORY_H_
#define DIGITS_SERVER_FILES_LOADING_MEMORY_H_

#include <cstddef>

namespace digits {

// From now on, large blocks come from a heap of huge pages, where the system has these: what is
// loaded is read and copied in many blocks of a few megabytes, and to be given such memory page by
// page took half of a start, and half of the time that the client took to classify a file of 10,000
// images.
void LoadIntoHugePages();

// Does this while it lives. Afterwards what is free goes back to the system, but for blocks that
// messages take: a batch of 1,000 images is 784 KB, and to be given that page by page for every
// call took longer than to answer it by a small network. `threads` is how many of them take such
// messages. For the only thread of the process.
class LoadingMemory {
 public:
  explicit LoadingMemory(size_t threads);
  ~LoadingMemory();
  LoadingMemory(const LoadingMemory&) = delete;
  LoadingMemory& operator=(const LoadingMemory&) = delete;

 private:
  const size_t threads_;
};

}  // namespace digits

#endif  // DIGITS_SERVER_FILES_LOADING_MEMORY_H_
