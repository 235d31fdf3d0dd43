#include "trainer/calibration/digit_score.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>

#include "trainer/data/non_digits.h"
#include "trainer/training/answers.h"

namespace digits {
namespace {

// Far from every seed that a person would choose.
constexpr uint64_t kSeed = ~uint64_t{1};

DataSet DrawFamily(size_t family) {
  DataSet data;
  data.pixels.reserve(kScoredNonDigits * kImagePixels);
  for (size_t i = 0; i < kScoredNonDigits; ++i) {
    const Image image = DrawNonDigit(family, kSeed, i);
    data.pixels.insert(data.pixels.end(), image.begin(), image.end());
  }
  return data;
}

}  // namespace

double AreaUnderRoc(std::span<const float> positives, std::span<const float> negatives) {
  assert(!positives.empty() && !negatives.empty());
  std::vector<float> sorted(negatives.begin(), negatives.end());
  std::ranges::sort(sorted);
  double halves = 0;  // of pairs won
  for (const float score : positives) {
    const auto [below, not_above] = std::ranges::equal_range(sorted, score);
    halves += static_cast<double>((below - sorted.begin()) + (not_above - sorted.begin()));
  }
  return halves / 2 / static_cast<double>(positives.size()) / static_cast<double>(sorted.size());
}

float ThresholdKeeping(double share, std::span<const float> scores) {
  assert(share > 0 && share <= 1 && !scores.empty());
  std::vector<float> sorted(scores.begin(), scores.end());
  std::ranges::sort(sorted, std::greater());
  constexpr double kRounding = 1e-9;  // 0.07 x 100 is more than 7
  const double kept = std::ceil(share * static_cast<double>(sorted.size()) - kRounding);
  return sorted[std::clamp<size_t>(static_cast<size_t>(kept), 1, sorted.size()) - 1];
}

std::vector<FamilyScore> ScoreFamilies(const Classifier& classifier,
                                       std::span<const float> digit_scores,
                                       std::optional<float> threshold) {
  std::vector<FamilyScore> scores;
  const std::span<const NonDigitFamily> families = NonDigitFamilies();
  for (size_t family = 0; family < families.size(); ++family) {
    const Answers answers = AnswersTo(classifier, DrawFamily(family));
    FamilyScore& score = scores.emplace_back();
    score.family = families[family].name;
    score.held_out = families[family].held_out;
    score.area = AreaUnderRoc(digit_scores, answers.digit_scores);
    if (threshold) {
      const auto accepted = std::ranges::count_if(
          answers.digit_scores, [&](float digit_score) { return digit_score >= *threshold; });
      score.accepted = static_cast<double>(accepted) / static_cast<double>(kScoredNonDigits);
    }
  }
  return scores;
}

std::string FamilyTable(std::span<const FamilyScore> scores) {
  const bool has_threshold = !scores.empty() && scores.front().accepted.has_value();
  std::string table =
      fmt::format("{:<22}     AUC{}\n", "family", has_threshold ? "  taken for digits" : "");
  const auto add = [&table](std::string_view name, double area, std::optional<double> accepted) {
    table += fmt::format("{:<22}  {:.4f}", name, area);
    if (accepted) table += fmt::format("  {:14.1f} %", 100 * *accepted);
    table += '\n';
  };
  const auto add_mean = [&](std::string_view name, const auto& belongs) {
    double area = 0, accepted = 0, count = 0;
    bool all_have_accepted = true;
    for (const FamilyScore& score : scores) {
      if (!belongs(score)) continue;
      area += score.area;
      accepted += score.accepted.value_or(0);
      all_have_accepted &= score.accepted.has_value();
      ++count;
    }
    if (count == 0) return;
    add(name, area / count, all_have_accepted ? std::optional(accepted / count) : std::nullopt);
  };
  for (const FamilyScore& score : scores) {
    add(fmt::format("{}{}", score.family, score.held_out ? " *" : ""), score.area, score.accepted);
  }
  add_mean("mean", [](const FamilyScore&) { return true; });
  add_mean("mean of * (held out)", [](const FamilyScore& score) { return score.held_out; });
  add_mean("mean of the others", [](const FamilyScore& score) { return !score.held_out; });
  return table + "* never trained nor calibrated on\n";
}

std::string FamilyJson(std::span<const FamilyScore> scores) {
  nlohmann::ordered_json families = nlohmann::json::array();
  for (const FamilyScore& score : scores) {
    nlohmann::ordered_json& family = families.emplace_back();
    family["family"] = std::string(score.family);
    family["held_out"] = score.held_out;
    family["auc"] = score.area;
    if (score.accepted) family["accepted"] = *score.accepted;
  }
  return families.dump(2) + "\n";
}

}  // namespace digits
