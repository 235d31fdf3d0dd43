// The image and the manifests, run by podman as Kubernetes would run them.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/load.h"
#include "tests/e2e/process.h"

namespace digits {
namespace {

namespace fs = std::filesystem;

using nlohmann::literals::operator""_json_pointer;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr std::chrono::seconds kDrainDelay{5};  // of deploy/kubernetes/base

Finished Shell(const std::string& command) {
  return RunProgram({"/bin/bash", "-c", command}, fs::temp_directory_path());
}

// A TCP port of 127.0.0.1 that nobody listens at.
int FreePort() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(bind(listener, generic, size), 0);
  EXPECT_EQ(getsockname(listener, generic, &size), 0);
  close(listener);
  return ntohs(address.sin_port);
}

// A pod of the rendered Deployment. Gone on destruction.
class Pod {
 public:
  explicit Pod(const std::string& name)
      : folder_(fs::path(DIGITS_BINARY_DIR) / ("pod-" + name)),
        manifests_((folder_ / "rendered.yaml").string()),
        container_("digits-server-" + name + "-pod-0-digits-server"),
        address_("127.0.0.1:" + std::to_string(port_)),
        http_address_("127.0.0.1:" + std::to_string(http_port_)) {
    fs::create_directories(folder_);
    const Finished rendered =
        Shell("'" DIGITS_SOURCE_DIR "/tests/deploy/render' '" + folder_.string() + "' " + name +
              " " + std::to_string(port_) + " " + std::to_string(http_port_));
    EXPECT_EQ(rendered.exit_code, 0) << rendered.err;
    std::ofstream(manifests_) << rendered.out;
  }
  ~Pod() { Shell("podman kube down '" + manifests_ + "'"); }
  Pod(const Pod&) = delete;
  Pod& operator=(const Pod&) = delete;

  const std::string& address() const { return address_; }
  const std::string& http_address() const { return http_address_; }

  // Starts it and waits until the health service says that it is ready.
  void Start() {
    const Finished played = Shell("podman kube play '" + manifests_ + "'");
    ASSERT_EQ(played.exit_code, 0) << played.err;
    Finished health;
    for (int i = 0; i < 150; ++i) {
      health = RunProgram({DIGITS_CLIENT, "health", "--server", address_}, folder_);
      if (health.exit_code == 0) return;
      std::this_thread::sleep_for(200ms);
    }
    FAIL() << health.err << Shell("podman logs " + container_).err;
  }

  // Sends SIGTERM and waits for the end, as long as terminationGracePeriodSeconds says. Returns the
  // exit code.
  std::string Stop() {
    Shell("podman stop --time 30 " + container_);
    return Inspect("{{.State.ExitCode}}");
  }

  std::string Inspect(const std::string& format) const {
    std::string value = Shell("podman inspect -f '" + format + "' " + container_).out;
    return value.substr(0, value.find('\n'));
  }

 private:
  const int port_ = FreePort();
  const int http_port_ = FreePort();
  const fs::path folder_;
  const std::string manifests_;
  const std::string container_;
  const std::string address_;
  const std::string http_address_;
};

class ContainerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (Shell("podman image exists localhost/digits:test").exit_code != 0) {
      GTEST_SKIP() << "there is no podman, or no image localhost/digits:test";
    }
  }

  // MNIST's test digits where they are; otherwise the strokes.
  static std::string Data() {
    const char* mnist = std::getenv("DIGITS_MNIST_DIR");
    return mnist != nullptr ? mnist : "strokes";
  }

  // The label of each digit of Data(), as a server tells it.
  static std::vector<std::string> Labels(const std::string& server) {
    const Finished client =
        RunProgram({DIGITS_CLIENT, "classify", Data(), "--format", "csv", "--server", server},
                   fs::temp_directory_path());
    EXPECT_EQ(client.exit_code, 0) << client.err;
    return LabelsOfCsv(client.out);
  }
};

TEST_F(ContainerTest, KubernetesKnowsEveryFieldOfTheDeployment) {
  const auto read_by = [](const std::string& command) {
    const std::string root = DIGITS_SOURCE_DIR;
    const Finished read = Shell("'" + root + "/tests/deploy/kubectl' " + command + " --local -f '" +
                                root + "/deploy/kubernetes/base/deployment.yaml' -o json");
    EXPECT_EQ(read.exit_code, 0) << read.err;
    return nlohmann::json::parse(read.out);
  };
  // The first command keeps the fields that it does not know, the second one drops them.
  const auto written = read_by("label test=test");
  const auto understood = read_by("set image digits-server=test");
  for (const auto& change : nlohmann::json::diff(written, understood)) {
    EXPECT_TRUE(change["op"] != "remove" || change["path"] == "/metadata/labels") << change;
  }
}

TEST_F(ContainerTest, TheServiceAndTheDisruptionBudgetSelectTheDeploymentsPods) {
  const std::string kubectl = "'" DIGITS_SOURCE_DIR "/tests/deploy/kubectl' ";
  const std::string rendered = DIGITS_BINARY_DIR "/rendered-base.yaml";
  // The second command only turns YAML into JSON.
  const Finished read =
      Shell(kubectl + "kustomize '" DIGITS_SOURCE_DIR "/deploy/kubernetes/base' >'" + rendered +
            "' && " + kubectl + "label test=test --local -f '" + rendered + "' -o json");
  ASSERT_EQ(read.exit_code, 0) << read.err;
  std::map<std::string, nlohmann::json> objects;  // by kind
  std::istringstream stream(read.out);
  while (stream >> std::ws && !stream.eof()) {
    nlohmann::json object;
    stream >> object;
    objects[object["kind"]] = object;
  }
  const nlohmann::json labels =
      objects["Deployment"].at("/spec/template/metadata/labels"_json_pointer);
  EXPECT_FALSE(labels.empty());
  EXPECT_EQ(objects["Deployment"].at("/spec/selector/matchLabels"_json_pointer), labels);
  EXPECT_EQ(objects["PodDisruptionBudget"].at("/spec/selector/matchLabels"_json_pointer), labels);
  EXPECT_EQ(objects["Service"].at("/spec/selector"_json_pointer), labels);
}

TEST_F(ContainerTest, TheImageHoldsLessThan100Megabytes) {
  const Finished size = Shell("podman image inspect -f '{{.Size}}' localhost/digits:test");
  RecordProperty("bytes", size.out);
  EXPECT_LT(std::stoll(size.out), 100'000'000);
}

TEST_F(ContainerTest, APodIsConfinedAndTakesItsSettingsFromTheConfigMap) {
  Pod pod("confined");
  ASSERT_NO_FATAL_FAILURE(pod.Start());
  EXPECT_EQ(pod.Inspect("{{.Config.User}}"), "65532:65532");
  EXPECT_EQ(pod.Inspect("{{.HostConfig.ReadonlyRootfs}}"), "true");
  EXPECT_EQ(pod.Inspect("{{.EffectiveCaps}}"), "[]");
  EXPECT_EQ(pod.Inspect("{{.HostConfig.SecurityOpt}}"), "[no-new-privileges]");
  EXPECT_THAT(pod.Inspect("{{.Config.Env}}"), ::testing::HasSubstr("DIGITS_DRAIN_DELAY=5s"));
}

TEST_F(ContainerTest, APodClassifiesForAClientOutsideItAsAServerOnThisMachineDoes) {
  Process local({DIGITS_SERVER, "--listen", "127.0.0.1:0", "--log-format", "json"},
                fs::temp_directory_path());
  const std::string local_address = WaitForAddress(local);
  ASSERT_FALSE(local_address.empty()) << local.Stderr();
  Pod pod("classify");
  ASSERT_NO_FATAL_FAILURE(pod.Start());
  EXPECT_EQ(Labels(pod.address()), Labels(local_address));
}

TEST_F(ContainerTest, APodServesThePageAndItsMetrics) {
  Pod pod("page");
  ASSERT_NO_FATAL_FAILURE(pod.Start());
  const Finished page = Shell("curl -fsS http://" + pod.http_address() + "/");
  EXPECT_THAT(page.out, ::testing::HasSubstr("<title>Digits</title>")) << page.err;
  const Finished metrics = Shell("curl -fsS http://" + pod.http_address() + "/metrics");
  EXPECT_THAT(metrics.out, ::testing::HasSubstr("digits_model_info{model=\"best\"")) << metrics.err;
}

TEST_F(ContainerTest, APodThatIsStoppedUnderLoadLosesNothing) {
  Pod pod("stopped");
  ASSERT_NO_FATAL_FAILURE(pod.Start());
  Load load(pod.address(), /*callers=*/8);
  std::this_thread::sleep_for(500ms);
  const auto sigterm = std::chrono::steady_clock::now();
  EXPECT_EQ(pod.Stop(), "0");
  ExpectNothingLost(load.Stop(), sigterm, kDrainDelay);
}

TEST_F(ContainerTest, TheClientsRetriesHideAPodThatIsStopped) {
  Pod leaving("leaving");
  Pod staying("staying");
  ASSERT_NO_FATAL_FAILURE(leaving.Start());
  ASSERT_NO_FATAL_FAILURE(staying.Start());
  const std::vector<std::string> before = Labels(staying.address());
  const std::string both = "ipv4:" + leaving.address() + "," + staying.address();
  std::thread stop([&] { EXPECT_EQ(leaving.Stop(), "0"); });
  const auto end = std::chrono::steady_clock::now() + kDrainDelay + 3s;
  while (std::chrono::steady_clock::now() < end) EXPECT_EQ(Labels(both), before);
  stop.join();
}

}  // namespace
}  // namespace digits
