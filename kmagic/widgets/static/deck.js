// @ts-check
// Several live tables in one output, each behind a tab. Messages of a table carry the number of its tab.

import { button, make } from "./dom.js";
import { keepKeys } from "./link.js";
import { TableView } from "./table.js";

/** @typedef {{title: string, count: number, bad: number, state: string, unread: string}} Told */

let decks = 0;

class DeckView {
  /** @param {any} model @param {HTMLElement} host */
  constructor(model, host) {
    this.model = model;
    this.id = `kmt-deck-${decks += 1}`;
    this.root = make("div", "km kmt-deck");
    this.list = make("div", "kmt-tabs");
    this.list.setAttribute("role", "tablist"); this.list.setAttribute("aria-label", "Types");
    this.body = make("div", "kmt-deck-body");
    this.root.append(this.list, this.body);
    host.append(this.root);
    keepKeys(this.root);
    this.list.addEventListener("keydown", (event) => this.onKey(event));
    this.at = -1;
    /** @type {HTMLElement[]} */ this.buttons = [];
    /** @type {Map<number, {host: HTMLElement, view: TableView}>} */ this.views = new Map();
    this.onMessage = (/** @type {any} */ m) => { if (m?.t === "tabs") this.tell(m.tabs); };
    model.on("msg:custom", this.onMessage);
    model.send({ t: "tabs" });
    this.timer = setInterval(() => model.send({ t: "tabs" }), 5000);
  }

  /** @param {Told[]} tabs */
  tell(tabs) {
    this.root.classList.add("kmt-live");
    tabs.forEach((told, at) => {
      const el = this.buttons[at] ?? this.add(at);
      const sign = told.unread ? "✕ " : "";
      const bad = told.bad ? ` · ${told.bad.toLocaleString("en")} broken` : "";
      const text = `${sign}${told.title} ${told.unread ? "not listed" : told.count.toLocaleString("en") + bad}`;
      if (el.textContent !== text) el.textContent = text;
      el.title = told.unread;
      el.classList.toggle("bad", !!told.unread || told.bad > 0);
    });
    if (this.at < 0 && tabs.length) this.show(Math.max(0, tabs.findIndex((told) => !told.unread)));
  }

  /** @param {number} at */
  add(at) {
    const el = button("kmt-tab", "", "", () => this.show(at));
    el.setAttribute("role", "tab"); el.id = `${this.id}-${at}`;
    el.setAttribute("aria-selected", "false"); el.tabIndex = -1;
    this.buttons[at] = el;
    this.list.append(el);
    return el;
  }

  /** @param {number} at */
  show(at) {
    this.at = at;
    this.buttons.forEach((el, i) => { el.setAttribute("aria-selected", String(i === at)); el.tabIndex = i === at ? 0 : -1; });
    if (!this.views.has(at)) {
      const host = make("div", "");
      host.setAttribute("role", "tabpanel"); host.setAttribute("aria-labelledby", `${this.id}-${at}`);
      this.body.append(host);
      this.views.set(at, { host, view: new TableView(this.modelOf(at), host) });
    }
    for (const [i, each] of this.views) each.host.hidden = i !== at;
  }

  /** The model of one tab: the deck's, with the tab's number on each message. @param {number} at */
  modelOf(at) {
    /** @type {Map<any, any>} */ const heard = new Map();
    return {
      widget_manager: this.model.widget_manager,
      send: (/** @type {object} */ m) => this.model.send({ ...m, tab: at }),
      on: (/** @type {string} */ name, /** @type {(m: any) => void} */ act) => {
        const only = (/** @type {any} */ m) => { if (m?.tab === at) act(m); };
        heard.set(act, only);
        this.model.on(name, only);
      },
      off: (/** @type {string} */ name, /** @type {any} */ act) => this.model.off(name, heard.get(act)),
    };
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!step) return;
    event.preventDefault();
    this.show((this.at + step + this.buttons.length) % this.buttons.length);
    this.buttons[this.at].focus();
  }

  remove() {
    clearInterval(this.timer);
    this.model.off("msg:custom", this.onMessage);
    for (const each of this.views.values()) each.view.remove();
    this.root.remove();
  }
}

export default {
  /** @param {{model: any, el: HTMLElement}} context */
  render({ model, el }) {
    const view = new DeckView(model, el);
    return () => view.remove();
  },
};
