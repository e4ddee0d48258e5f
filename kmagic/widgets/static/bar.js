// @ts-check
// The line above the rows: title, target, counts, the filter, the chips, and how fresh all of it is.

import { button, make } from "./dom.js";
import { WORDS } from "./levels.js";

/** @typedef {{filter: (text: string) => void, broken: () => void, wide: () => void, why: () => void,
 *             group: (by: string) => void, columns: () => void, leave: () => void}} Doors */

const PAUSE_MS = 150; // after the last key of the filter
/** @type {Record<string, string>} */
const STATES = {
  live: "● live", listing: "◐ listing", reconnecting: "◐ reconnecting", stopped: "○ stopped", silent: "○ no answer from the kernel",
};

export class Bar {
  /** @param {Doors} doors */
  constructor(doors) {
    this.root = make("div", "kmt-bar");
    this.title = make("span", "kmt-title");
    this.badge = make("span", "kmt-badge");
    this.count = make("span", "kmt-count");
    this.search = /** @type {HTMLInputElement} */ (make("input", "kmt-search"));
    this.search.type = "search"; this.search.placeholder = "Filter  ( / )"; this.search.spellcheck = false;
    this.search.setAttribute("aria-label", "Filter rows");
    this.search.title = "words · !without · re:/regex/ · status:running · !node:a|b · ~fuzzy";
    this.broken = chip("Broken", "Only rows that are not well (b)", doors.broken);
    this.why = chip("Why", "What is wrong with each row, in the words of the object's own status (W)", doors.why);
    this.wide = chip("Wide", "More columns (w)", doors.wide);
    this.columns = chip("Columns", "Choose the columns (c)", doors.columns);
    this.columns.removeAttribute("aria-pressed"); this.columns.setAttribute("aria-expanded", "false");
    this.group = /** @type {HTMLSelectElement} */ (make("select", "kmt-chip kmt-by"));
    this.group.setAttribute("aria-label", "Group by"); this.group.title = "Group rows (g); fold all groups (G)";
    this.group.addEventListener("change", () => doors.group(this.group.value));
    this.group.addEventListener("keydown", (event) => { if (event.key === "Escape") { event.preventDefault(); doors.leave(); } });
    this.busy = make("span", "kmt-busy", "kernel busy · input queued"); this.busy.hidden = true;
    this.dot = make("span", "kmt-dot"); this.dot.setAttribute("role", "status");
    const chips = make("span", "kmt-chips");
    chips.append(this.broken, this.why, this.wide, this.columns, this.group);
    this.root.append(this.title, this.badge, this.count, make("span", "kmt-gap"), this.busy, this.search, chips, this.dot);
    this.notice = make("div", "kmt-notice"); this.notice.hidden = true; this.notice.setAttribute("role", "alert");
    /** @type {any} */ let timer = 0;
    this.search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => doors.filter(this.search.value), PAUSE_MS);
    });
    this.search.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.search.value) {
        this.search.value = ""; this.search.dispatchEvent(new Event("input"));
      } else if (event.key === "Escape" || event.key === "Enter" || event.key === "ArrowDown") {
        event.preventDefault(); doors.leave();
      }
    });
  }

  /** What the kernel says of the table. @param {any} head */
  take(head) {
    this.title.textContent = head.title;
    this.badge.textContent = head.target; this.badge.hidden = !head.target;
    this.badge.dataset.level = head.level;
    this.why.hidden = !head.reasons;
    if (this.offered !== head.groupings.join()) {
      this.offered = head.groupings.join();
      this.group.replaceChildren(...["", ...head.groupings].map((by) => {
        const option = /** @type {HTMLOptionElement} */ (make("option", "", by ? `By ${by}` : "No groups"));
        option.value = by;
        return option;
      }));
    }
    this.group.hidden = !head.groupings.length;
    this.columns.hidden = !head.columns.length;
    this.wide.hidden = !head.columns.some((/** @type {{wide: boolean}} */ c) => c.wide);
  }

  /** @param {{broken: boolean, wide: boolean, why: boolean, group: string}} on */
  press(on) {
    this.group.value = on.group;
    this.group.dataset.on = String(!!on.group);
    this.broken.setAttribute("aria-pressed", String(on.broken));
    this.wide.setAttribute("aria-pressed", String(on.wide));
    this.why.setAttribute("aria-pressed", String(on.why));
  }

  /** @param {number} total -1 where nothing was listed yet @param {number} all @param {Record<string, number>} counts @param {string} error */
  tell(total, all, counts, error) {
    const n = (/** @type {number} */ x) => x.toLocaleString("en");
    this.count.textContent = total < 0 ? "" : total !== all ? `${n(total)} of ${n(all)}` : n(all);
    const bad = (counts.bad || 0) + (counts.warn || 0);
    this.broken.textContent = total < 0 ? "Broken" : `Broken ${n(bad)}`;
    this.broken.classList.toggle("has", bad > 0);
    this.count.title = Object.entries(counts).map(([k, v]) => `${n(v)} ${WORDS[/** @type {keyof typeof WORDS} */ (k)]}`).join(" · ");
    this.search.classList.toggle("wrong", !!error);
    this.search.setAttribute("aria-invalid", String(!!error));
    this.notice.hidden = !error;
    this.notice.textContent = error ? `Filter not applied: ${error}` : "";
  }

  /** How fresh it is. @param {string} state @param {string} detail @param {boolean} waits for the kernel's answer */
  fresh(state, detail, waits) {
    this.busy.hidden = !waits;
    const text = (STATES[state] || `○ ${state}`) + (detail && state !== "silent" && state !== "live" ? ` · ${detail}` : "");
    if (this.dot.textContent !== text) this.dot.textContent = text;
    this.dot.dataset.state = state;
    if (detail) this.dot.title = detail;
  }
}

/** @param {string} text @param {string} hint @param {() => void} act */
function chip(text, hint, act) {
  const el = button("kmt-chip", text, hint, act);
  el.setAttribute("aria-pressed", "false");
  return el;
}
