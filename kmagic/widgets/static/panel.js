// @ts-check
// The detail panel of a row: Summary, YAML, Events, Related, Logs. It asks the kernel for one tab at a time.

import { button, make } from "./dom.js";
import { showYaml } from "./yaml.js";

/** @typedef {{name: string, label: string}} Tab */
/** @typedef {{ask: (key: string, tab: string) => void, asCell: (tab: string) => void, closed: () => void}} Doors */

const YAML_TABS = ["yaml", "raw", "managers"];
/** @type {Record<string, string>} */
const YAML_WORDS = { yaml: "neat", raw: "raw", managers: "managers" };

/** The action whose magic shows what a tab shows. @param {string} tab */
export function magicOf(tab) {
  return /** @type {Record<string, string>} */ ({ summary: "describe", raw: "yaml", managers: "yaml", related: "describe" })[tab] ?? tab;
}

export class Panel {
  /** @param {string} id @param {Doors} doors */
  constructor(id, doors) {
    this.id = id;
    this.doors = doors;
    this.key = ""; this.tab = ""; this.text = ""; this.version = 0;
    /** @type {Tab[]} */ this.tabs = [];
    this.root = make("section", "kmt-panel");
    this.root.hidden = true;
    this.root.addEventListener("keydown", (event) => this.onKey(event));
  }

  get open() { return !this.root.hidden; }

  /** @param {import("./prompt.js").Offer[]} offers */
  offer(offers) {
    const tabs = offers.filter((o) => o.kind === "tab");
    this.tabs = tabs.map((o) => ({ name: o.name, label: o.name === "summary" ? "Summary" : o.label }));
  }

  /** Opens a tab of a row. @param {string} key @param {string} tab */
  show(key, tab) {
    if (key !== this.key || tab !== this.tab) this.text = "";
    const fresh = key !== this.key || this.root.hidden;
    this.key = key; this.tab = tab;
    this.draw();
    if (fresh) this.body?.append(make("div", "kmt-note", "reading…"));
    this.doors.ask(key, tab);
  }

  /** The row changed: what is shown is read again, a moment later. */
  stale() {
    if (!this.open || this.later || this.tab === "logs") return;
    this.later = setTimeout(() => { this.later = undefined; if (this.open) this.doors.ask(this.key, this.tab); }, 1000);
  }

  close() {
    clearTimeout(this.later); this.later = undefined;
    this.key = ""; this.root.hidden = true;
    this.doors.closed();
  }

  draw() {
    const head = make("div", "kmt-panel-head");
    const list = make("div", "kmt-tabs");
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", "Detail");
    for (const each of this.tabs) {
      const el = button("kmt-tab", each.label, "", () => this.show(this.key, each.name));
      const on = each.name === this.tab || (each.name === "yaml" && YAML_TABS.includes(this.tab));
      el.setAttribute("role", "tab"); el.setAttribute("aria-selected", String(on));
      el.id = `${this.id}-tab-${each.name}`; el.tabIndex = on ? 0 : -1;
      if (on) this.current = el;
      list.append(el);
    }
    head.append(make("span", "kmt-panel-name", this.key), list, make("span", "kmt-gap"));
    if (YAML_TABS.includes(this.tab)) head.append(this.choices());
    head.append(
      button("kmt-small", "As cell", "Put the magic that shows this into a cell", () => this.doors.asCell(this.tab)),
      button("kmt-small", "↻", "Read again", () => this.doors.ask(this.key, this.tab)),
      button("kmt-small", "✕", "Close (Esc)", () => this.close()),
    );
    /** @type {HTMLElement} */ (head.lastChild).setAttribute("aria-label", "Close");
    /** @type {HTMLElement} */ (head.lastChild?.previousSibling).setAttribute("aria-label", "Read again");
    this.body = make("div", "kmt-panel-body");
    this.body.tabIndex = 0;
    this.body.setAttribute("role", "tabpanel");
    this.body.setAttribute("aria-labelledby", this.current?.id ?? "");
    const held = this.root.matches(":focus-within");
    this.root.replaceChildren(head, this.body);
    if (held) this.current?.focus();
    this.root.hidden = false;
    this.root.setAttribute("aria-label", this.key);
  }

  choices() {
    const box = make("span", "kmt-choices");
    for (const name of YAML_TABS) {
      const el = button("kmt-small", YAML_WORDS[name], "", () => this.show(this.key, name));
      el.setAttribute("aria-pressed", String(name === this.tab));
      box.append(el);
    }
    return box;
  }

  /** What the kernel read. @param {any} m */
  receive(m) {
    if (m.key !== this.key || m.tab !== this.tab || !this.body) return;
    const at = this.body.scrollTop;
    if (m.error) this.body.replaceChildren(make("pre", "kmt-panel-error", m.error));
    else if (m.yaml !== undefined) this.showText(m.yaml, m.managers);
    else if (m.text !== undefined) this.body.replaceChildren(make("pre", "kmt-yaml", m.text || "no lines"));
    else if (m.events) this.body.replaceChildren(this.table(m.events, "no events"));
    else if (m.related) this.body.replaceChildren(this.related(m.related));
    this.body.scrollTop = m.tab === "logs" ? this.body.scrollHeight : at;
    this.version += 1;
  }

  /** @param {string} text @param {string[]} [managers] */
  showText(text, managers) {
    const pre = make("pre", "kmt-yaml");
    showYaml(pre, text, { before: this.text || undefined, managers });
    this.text = text;
    this.body?.replaceChildren(pre);
  }

  /** @param {string[][]} rows @param {string} nothing */
  table(rows, nothing) {
    if (rows.length < 2) return make("div", "kmt-note", nothing);
    const table = make("table", "kmt-events");
    rows.forEach((cells, at) => {
      const tr = make("tr", cells[0] === "Warning" ? "warn" : "");
      for (const cell of cells) {
        const el = make(at ? "td" : "th", "", cell);
        if (!at) el.setAttribute("scope", "col");
        tr.append(el);
      }
      table.append(tr);
    });
    return table;
  }

  /** @param {{relation: string, what: string, note: string}[]} related */
  related(related) {
    return this.table([["RELATION", "OBJECT", ""], ...related.map((r) => [r.relation, r.what, r.note])], "nothing known");
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key === "Escape") { event.preventDefault(); this.close(); return; }
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!step || !(event.target instanceof HTMLElement) || event.target.getAttribute("role") !== "tab") return;
    const at = this.tabs.findIndex((each) => `${this.id}-tab-${each.name}` === /** @type {HTMLElement} */ (event.target).id);
    const next = this.tabs[(at + step + this.tabs.length) % this.tabs.length];
    event.preventDefault();
    this.show(this.key, next.name);
    this.current?.focus();
  }

  focus() { this.body?.focus(); }
}
