// Keeps the dependencies between the rooms one-way: by what their sources include and by what the
// built programs load.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <regex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace digits {
namespace {

namespace fs = std::filesystem;

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

// Libraries that only some rooms may know. The general-purpose ones are open to all.
constexpr std::string_view kGrpc = "gRPC and protobuf";
constexpr std::string_view kOnednn = "oneDNN";

struct Room {
  std::string_view directory;
  std::vector<std::string_view> may_include;
};

const std::array<Room, 11> kRooms = {{
    {"server/files", {}},
    {"server/image", {}},
    {"server/simd", {}},
    {"server/model", {"server/files", "server/image"}},
    {"server/engine", {"server/image", "server/model", "server/simd", kOnednn}},
    {"server/service", {"server/image", "server/model", "server/engine", kGrpc}},
    {"server/http", {"server/model", "server/engine", "server/service", kGrpc}},
    {"server",
     {"server/files", "server/image", "server/model", "server/engine", "server/service",
      "server/http", kGrpc}},
    {"trainer/data", {"server/files", "server/image"}},
    {"trainer",
     {"trainer/data", "server/files", "server/image", "server/simd", "server/model",
      "server/engine", kOnednn}},
    {"client", {"trainer/data", "server/files", "server/image", kGrpc}},
}};

// The innermost room that holds `file`, or null.
const Room* RoomOf(std::string_view file) {
  const Room* room = nullptr;
  for (const Room& candidate : kRooms) {
    if (file.starts_with(std::string(candidate.directory) + "/") &&
        (room == nullptr || candidate.directory.size() > room->directory.size())) {
      room = &candidate;
    }
  }
  return room;
}

bool StartsWithAny(std::string_view text, std::span<const std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return text.starts_with(prefix); });
}

// What an include stands for: a room's directory, kGrpc, kOnednn, or nothing for what is open to
// all.
std::string_view DependencyOf(std::string_view include) {
  constexpr std::array<std::string_view, 5> kGrpcHeaders = {"grpc/", "grpcpp/", "grpc++/",
                                                            "google/protobuf/", "digits/"};
  constexpr std::array<std::string_view, 2> kOnednnHeaders = {"dnnl", "oneapi/dnnl/"};
  if (StartsWithAny(include, kGrpcHeaders) || include.ends_with(".pb.h")) return kGrpc;
  if (StartsWithAny(include, kOnednnHeaders)) return kOnednn;
  if (include.starts_with("tests/")) return "tests";
  const Room* room = RoomOf(include);
  return room != nullptr ? room->directory : std::string_view();
}

std::vector<std::string> IncludesOf(const fs::path& file) {
  static const std::regex kInclude(R"re(^\s*#\s*include\s*[<"]([^>"]+)[>"].*)re");
  std::vector<std::string> includes;
  std::ifstream in(file);
  std::smatch match;
  for (std::string line; std::getline(in, line);) {
    if (std::regex_match(line, match, kInclude)) includes.push_back(match[1]);
  }
  return includes;
}

// The sources under `root` that break a rule, a sentence each, sorted.
std::vector<std::string> Violations(const fs::path& root) {
  std::vector<std::string> violations;
  std::map<std::string_view, std::vector<std::string>> onednn_files;  // by room
  for (const char* top : {"server", "trainer", "client"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      const fs::path& path = entry.path();
      if (path.extension() != ".h" && path.extension() != ".cc") continue;
      const std::string file = fs::relative(path, root).generic_string();
      const Room* room = RoomOf(file);
      bool includes_onednn = false;
      for (const std::string& include : IncludesOf(path)) {
        if (fs::exists(path.parent_path() / include)) {
          violations.push_back(file + " includes " + include + " by a relative path");
        }
        const std::string_view dependency = DependencyOf(include);
        includes_onednn |= dependency == kOnednn;
        const auto& allowed = room->may_include;
        if (dependency.empty() || dependency == room->directory ||
            std::find(allowed.begin(), allowed.end(), dependency) != allowed.end()) {
          continue;
        }
        violations.push_back(file + " includes " + include + ", of " + std::string(dependency));
      }
      if (includes_onednn) onednn_files[room->directory].push_back(file);
    }
  }
  for (const auto& [room, files] : onednn_files) {
    if (files.size() > 1 || !files.front().ends_with(".cc")) {
      violations.push_back(std::string(room) + " includes oneDNN elsewhere than in one .cc");
    }
  }
  std::sort(violations.begin(), violations.end());
  return violations;
}

// The paths and names of the shared libraries that a program loads.
std::vector<std::string> LibrariesOf(const std::string& program) {
  const std::unique_ptr<FILE, int (*)(FILE*)> ldd(popen(("ldd '" + program + "'").c_str(), "r"),
                                                  pclose);
  std::vector<std::string> libraries;
  std::array<char, 4096> line;
  while (ldd != nullptr && std::fgets(line.data(), line.size(), ldd.get()) != nullptr) {
    const std::string_view text(line.data());
    libraries.emplace_back(text.substr(std::min(text.find_first_not_of(" \t"), text.size())));
  }
  return libraries;
}

class DependenciesTest : public ::testing::Test {
 protected:
  ~DependenciesTest() override { fs::remove_all(tree_); }

  // Makes a source file of one line in a tree that otherwise has none.
  void Write(const std::string& file, const std::string& line) {
    for (const char* top : {"server", "trainer", "client"}) fs::create_directories(tree_ / top);
    fs::create_directories((tree_ / file).parent_path());
    std::ofstream(tree_ / file) << line << "\n";
  }

  const fs::path tree_ = fs::path(DIGITS_BINARY_DIR) / "tests" /
                         ::testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(DependenciesTest, SourcesIncludeOnlyWhatTheirRoomMay) {
  EXPECT_THAT(Violations(DIGITS_SOURCE_DIR), IsEmpty());
}

TEST_F(DependenciesTest, AnIncludeAgainstTheDirectionIsFound) {
  const struct {
    std::string file, include;
  } kBroken[] = {
      {"server/files/a.cc", "\"server/model/errors.h\""},
      {"server/image/a.cc", "\"server/model/network.h\""},
      {"server/model/a.cc", "\"server/engine/classifier.h\""},
      {"server/model/a.cc", "<dnnl.hpp>"},
      {"server/engine/a.h", "<grpcpp/grpcpp.h>"},
      {"server/engine/a.h", "\"digits/v1/digits.pb.h\""},
      {"server/service/a.cc", "\"oneapi/dnnl/dnnl.hpp\""},
      {"server/service/a.cc", "\"server/http/server.h\""},
      {"server/http/a.cc", "\"server/files/file.h\""},
      {"server/main.cc", "\"trainer/data/read.h\""},
      {"trainer/data/a.cc", "\"server/model/network.h\""},
      {"trainer/data/a.cc", "\"trainer/loss.h\""},
      {"trainer/main.cc", "<google/protobuf/message.h>"},
      {"trainer/layers/a.cc", "\"server/service/service.h\""},
      {"client/a.cc", "\"server/model/weights_file.h\""},
      {"client/a.cc", "  # include \"server/engine/classifier.h\""},
      {"client/a.cc", "\"trainer/fit.h\""},
      {"server/image/a.cc", "\"tests/e2e/process.h\""},
  };
  for (const auto& [file, include] : kBroken) {
    fs::remove_all(tree_);
    Write(file, include.find('#') == std::string::npos ? "#include " + include : include);
    EXPECT_THAT(Violations(tree_), ElementsAre(StartsWith(file + " includes "))) << include;
  }
}

TEST_F(DependenciesTest, AnIncludeByARelativePathIsFound) {
  Write("server/model/network.h", "");
  Write("server/model/a.cc", "#include \"network.h\"");
  EXPECT_THAT(Violations(tree_), ElementsAre(HasSubstr("relative path")));
}

TEST_F(DependenciesTest, OnednnInAHeaderIsFound) {
  Write("server/engine/a.h", "#include <dnnl.hpp>");
  EXPECT_THAT(Violations(tree_), ElementsAre(HasSubstr("in one .cc")));
}

TEST_F(DependenciesTest, OnednnInASecondFileIsFound) {
  Write("server/engine/a.cc", "#include <dnnl.hpp>");
  EXPECT_THAT(Violations(tree_), IsEmpty());
  Write("server/engine/b.cc", "#include <dnnl.hpp>");
  EXPECT_THAT(Violations(tree_), ElementsAre(HasSubstr("in one .cc")));
}

TEST_F(DependenciesTest, TheTrainerLoadsNeitherGrpcNorProtobuf) {
  const auto libraries = LibrariesOf(DIGITS_TRAINER);
  EXPECT_THAT(libraries, Contains(StartsWith("libdnnl")));
  EXPECT_THAT(libraries, Not(Contains(StartsWith("libgrpc"))));
  EXPECT_THAT(libraries, Not(Contains(StartsWith("libprotobuf"))));
}

TEST_F(DependenciesTest, TheClientLoadsNoOnednn) {
  const auto libraries = LibrariesOf(DIGITS_CLIENT);
  EXPECT_THAT(libraries, Contains(StartsWith("libgrpc")));
  EXPECT_THAT(libraries, Not(Contains(StartsWith("libdnnl"))));
}

TEST_F(DependenciesTest, TheServerLoadsBothSoTheyWouldBeSeen) {
  const auto libraries = LibrariesOf(DIGITS_SERVER);
  EXPECT_THAT(libraries, Contains(StartsWith("libdnnl")));
  EXPECT_THAT(libraries, Contains(StartsWith("libgrpc")));
  EXPECT_THAT(libraries, Contains(StartsWith("libprotobuf")));
}

}  // namespace
}  // namespace digits
