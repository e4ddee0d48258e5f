// @ts-check
// The legend of the keys.

import { make } from "./dom.js";

const MOVES = [
  ["↑ ↓ PgUp PgDn Home End", "move"], ["← →", "column"], ["s", "sort by it"], ["/", "filter"], ["b", "broken only"],
  ["w", "wide"], ["W", "why"], ["c", "columns"], ["g", "group by"], ["G", "fold all groups"], ["← → Enter", "fold a group"], ["Space", "select"], ["Shift+↑↓", "select a range"], ["Ctrl+A", "select all"],
  ["v", "as variable"], ["Esc", "close, then select nothing"], ["?", "these keys"],
];

/** Fills the legend. @param {HTMLElement} root @param {{key: string, label: string}[]} offers */
export function showLegend(root, offers) {
  root.replaceChildren();
  for (const [key, word] of [...offers.map((o) => [o.key, o.label.toLowerCase()]), ...MOVES]) {
    const item = make("span", "kmt-key");
    item.append(make("kbd", "", key), make("span", "", word));
    root.append(item);
  }
}
