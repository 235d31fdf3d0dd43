#include "trainer/training/history.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace digits {

std::string HistoryCsv(std::span<const EpochRecord> history) {
  std::string csv = "epoch,seconds,loss,accuracy,val_loss,val_accuracy\n";
  for (const EpochRecord& record : history) {
    csv += fmt::format("{},{:.6f},{:.9g},{:.9g},", record.epoch, record.seconds, record.train.loss,
                       record.train.accuracy);
    if (record.validation) {
      csv += fmt::format("{:.9g},{:.9g}\n", record.validation->loss, record.validation->accuracy);
    } else {
      csv += ",\n";
    }
  }
  return csv;
}

std::string HistoryJson(std::span<const EpochRecord> history) {
  nlohmann::ordered_json json = {{"epoch", nlohmann::json::array()},
                                 {"seconds", nlohmann::json::array()},
                                 {"loss", nlohmann::json::array()},
                                 {"accuracy", nlohmann::json::array()}};
  for (const EpochRecord& record : history) {
    json["epoch"].push_back(record.epoch);
    json["seconds"].push_back(record.seconds);
    json["loss"].push_back(record.train.loss);
    json["accuracy"].push_back(record.train.accuracy);
    if (record.validation) {
      json["val_loss"].push_back(record.validation->loss);
      json["val_accuracy"].push_back(record.validation->accuracy);
    }
  }
  return json.dump(2) + "\n";
}

}  // namespace digits
