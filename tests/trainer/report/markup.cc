#include "tests/trainer/report/markup.h"

#include <algorithm>
#include <cstddef>
#include <regex>
#include <utility>

namespace digits {
namespace {

bool GoodReferences(const std::string& text) {
  static const std::regex kReference("&(amp|lt|gt|quot|#39);");
  return std::regex_replace(text, kReference, "").find('&') == std::string::npos;
}

// Reads what stands between < and > of a tag that opens.
std::optional<Tag> ReadTag(const std::string& inside) {
  size_t at = std::min(inside.find_first_of(" /"), inside.size());
  Tag tag = {inside.substr(0, at), {}, ""};
  if (tag.name.empty()) return std::nullopt;
  while (at < inside.size() && inside[at] == ' ') {
    const size_t equals = inside.find("=\"", at);
    if (equals == std::string::npos) return std::nullopt;
    const size_t end = inside.find('"', equals + 2);
    if (end == std::string::npos) return std::nullopt;
    const std::string name = inside.substr(at + 1, equals - at - 1);
    const std::string value = inside.substr(equals + 2, end - equals - 2);
    if (!GoodReferences(value) || value.find('<') != std::string::npos) return std::nullopt;
    if (!tag.attributes.emplace(name, value).second) return std::nullopt;
    at = end + 1;
  }
  if (at != inside.size() && inside.substr(at) != "/") return std::nullopt;
  return tag;
}

}  // namespace

std::optional<std::vector<Tag>> ReadMarkup(std::string_view markup) {
  constexpr std::string_view kDoctype = "<!DOCTYPE html>";
  if (markup.starts_with(kDoctype)) markup.remove_prefix(kDoctype.size());
  std::vector<Tag> tags;
  std::vector<size_t> open;
  while (!markup.empty()) {
    const size_t begin = std::min(markup.find('<'), markup.size());
    const std::string text(markup.substr(0, begin));
    if (!GoodReferences(text) || text.find('>') != std::string::npos) return std::nullopt;
    for (const size_t i : open) tags[i].text += text;
    if (begin == markup.size()) break;
    const size_t end = markup.find('>', begin);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string inside(markup.substr(begin + 1, end - begin - 1));
    markup.remove_prefix(end + 1);
    if (inside.starts_with('/')) {
      if (open.empty() || tags[open.back()].name != inside.substr(1)) return std::nullopt;
      open.pop_back();
      continue;
    }
    std::optional<Tag> tag = ReadTag(inside);
    if (!tag) return std::nullopt;
    if (!inside.ends_with('/')) open.push_back(tags.size());
    tags.push_back(*std::move(tag));
  }
  if (!open.empty()) return std::nullopt;
  return tags;
}

std::string TextOfId(const std::vector<Tag>& tags, std::string_view id) {
  for (const Tag& tag : tags) {
    const auto found = tag.attributes.find("id");
    if (found != tag.attributes.end() && found->second == id) return tag.text;
  }
  return "";
}

}  // namespace digits
