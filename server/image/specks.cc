#include "server/image/specks.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace digits {
namespace {

// From this level on, neighbouring pixels hang together.
constexpr uint8_t kSolid = 96;
// Of the largest part's ink; less is a speck. The dash of a 5 that was written in two strokes has
// several times as much.
constexpr double kLeastShare = 0.05;
// Softer ink belongs to a part that lies so many pixels away.
constexpr int kSoftEdge = 2;

constexpr int kNone = 0;  // of parts, which are numbered from 1

struct Parts {
  std::vector<int> part_of;      // of each pixel
  std::vector<uint64_t> masses;  // by the part's number; the first is nobody's
};

// Parts by eight neighbours.
Parts FindParts(const Plane& ink) {
  Parts parts = {std::vector<int>(ink.pixels.size(), kNone), {0}};
  std::vector<size_t> to_visit;
  for (size_t start = 0; start < ink.pixels.size(); ++start) {
    if (ink.pixels[start] < kSolid || parts.part_of[start] != kNone) continue;
    const int part = static_cast<int>(parts.masses.size());
    parts.masses.push_back(0);
    parts.part_of[start] = part;
    to_visit.push_back(start);
    while (!to_visit.empty()) {
      const size_t at = to_visit.back();
      to_visit.pop_back();
      parts.masses.back() += ink.pixels[at];
      const int x = static_cast<int>(at % ink.stride());
      const int y = static_cast<int>(at / ink.stride());
      for (int ny = std::max(0, y - 1); ny <= std::min(ink.height - 1, y + 1); ++ny) {
        for (int nx = std::max(0, x - 1); nx <= std::min(ink.width - 1, x + 1); ++nx) {
          const size_t next = static_cast<size_t>(ny) * ink.stride() + static_cast<size_t>(nx);
          if (ink.pixels[next] < kSolid || parts.part_of[next] != kNone) continue;
          parts.part_of[next] = part;
          to_visit.push_back(next);
        }
      }
    }
  }
  return parts;
}

}  // namespace

Box RemoveSpecks(Plane& ink) {
  const Parts parts = FindParts(ink);
  const auto least = static_cast<uint64_t>(
      kLeastShare * static_cast<double>(*std::ranges::max_element(parts.masses)));
  std::vector<uint8_t> kept(ink.pixels.size());
  for (int y = 0; y < ink.height; ++y) {
    for (int x = 0; x < ink.width; ++x) {
      const size_t at = static_cast<size_t>(y) * ink.stride() + static_cast<size_t>(x);
      const int part = parts.part_of[at];
      if (part == kNone || parts.masses[static_cast<size_t>(part)] < least) continue;
      for (int ny = std::max(0, y - kSoftEdge); ny <= std::min(ink.height - 1, y + kSoftEdge);
           ++ny) {
        const int from = std::max(0, x - kSoftEdge);
        const int to = std::min(ink.width - 1, x + kSoftEdge);
        std::fill_n(kept.begin() + static_cast<ptrdiff_t>(ny) * ink.width + from, to - from + 1,
                    uint8_t{1});
      }
    }
  }
  Box box = {{ink.width, 0}, {ink.height, 0}};
  for (int y = 0; y < ink.height; ++y) {
    for (int x = 0; x < ink.width; ++x) {
      const size_t at = static_cast<size_t>(y) * ink.stride() + static_cast<size_t>(x);
      if (kept[at] == 0) ink.pixels[at] = 0;
      if (ink.pixels[at] == 0) continue;
      box = {{std::min(box.x.begin, x), std::max(box.x.end, x + 1)},
             {std::min(box.y.begin, y), y + 1}};
    }
  }
  return box;
}

}  // namespace digits
