#include "trainer/augment_flags.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace digits {
namespace {

// "5", or "4.5,6".
void ParseSigma(const std::string& text, AugmentOptions& options) {
  const std::vector<std::string> parts = absl::StrSplit(text, ',');
  if (parts.size() > 2 || !absl::SimpleAtod(parts.front(), &options.elastic_sigma_least) ||
      !absl::SimpleAtod(parts.back(), &options.elastic_sigma_greatest)) {
    throw CLI::ValidationError(
        "--elastic-sigma",
        fmt::format("'{}' is not a number or two with a comma, such as 4.5,6", text));
  }
}

}  // namespace

void AddAugmentFlags(CLI::App& command, AugmentOptions& options) {
  const auto add = [&command](const std::string& flag, double& value, const std::string& type,
                              const std::string& description) {
    command.add_option(flag, value, description)
        ->type_name(type)
        ->capture_default_str()
        ->group("Distortion of the images, drawn anew for each");
  };
  add("--rotation", options.rotation, "DEGREES", "Up to so far, either way");
  add("--scale", options.scale, "FRACTION",
      "0.15: 0.85 to 1.15 times as large, each axis by itself");
  add("--shear", options.shear, "FRACTION",
      "Slant: up to so many pixels sideways for each one of height, either way");
  add("--shift", options.shift, "PIXELS", "Up to so far along each axis, either way");
  add("--elastic-alpha", options.elastic_alpha, "PIXELS",
      "Simard's elastic distortion: smoothed noise times this, such as 36");
  command
      .add_option_function<std::string>(
          "--elastic-sigma", [&options](const std::string& text) { ParseSigma(text, options); },
          "How smooth it is: the Gaussian's sigma in pixels, or its least and greatest")
      ->type_name("LEAST,GREATEST")
      ->default_str(
          fmt::format("{},{}", options.elastic_sigma_least, options.elastic_sigma_greatest))
      ->group("Distortion of the images, drawn anew for each");
  add("--thickness", options.thickness, "PIXELS",
      "Each edge of the ink moves up to so far, in or out");
  add("--soiled", options.soiled, "SHARE", "The share of the images that are made pale and noisy");
  add("--contrast", options.contrast, "FRACTION",
      "0.8: pixels differ from their mean by 0.2 to 1 times as much");
  add("--noise", options.noise, "LEVELS", "Grey levels of standard deviation, 0 to so many");
}

std::vector<OptionText> Describe(const AugmentOptions& options) {
  const AugmentOptions usual;
  std::vector<OptionText> texts;
  const auto add = [&texts](const char* name, double value, double usual_value) {
    if (value != usual_value) texts.push_back({name, fmt::format("{}", value)});
  };
  add("rotation", options.rotation, usual.rotation);
  add("scale", options.scale, usual.scale);
  add("shear", options.shear, usual.shear);
  add("shift", options.shift, usual.shift);
  add("elastic-alpha", options.elastic_alpha, usual.elastic_alpha);
  if (options.elastic_alpha != 0) {
    texts.push_back({"elastic-sigma", fmt::format("{},{}", options.elastic_sigma_least,
                                                  options.elastic_sigma_greatest)});
  }
  add("thickness", options.thickness, usual.thickness);
  if (options.soils()) add("soiled", options.soiled, usual.soiled);
  add("contrast", options.contrast, usual.contrast);
  add("noise", options.noise, usual.noise);
  return texts;
}

}  // namespace digits
