// @ts-check
// The head of a group of rows, as a line of the table.

import { make } from "./dom.js";
import { ICONS } from "./levels.js";

/** @typedef {{name: string, label: string, rows: number, broken: number, folded: boolean}} Group */

/** The cell of a head; lines of rows hide it. @param {number} columns */
export function headCell(columns) {
  const title = make("div", "kmt-group"); title.setAttribute("role", "gridcell");
  title.setAttribute("aria-colindex", "1"); title.setAttribute("aria-colspan", String(columns));
  return title;
}

/** Draws a line as a head, or as a row in a group or in none.
 *  @param {{el: HTMLElement, title: HTMLElement, said: string}} line @param {Group|undefined} head @param {string} by */
export function drawHead(line, head, by) {
  const said = head ? JSON.stringify(head) : by;
  if (line.said === said) return;
  line.said = said;
  const { el, title } = line;
  if (by) el.setAttribute("aria-level", head ? "1" : "2"); else el.removeAttribute("aria-level");
  if (!head) { el.removeAttribute("aria-expanded"); title.replaceChildren(); return; }
  el.setAttribute("aria-expanded", String(!head.folded));
  const count = `${head.rows.toLocaleString("en")} row${head.rows === 1 ? "" : "s"}`;
  title.replaceChildren(
    make("span", "kmt-fold", head.folded ? "▸" : "▾"), make("span", "kmt-group-name", head.label), make("span", "kmt-group-rows", count),
    ...(head.broken ? [make("span", "kmt-group-bad", `${ICONS.bad} ${head.broken.toLocaleString("en")} broken`)] : []),
  );
}
