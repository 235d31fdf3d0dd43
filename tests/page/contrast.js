// Returns a line for each visible text whose contrast with what is behind it is below 4.5:1, by
// WCAG 2.1, and the number of texts looked at: {poor, texts}.
function rgba(color) {
  const [r, g, b, a = 1] = color.match(/[\d.]+/g).map(Number);
  return { rgb: [r, g, b], a };
}

function over({ rgb, a }, below) {
  return rgb.map((c, i) => a * c + (1 - a) * below[i]);
}

function backgroundOf(element) {
  if (element === null) return rgba(getComputedStyle(document.body).backgroundColor).rgb;
  return over(rgba(getComputedStyle(element).backgroundColor), backgroundOf(element.parentElement));
}

function luminance(rgb) {
  const [r, g, b] = rgb.map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const poor = [];
let texts = 0;
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  const text = walker.currentNode.textContent.trim();
  const shown = element.checkVisibility() && element.getBoundingClientRect().width > 1;
  if (!text || !shown || element.closest('noscript, option')) continue;
  texts++;
  // The invitation lies over the drawing, which is its sibling.
  const ground = element.id === 'invitation' ? document.getElementById('drawing') : element;
  const behind = backgroundOf(ground);
  const front = over(rgba(getComputedStyle(element).color), behind);
  const [light, dark] = [luminance(behind), luminance(front)].sort((a, b) => b - a);
  const ratio = (light + 0.05) / (dark + 0.05);
  if (ratio < 4.5) poor.push(`${ratio.toFixed(2)} ${element.id || element.className}: ${text}`);
}
return { poor, texts };
