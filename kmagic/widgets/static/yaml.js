// @ts-check
// YAML with its keys in colour, blocks that fold, marks of what changed, and beside each line who manages it.

import { make } from "./dom.js";

/**
 * Fills an element.
 * @param {HTMLElement} pre @param {string} text
 * @param {{before?: string, managers?: string[]}} [more] the text it had before, and the manager of each line
 */
export function showYaml(pre, text, more = {}) {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const known = more.before === undefined ? null : new Set(more.before.split("\n"));
  const depth = lines.map((line) => /^\s*(?:- )*/.exec(line)?.[0].length ?? 0);
  /** @type {HTMLElement[]} */ const made = lines.map((line, at) => {
    const el = make("div", known && !known.has(line) ? "kmt-yaml-line changed" : "kmt-yaml-line");
    if (more.managers) el.append(make("span", "kmt-yaml-by", more.managers[at] ?? ""));
    const found = /^(\s*(?:- )*)([^\s:][^:]*:)(\s.*|)$/.exec(line);
    if (found) el.append(found[1], make("span", "kmt-yaml-key", found[2]), found[3]);
    else el.append(line);
    return el;
  });
  lines.forEach((line, at) => { if (/:\s*$/.test(line) && (depth[at + 1] ?? 0) >= depth[at]) fold(made, depth, at); });
  pre.replaceChildren(...made);
}

/** A click on a key hides what is below it. @param {HTMLElement[]} lines @param {number[]} depth @param {number} at */
function fold(lines, depth, at) {
  const key = lines[at].querySelector(".kmt-yaml-key");
  key?.addEventListener("click", () => {
    const closed = lines[at].classList.toggle("folded");
    for (let i = at + 1; i < lines.length && (depth[i] > depth[at] || (depth[i] === depth[at] && /^\s*-/.test(lines[i].textContent ?? ""))); i += 1) {
      lines[i].hidden = closed;
      lines[i].classList.remove("folded");
    }
  });
}
