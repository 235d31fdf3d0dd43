// The HTTP server with fake models.
#ifndef DIGITS_TESTS_SERVER_HTTP_HTTP_TEST_BASE_H_
#define DIGITS_TESTS_SERVER_HTTP_HTTP_TEST_BASE_H_

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "server/engine/registry.h"
#include "server/http/server.h"
#include "tests/server/engine/fake_classifier.h"
#include "tests/server/http/connection.h"

namespace digits {

inline constexpr char kAsBytes[] = "application/octet-stream";
inline constexpr char kAsJson[] = "application/json";
inline constexpr char kClassify[] = "/v1/classify";

// Serves the models "first", the default one, with a digit_threshold of 25, and "second", without.
class HttpTestBase : public ::testing::Test {
 protected:
  HttpTestBase() {
    options_.listen = "127.0.0.1:0";
    ServedModel first = MakeFakeModel("first", std::make_unique<FakeClassifier>([this](size_t) {
                                        if (on_classify_ != nullptr) on_classify_();
                                      }));
    first.digit_threshold = 25.f;
    EXPECT_TRUE(models_.Add(std::move(first)).ok());
    EXPECT_TRUE(models_.Add(MakeFakeModel("second", std::make_unique<FakeClassifier>())).ok());
  }

  // With what options_ and callbacks_ are then.
  void Start() {
    auto server = HttpServer::Start(options_, {&models_, 3000}, callbacks_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  const std::string& address() const { return server_->address(); }
  Answer Ask(std::string_view request) const { return digits::Ask(address(), request); }
  Answer Get(std::string_view path) const { return Ask(GetRequest(path)); }
  Answer Post(std::string_view content_type, std::string_view body) const {
    return Ask(PostRequest(kClassify, content_type, body));
  }

  HttpOptions options_;
  HttpCallbacks callbacks_;
  std::function<void()> on_classify_;  // before "first" computes
  ModelRegistry models_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace digits

#endif  // DIGITS_TESTS_SERVER_HTTP_HTTP_TEST_BASE_H_
