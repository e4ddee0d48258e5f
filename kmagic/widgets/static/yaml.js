// @ts-check
// YAML with its keys in colour.

import { make } from "./dom.js";

/** Fills an element. @param {HTMLElement} pre @param {string} text */
export function showYaml(pre, text) {
  for (const line of text.split("\n")) {
    const found = /^(\s*(?:- )*)([^\s:][^:]*:)(\s.*|)$/.exec(line);
    if (found) pre.append(found[1], make("span", "kmt-yaml-key", found[2]), found[3] + "\n");
    else pre.append(line + "\n");
  }
}
