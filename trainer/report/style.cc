#include "trainer/report/style.h"

namespace digits {

std::string_view StyleSheet() {
  return R"css(
:root {
  color-scheme: light dark;
  --paper: #fcfbf8; --ink: #1d1c1a; --quiet: #625e56; --rule: #dedad1; --tile: #f1eee7;
  --blue: #1d63b3; --orange: #b3540a; --wrong: 214 78 20; --right: 29 99 179;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15171a; --ink: #e9e7e2; --quiet: #a8a49b; --rule: #34373c; --tile: #1f2226;
    --blue: #78b2f2; --orange: #f09a4e; --wrong: 236 110 50; --right: 96 160 232;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 62rem; padding: 2.5rem 1.25rem 4rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
}
h1, h2, h3 { line-height: 1.2; text-wrap: balance; overflow-wrap: anywhere; }
h1 { font-size: 2rem; margin: 0 0 .4rem; letter-spacing: -.015em; }
h2 { font-size: 1.35rem; margin: 0 0 .75rem; letter-spacing: -.01em; }
h3 { font-size: 1rem; margin: 2rem 0 .5rem; }
p { margin: 0 0 1rem; max-width: 44rem; }
a { color: var(--blue); text-underline-offset: .2em; }
a:focus-visible, summary:focus-visible, [tabindex]:focus-visible {
  outline: 2px solid var(--blue); outline-offset: 2px;
}
section { border-top: 1px solid var(--rule); margin-top: 2.75rem; padding-top: 1.75rem; }
.note, .quiet, footer { color: var(--quiet); }
.note { font-size: .925rem; }
nav { font-size: .925rem; margin-top: 1.5rem; display: flex; flex-wrap: wrap; gap: .35rem 1.25rem; }
code, pre { font: .875em/1.5 ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", monospace; }
code { overflow-wrap: anywhere; }
pre {
  background: var(--tile); border-radius: .4rem; margin: 0 0 1rem; padding: .8rem 1rem;
  white-space: pre-wrap;
}
dl { display: flex; flex-wrap: wrap; gap: 1.25rem 2.5rem; margin: 1.75rem 0 0; }
dl div { display: flex; flex-direction: column-reverse; }
dt { color: var(--quiet); font-size: .875rem; }
dd { font-size: 1.75rem; font-weight: 600; letter-spacing: -.02em; line-height: 1.2; margin: 0; }
table { border-collapse: collapse; font-size: .925rem; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--rule); padding: .35rem .9rem .35rem 0; text-align: left; }
th { font-weight: 600; }
thead th { color: var(--quiet); font-size: .85rem; font-weight: 500; vertical-align: bottom; }
td.n, thead th + th { text-align: right; }
thead th.words { text-align: left; }
td.wrong { background: rgb(var(--wrong) / var(--shade)); }
.facts { margin-bottom: 1.5rem; width: 100%; }
.facts th { color: var(--quiet); font-weight: 500; vertical-align: top; width: 11rem; }
.facts td { overflow-wrap: anywhere; }
.scroll { overflow-x: auto; margin-bottom: 1rem; }
.scroll table { min-width: min(30rem, 100%); }
.scroll .facts { min-width: 0; }
.scroll tbody th, .scroll thead tr:first-child th:first-child {
  background: var(--paper); left: 0; position: sticky;
}
.scroll td, .scroll thead th + th { padding-left: .35rem; }
.matrix td, .matrix thead tr + tr th { min-width: 3.8rem; padding: .35rem .45rem; text-align: right; }
.matrix thead th { border-bottom: 0; }
.matrix thead th + th { text-align: center; }
.matrix td { border: 1px solid var(--rule); }
.matrix tbody th { padding-right: .7rem; text-align: right; }
.matrix .right { background: rgb(var(--right) / .16); font-weight: 600; }
.matrix .none { color: var(--quiet); }
.pair { display: grid; gap: 1.5rem 2rem; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); }
figure { margin: 0; }
.chart { max-width: 30rem; margin-bottom: 1rem; }
.chart figcaption { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; font-size: .925rem; margin-bottom: .35rem; }
.key::before {
  content: ""; display: inline-block; width: 1.1em; margin-right: .4em; vertical-align: .25em;
  border-top: 2.5px solid var(--key);
}
.solid { --key: var(--orange); }
.dashed { --key: var(--blue); }
.column { --key: var(--blue); }
.mark { --key: var(--orange); }
.key.dashed::before { border-top-style: dashed; }
.key.column::before { border: 0; height: .8em; background: var(--key); opacity: .45; vertical-align: -.05em; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--quiet); font-size: 13px; font-variant-numeric: tabular-nums; }
svg .grid { stroke: var(--rule); }
svg polyline { fill: none; stroke: var(--key); stroke-width: 2; stroke-linejoin: round; }
svg polyline.dashed { stroke-dasharray: 6 3; }
svg circle { fill: var(--key); }
svg rect { fill: var(--key); opacity: .45; }
svg .count { --key: var(--quiet); }
svg .mark { stroke: var(--key); stroke-width: 3; }
svg .ideal { stroke: var(--ink); stroke-dasharray: 4 4; opacity: .7; }
.pictures { display: grid; gap: 1.1rem .9rem; grid-template-columns: repeat(auto-fill, minmax(6.3rem, 1fr)); }
.pictures img {
  display: block; width: 100%; height: auto; border-radius: .3rem; image-rendering: pixelated;
}
.pictures figcaption { font-size: .8rem; line-height: 1.4; margin-top: .35rem; overflow-wrap: anywhere; }
.reading { display: flex; flex-wrap: wrap; justify-content: space-between; column-gap: .4em; }
.reading .quiet { margin-left: auto; }
.pictures .source { display: block; }
.weights figcaption { color: var(--quiet); text-align: center; }
.scale { display: flex; align-items: center; gap: .7rem; font-size: .85rem; color: var(--quiet); }
.ramp {
  width: 12rem; height: .7rem; border-radius: .2rem;
  background-image: linear-gradient(to right, #0b2f6b, #808080, #ffc46b);
}
details { margin-top: .5rem; }
summary { color: var(--blue); cursor: pointer; font-size: .925rem; padding: .3rem 0; }
footer { border-top: 1px solid var(--rule); font-size: .85rem; margin-top: 3rem; padding-top: 1rem; }
@media (max-width: 32rem) {
  body { padding-top: 1.5rem; }
  h1 { font-size: 1.6rem; }
  dl { gap: 1rem 2rem; }
  dd { font-size: 1.4rem; }
  .facts th { width: 7rem; }
  .pictures { grid-template-columns: repeat(auto-fill, minmax(6rem, 1fr)); }
}
@media print {
  body { max-width: none; padding: 0; }
  nav { display: none; }
  figure, tr { break-inside: avoid; }
}
)css";
}

}  // namespace digits
