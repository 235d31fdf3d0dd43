// stdin, stdout and stderr, whatever they were made by whoever started the program.
#ifndef DIGITS_SERVER_FILES_STANDARD_STREAMS_H_
#define DIGITS_SERVER_FILES_STANDARD_STREAMS_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace digits {

// To be called first in main(). From then on writing to a pipe that nobody reads is an error
// instead of the program's end, and where a stream is closed nothing else takes its place: no file
// or connection that is opened later gets what is printed.
void PrepareStandardStreams();

// Reads stdin to its end, at most `max_bytes`; InvalidArgument where there are more, and an error
// where it is closed.
absl::StatusOr<std::string> ReadStdin(size_t max_bytes);

// Writes all of the text and flushes it. An error, which says why, where stdout is closed or full
// or its reader has gone.
absl::Status WriteStdout(std::string_view text);

// Writes what can be written. What cannot is dropped: it is no reason to stop any work.
void WriteStderr(std::string_view text);

}  // namespace digits

#endif  // DIGITS_SERVER_FILES_STANDARD_STREAMS_H_
