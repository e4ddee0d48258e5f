// @ts-check
// The columns that are shown: a box for each, and the server's own choice.

import { button, make } from "./dom.js";

/** @typedef {{name: string, kind: string, wide: boolean}} Choice */

export class Chooser {
  /** @param {{choose: (names: string[]) => void, closed: () => void}} doors */
  constructor(doors) {
    this.doors = doors;
    /** @type {Map<string, HTMLInputElement>} */ this.boxes = new Map();
    this.root = make("div", "kmt-chooser"); this.root.hidden = true;
    this.root.setAttribute("role", "group"); this.root.setAttribute("aria-label", "Columns");
    this.list = make("span", "kmt-chooser-list");
    this.root.append(this.list, button("kmt-small", "Server's choice", "The columns that the server shows of this type", () => doors.choose([])));
    this.root.addEventListener("keydown", (event) => { if (event.key === "Escape") { event.preventDefault(); this.close(); } });
  }

  get open() { return !this.root.hidden; }

  /** Shows the boxes, the first one ready for keys. */
  show() {
    this.root.hidden = false;
    [...this.boxes.values()].find((box) => !box.disabled)?.focus();
  }

  close() { this.root.hidden = true; this.doors.closed(); }

  /** @param {Choice[]} columns @param {(column: Choice) => boolean} shown */
  take(columns, shown) {
    if (columns.map((c) => c.name).join("\n") !== [...this.boxes.keys()].join("\n")) {
      this.boxes = new Map(columns.map((c) => [c.name, this.box(c)]));
      this.list.replaceChildren(...[...this.boxes.values()].map((box) => /** @type {Node} */ (box.parentNode)));
    }
    for (const column of columns) /** @type {HTMLInputElement} */ (this.boxes.get(column.name)).checked = shown(column);
  }

  /** @param {Choice} column */
  box(column) {
    const label = make("label", "kmt-box");
    const box = /** @type {HTMLInputElement} */ (make("input"));
    box.type = "checkbox";
    box.disabled = column.kind === "name"; // without it nobody knows whose a row is
    box.addEventListener("change", () => this.doors.choose([...this.boxes].filter(([, each]) => each.checked).map(([name]) => name)));
    label.append(box, column.name);
    return box;
  }
}
