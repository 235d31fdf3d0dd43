#include "server/service/health.h"

#include <gtest/gtest.h>

#include <memory>

namespace digits {
namespace {

class CountingWatcher final : public Health::Watcher {
 public:
  void Changed() override { ++changes; }
  int changes = 0;
};

TEST(HealthTest, KnowsTheNamesThatWereSet) {
  Health health;
  EXPECT_EQ(health.Get(""), std::nullopt);
  health.Set("", true);
  health.Set("model", false);
  EXPECT_EQ(health.Get(""), true);
  EXPECT_EQ(health.Get("model"), false);
  health.Set("", false);
  EXPECT_EQ(health.Get(""), false);
}

TEST(HealthTest, TellsThoseWhoWatchUntilTheyGo) {
  Health health;
  const auto watcher = std::make_shared<CountingWatcher>();
  health.Set("before", true);
  health.Add(watcher);
  health.Set("", true);
  EXPECT_EQ(watcher->changes, 1);
  health.Remove(watcher);
  health.Set("", false);
  EXPECT_EQ(watcher->changes, 1);
  EXPECT_EQ(watcher.use_count(), 1);
}

}  // namespace
}  // namespace digits
