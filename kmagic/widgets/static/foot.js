// @ts-check
// The line below the rows: which rows are meant, what can be done with them, and the legend of the keys.

import { button, make } from "./dom.js";
import { showLegend } from "./legend.js";

/** @typedef {import("./prompt.js").Offer} Offer */
/** @typedef {{picked: () => number, active: () => string, open: (tab: string) => void}} Rows */

export class Foot {
  /** @param {import("./prompt.js").Prompt} prompt @param {Rows} rows */
  constructor(prompt, rows) {
    this.prompt = prompt; this.rows = rows;
    /** @type {Offer[]} */ this.offers = [];
    /** @type {Record<string, string>} */ this.refused = {}; // what the person may not do with the rows meant
    /** @type {Map<string, HTMLButtonElement>} */ this.buttons = new Map();
    this.root = make("div", "kmt-foot"); this.root.hidden = true;
    this.root.setAttribute("role", "toolbar"); this.root.setAttribute("aria-label", "Actions");
    this.legend = make("div", "kmt-legend"); this.legend.hidden = true;
  }

  /** @param {Offer[]} offers */
  offer(offers) {
    this.offers = offers;
    this.root.hidden = !offers.length;
    this.buttons = new Map(offers.filter((o) => o.kind !== "tab" || o.name === "summary").map((o) => [
      o.name, this.button(o.label, o.key === "Enter" ? "⏎" : o.key, "", () => this.do(o)),
    ]));
    this.said = make("span", "kmt-meant");
    this.said.setAttribute("role", "status");
    this.keys = this.button("Keys", "?", "", () => this.toggleLegend());
    this.keys.setAttribute("aria-expanded", "false");
    this.root.replaceChildren(
      this.said, ...this.buttons.values(), this.button("As variable", "v", "", () => this.keep()), make("span", "kmt-gap"), this.keys,
    );
    showLegend(this.legend, offers);
    this.refuse(this.refused);
    this.show();
  }

  /** Takes what the person may not do with the rows meant, and why. @param {Record<string, string>} refused */
  refuse(refused) {
    this.refused = refused;
    for (const offer of this.offers) {
      const el = this.buttons.get(offer.name);
      if (!el) continue;
      el.title = this.why(offer);
      el.disabled = !!el.title;
    }
  }

  /** The reason why an action cannot be done, or "". @param {Offer} offer */
  why(offer) { return offer.refused || this.refused[offer.name] || ""; }

  /** @param {string} label @param {string} key @param {string} hint @param {() => void} act */
  button(label, key, hint, act) {
    const el = button("kmt-small", label, hint, act);
    el.append(make("kbd", "", key));
    return el;
  }

  show() { if (this.said) this.said.textContent = this.what() || "no row selected"; }

  /** The rows meant: null is the selection. @returns {string[]|null} */
  meant() {
    if (this.rows.picked()) return null;
    const active = this.rows.active();
    return active ? [active] : [];
  }

  what() {
    const picked = this.rows.picked();
    return picked ? `${picked.toLocaleString("en")} selected` : this.rows.active();
  }

  toggleLegend() {
    this.legend.hidden = !this.legend.hidden;
    this.keys?.setAttribute("aria-expanded", String(!this.legend.hidden));
  }

  /** The action of a key. @param {string} key */
  of(key) { return this.offers.find((o) => o.key === key && key !== "Enter"); }

  /** @param {Offer} offer */
  do(offer) {
    if (offer.kind === "tab") { this.rows.open(offer.name); return; }
    const keys = this.meant();
    if (!keys || keys.length) this.prompt.begin({ ...offer, refused: this.why(offer) }, keys, this.what());
  }

  keep() {
    const keys = this.meant();
    if (!keys || keys.length) this.prompt.keep(keys, this.what());
  }
}
