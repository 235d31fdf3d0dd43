// Where memory comes from while models or files are loaded, and while models are served.
#ifndef DIGITS_SERVER_LOADING_MEMORY_H_
#define DIGITS_SERVER_LOADING_MEMORY_H_

namespace digits {

// While it lives, large blocks come from a heap of huge pages, where the system has these: models
// are read, transposed and laid out in many blocks of a few megabytes, and to be given such memory
// page by page took nearly half of a start. So it took half of classifying 10,000 images of a file,
// by the client. Afterwards what is free goes back to the system, but for blocks that messages
// take: a batch of 1,000 images is 784 KB, and to be given that page by page for every call took
// longer than to answer it by a small network. After 16 calls at a time with 10,000 images each the
// process keeps some 300 MB. For the only thread of the process.
class LoadingMemory {
 public:
  LoadingMemory();
  ~LoadingMemory();
  LoadingMemory(const LoadingMemory&) = delete;
  LoadingMemory& operator=(const LoadingMemory&) = delete;
};

}  // namespace digits

#endif  // DIGITS_SERVER_LOADING_MEMORY_H_
