// @ts-check
// Changed cells: each wears a class for a moment, and what it was is told for longer.

const FLASH_MS = 900;
const TOLD = 500; // last changes that are told when a pointer rests on a cell

export class Flashes {
  constructor() {
    /** @type {Map<HTMLElement, number>} */ this.until = new Map();
    /** @type {Map<string, string>} */ this.told = new Map();
  }

  get size() { return this.until.size; }

  // A further change in a cell's time starts it anew.
  /** @param {HTMLElement} cell @param {string} where @param {string} change */
  flash(cell, where, change) {
    this.until.set(cell, performance.now() + FLASH_MS);
    cell.classList.add("flash");
    this.told.delete(where);
    this.told.set(where, `${change} at ${new Date().toTimeString().slice(0, 8)}`);
    if (this.told.size > TOLD) this.told.delete(/** @type {string} */ (this.told.keys().next().value));
  }

  /** @param {HTMLElement} cell */
  end(cell) { if (this.until.delete(cell)) cell.classList.remove("flash"); }

  fade() {
    const now = performance.now();
    for (const [cell, until] of this.until) if (now >= until) this.end(cell);
  }

  clear() { this.until.clear(); }
}
