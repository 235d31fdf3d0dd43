#include "server/engine/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace digits {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::Pointee;

ServedModel Model(const std::string& name, const std::string& version) {
  ServedModel model;
  model.name = name;
  model.version = version;
  return model;
}

class RegistryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(registry_.Add(Model("mnist", "0123456789ab")).ok());
    ASSERT_TRUE(registry_.Add(Model("fashion", "cdef01234567")).ok());
  }

  std::string Found(std::string_view name, std::string_view version) const {
    const absl::StatusOr<const ServedModel*> model = registry_.Find(name, version);
    if (model.ok()) return (*model)->name;
    return std::string(model.status().message());
  }

  ModelRegistry registry_;
};

TEST_F(RegistryTest, FindsTheFirstModelByNoName) {
  EXPECT_EQ(Found("", ""), "mnist");
  EXPECT_EQ(Found("", "0123456789ab"), "mnist");
}

TEST_F(RegistryTest, FindsAModelByItsNameAndVersion) {
  EXPECT_EQ(Found("fashion", ""), "fashion");
  EXPECT_EQ(Found("fashion", "cdef01234567"), "fashion");
}

TEST_F(RegistryTest, ListsModelsInTheOrderInWhichTheyWereAdded) {
  EXPECT_THAT(registry_.models(), ElementsAre(Pointee(Field(&ServedModel::name, "mnist")),
                                              Pointee(Field(&ServedModel::name, "fashion"))));
}

TEST_F(RegistryTest, SaysWhichModelsThereAre) {
  EXPECT_EQ(registry_.Find("letters", "").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Found("letters", ""), "there is no model 'letters'; there are: mnist, fashion");
  EXPECT_EQ(ModelRegistry().Find("", "").status().message(), "no model is loaded");
}

TEST_F(RegistryTest, SaysWhichVersionThereIs) {
  EXPECT_EQ(registry_.Find("", "cdef01234567").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Found("", "cdef01234567"),
            "model 'mnist' has no version 'cdef01234567'; it has 0123456789ab");
}

TEST_F(RegistryTest, RefusesASecondModelOfTheSameName) {
  const absl::Status status = registry_.Add(Model("fashion", "other"));
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(status.message(), "two models are called 'fashion'");
}

TEST_F(RegistryTest, RefusesNamesThatNoMessageCanHold) {
  for (const char* name : {"", "two\nlines", "\xff"}) {
    const absl::Status status = registry_.Add(Model(name, "x"));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << name;
    EXPECT_TRUE(status.message().find("a model's name") != absl::string_view::npos) << status;
  }
}

TEST_F(RegistryTest, KeepsModelsWhereTheyAre) {
  const ServedModel* const first = *registry_.Find("", "");
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(registry_.Add(Model(std::to_string(i), "x")).ok());
  EXPECT_EQ(*registry_.Find("", ""), first);
}

}  // namespace
}  // namespace digits
