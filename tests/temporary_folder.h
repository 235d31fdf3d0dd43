// A folder of its own for a test, which goes with all that is in it.
#ifndef DIGITS_TESTS_TEMPORARY_FOLDER_H_
#define DIGITS_TESTS_TEMPORARY_FOLDER_H_

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace digits {

class TemporaryFolder {
 public:
  TemporaryFolder() : path_(std::filesystem::temp_directory_path() / "digits-test-XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("a test has no folder");
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }
  std::string File(const std::string& name) const { return std::filesystem::path(path_) / name; }

  // Writes a file, and the folders above it within this one. Returns its path.
  std::string Write(const std::string& name, std::string_view bytes) const {
    const std::filesystem::path file = File(name);
    std::filesystem::create_directories(file.parent_path());
    std::ofstream out(file, std::ios::binary);
    out << bytes << std::flush;
    if (!out.good()) throw std::runtime_error("a test's file cannot be written");
    return file;
  }

 private:
  std::string path_;
};

}  // namespace digits

#endif  // DIGITS_TESTS_TEMPORARY_FOLDER_H_
