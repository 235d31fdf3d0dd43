#include "trainer/data/fetch.h"

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "server/files/file.h"
#include "tests/temporary_folder.h"
#include "tests/trainer/data/test_files.h"

namespace digits {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// sha256sum's, of "abc" and of "def".
const RemoteFile kAbc = {"a.gz",
                         "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"};
const RemoteFile kDef = {"b.gz",
                         "cb8379ac2098aa165029e3938a51da0bcecfc008fd6795f401178647f96c5b34"};

// Sets PATH for a test.
class ScopedPath {
 public:
  explicit ScopedPath(const std::string& path) : old_(getenv("PATH")) {
    setenv("PATH", path.c_str(), 1);
  }
  ScopedPath(const ScopedPath&) = delete;
  ScopedPath& operator=(const ScopedPath&) = delete;
  ~ScopedPath() { setenv("PATH", old_.c_str(), 1); }

 private:
  std::string old_;
};

class FetchTest : public ::testing::Test {
 protected:
  absl::Status FetchFrom(const std::vector<std::string>& mirrors, std::vector<RemoteFile> files) {
    return Fetch({mirrors, std::move(files)}, directory_,
                 [this](std::string_view line) { lines_.emplace_back(line); });
  }
  // A mirror that holds the files, and its URL.
  std::string Mirror(const std::string& name, const std::string& a, const std::string& b) {
    folder_.Write(name + "/a.gz", a);
    folder_.Write(name + "/b.gz", b);
    return "file://" + folder_.path() + "/" + name + "/";
  }
  // A program called curl that is this shell script, and the PATH that has no other.
  std::string Curl(const std::string& script) {
    const std::string program = folder_.Write("bin/curl", "#!/bin/sh\n" + script);
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    return folder_.path() + "/bin";
  }
  std::string Content(const std::string& name) {
    const auto bytes = ReadFile(directory_ + "/" + name, 1000);
    return bytes.ok() ? *bytes : "nothing";
  }
  std::vector<std::string> Names() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  TemporaryFolder folder_;
  std::string directory_ = folder_.path() + "/new/data";
  std::vector<std::string> lines_;
};

TEST_F(FetchTest, FilesAreBroughtIntoAFolderThatIsMade) {
  const std::string mirror = Mirror("mirror", "abc", "def");
  const absl::Status status = FetchFrom({mirror}, {kAbc, kDef});
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(Content("a.gz"), "abc");
  EXPECT_EQ(Content("b.gz"), "def");
  EXPECT_EQ(Names().size(), 2u);
  EXPECT_THAT(lines_, ElementsAre(directory_ + "/a.gz: fetched from " + mirror,
                                  directory_ + "/b.gz: fetched from " + mirror));
}

TEST_F(FetchTest, FilesThatAreThereAndRightNeedNoMirror) {
  folder_.Write("new/data/a.gz", "abc");
  const absl::Status status = FetchFrom({}, {kAbc});
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_THAT(lines_, ElementsAre(directory_ + "/a.gz: already there"));
}

TEST_F(FetchTest, OtherFileOfTheSameNameIsLeftAlone) {
  folder_.Write("new/data/a.gz", "mine");
  const absl::Status status = FetchFrom({Mirror("mirror", "abc", "def")}, {kAbc, kDef});
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(MessageOf(status),
              StartsWith(directory_ + "/a.gz: is there already, but is another file"));
  EXPECT_EQ(Content("a.gz"), "mine");
}

TEST_F(FetchTest, SecondMirrorIsAskedWhereTheFirstIsWrong) {
  const std::string wrong = Mirror("wrong", "other", "other");
  const std::string right = Mirror("right", "abc", "def");
  const absl::Status status = FetchFrom({wrong, right}, {kAbc, kDef});
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(Content("a.gz"), "abc");
  EXPECT_EQ(Content("b.gz"), "def");
}

TEST_F(FetchTest, WrongHashIsAnErrorAndLeavesNothing) {
  const absl::Status status = FetchFrom({Mirror("wrong", "abc", "other")}, {kAbc, kDef});
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(MessageOf(status),
              HasSubstr("b.gz: gave another file: its SHA-256 is "
                        "d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5"
                        "b2fcffa, expected cb8379ac"));
  EXPECT_THAT(Names(), ElementsAre("a.gz"));
}

TEST_F(FetchTest, NoNetworkIsSaidOfEveryMirror) {
  // Port 9 of this machine answers nobody.
  const absl::Status status =
      FetchFrom({"https://127.0.0.1:9/one/", "https://127.0.0.1:9/two/"}, {kAbc, kDef});
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(MessageOf(status), StartsWith(directory_ + "/a.gz cannot be downloaded; without a "
                                                         "network, put the files there by hand"));
  EXPECT_THAT(MessageOf(status),
              HasSubstr("https://127.0.0.1:9/one/a.gz: curl: (7) Failed to connect"));
  EXPECT_THAT(MessageOf(status),
              HasSubstr("https://127.0.0.1:9/two/a.gz: curl: (7) Failed to connect"));
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(FetchTest, MirrorThatNeverAnswersIsGivenUpWithinSeconds) {
  // The system takes connections for a socket that listens, and nobody answers them.
  const int silent = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(bind(silent, any, size), 0);
  ASSERT_EQ(listen(silent, 1), 0);
  ASSERT_EQ(getsockname(silent, any, &size), 0);

  const auto begin = std::chrono::steady_clock::now();
  const absl::Status status =
      FetchFrom({"https://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/"}, {kAbc});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(MessageOf(status), HasSubstr("curl: (28) "));  // its number for being out of time
  EXPECT_THAT(Names(), IsEmpty());
  close(silent);
}

TEST_F(FetchTest, MissingCurlIsSaid) {
  const ScopedPath path(folder_.path());
  const absl::Status status = FetchFrom({"https://127.0.0.1:9/"}, {kAbc});
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(MessageOf(status), HasSubstr("needs the program curl, which is not installed"));
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(FetchTest, CurlIsHeldToTheMirrorsProtocolAndToLimits) {
  const ScopedPath path(Curl("echo \"$@\" >&2; exit 22"));
  const absl::Status status = FetchFrom({"https://example.org/mnist/"}, {kAbc});
  for (const char* const option :
       {"--fail ", "--location ", "--proto =https ", "--connect-timeout 5 ", "--speed-limit 1000 ",
        "--speed-time 10 ", "--max-time 300 ", "--max-filesize 100000000 "}) {
    EXPECT_THAT(MessageOf(status), HasSubstr(option));
  }
}

TEST_F(FetchTest, CurlThatFailsWithoutAWordIsReportedByItsEnd) {
  const std::vector<RemoteFile> files = {kAbc};
  const std::vector<std::string> mirrors = {"https://example.org/"};
  {
    const ScopedPath path(Curl("exit 22"));
    EXPECT_THAT(MessageOf(FetchFrom(mirrors, files)), HasSubstr("curl failed with exit code 22"));
  }
  {
    const ScopedPath path(Curl("kill -9 $$"));
    EXPECT_THAT(MessageOf(FetchFrom(mirrors, files)), HasSubstr("curl was ended by signal 9"));
  }
}

TEST_F(FetchTest, DownloadThatBreaksOffLeavesNothing) {
  const ScopedPath path(Curl("printf ab; echo 'curl: (18) transfer closed' >&2; exit 18"));
  const absl::Status status = FetchFrom({"https://example.org/"}, {kAbc});
  EXPECT_THAT(MessageOf(status), HasSubstr("curl: (18) transfer closed"));
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(FetchTest, FolderThatCannotBeMadeIsAnError) {
  folder_.Write("new", "a file");
  EXPECT_THAT(MessageOf(FetchFrom({}, {kAbc})), StartsWith(directory_ + ": cannot be made"));
}

TEST(MnistFilesTest, AreFourFromTwoMirrors) {
  const RemoteFiles mnist = MnistFiles();
  EXPECT_EQ(mnist.files.size(), 4u);
  ASSERT_EQ(mnist.mirrors.size(), 2u);
  for (const std::string& mirror : mnist.mirrors) {
    EXPECT_TRUE(mirror.starts_with("https://") && mirror.ends_with("/")) << mirror;
  }
}

}  // namespace
}  // namespace digits
