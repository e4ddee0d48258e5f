// @ts-check
// The place where an action is asked about: its argument, its plan, its confirmation, what came of it.

import { copyText, insertCell } from "./cells.js";
import { button, make } from "./dom.js";

/** @typedef {{name: string, key: string, label: string, kind: string, many: boolean, ask: string, usual: string, refused: string}} Offer */
/** @typedef {(what: string, more: object) => Promise<any>} Act */

export class Prompt {
  /** @param {any} model @param {Act} act @param {() => void} closed */
  constructor(model, act, closed) {
    this.model = model; this.act = act; this.closed = closed;
    this.plan = 0; this.asked = 0;
    this.root = make("section", "kmt-prompt");
    this.root.setAttribute("aria-label", "Action");
    this.root.hidden = true; this.root.tabIndex = -1;
    this.root.addEventListener("keydown", (event) => { if (event.key === "Escape") { event.preventDefault(); this.close(); } });
  }

  close() {
    if (this.root.hidden) return;
    if (this.plan) this.act("drop", { plan: this.plan });
    this.plan = 0; this.asked += 1;
    this.root.hidden = true;
    this.closed();
  }

  /** @param {string} title @param {...(Node|string)} parts */
  draw(title, ...parts) {
    const held = this.root.matches(":focus-within");
    this.root.replaceChildren(make("div", "kmt-prompt-title", title), ...parts);
    this.root.hidden = false;
    if (held) this.root.focus(); // what had the focus is gone
  }

  /** Waits for an answer, and says so; one that comes after the prompt was closed is dropped.
   *  @param {string} title @param {Promise<any>} answer @param {(m: any) => void} then */
  async wait(title, answer, then) {
    this.asked += 1;
    const asked = this.asked;
    this.draw(title, make("div", "kmt-note", "asking the server…"));
    const m = await answer;
    if (asked !== this.asked) { if (m.planned) this.act("drop", { plan: m.planned.number }); return; }
    if (m.error) this.fail(title, m.error); else then(m);
  }

  /** @param {string} title @param {string} error */
  fail(title, error) {
    const text = make("pre", "kmt-panel-error", error);
    text.setAttribute("role", "alert");
    this.draw(title, text, this.row(this.closing("Close")));
  }

  /** @param {...Node} parts */
  row(...parts) { const el = make("div", "kmt-prompt-row"); el.append(...parts); return el; }

  /** @param {string} text */
  closing(text) { return button("kmt-small", text, "Esc", () => this.close()); }

  /** Begins an action. @param {Offer} offer @param {string[]|null} keys null for the selection @param {string} what */
  begin(offer, keys, what) {
    const title = `${offer.label} · ${what}`;
    if (offer.refused) { this.fail(title, offer.refused); return; }
    if (!offer.ask) { this.go(offer, keys, title, ""); return; }
    const label = make("label", "kmt-prompt-label", offer.ask);
    const input = /** @type {HTMLInputElement} */ (make("input", "kmt-input"));
    input.value = offer.usual; input.spellcheck = false;
    label.append(input);
    const go = () => this.go(offer, keys, title, input.value.trim());
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); go(); } });
    this.draw(title, this.row(label, button("kmt-small strong", offer.kind === "change" ? "Plan" : "Show the magic", "Enter", go), this.closing("Cancel")));
    input.focus(); input.select();
  }

  /** @param {Offer} offer @param {string[]|null} keys @param {string} title @param {string} argument */
  go(offer, keys, title, argument) {
    const wanted = { action: offer.name, keys, argument };
    if (offer.kind === "change") this.wait(title, this.act("plan", wanted), (m) => this.confirm(title, m.planned));
    else this.line(title, wanted);
  }

  /** Shows the magic of an action, for a cell. @param {string} title @param {object} wanted */
  line(title, wanted) {
    this.wait(title, this.act("line", wanted), (m) => {
      const cell = this.asCell(m.line);
      this.draw(title, make("pre", "kmt-prompt-line", m.line), this.row(cell, this.copy(m.line), this.closing("Close")));
      cell.focus();
    });
  }

  /** @param {string} title @param {any} plan */
  confirm(title, plan) {
    this.plan = plan.number;
    /** @type {HTMLInputElement|null} */ let input = null;
    const apply = button("kmt-small danger", `Apply to ${plan.where}`, plan.line, () => {
      const number = this.plan;
      this.plan = 0;
      const answer = this.act("confirm", { plan: number, said: input ? input.value.trim() : "" });
      this.wait(title, answer, (m) => this.done(title, m.text));
    });
    const parts = [make("pre", "kmt-prompt-plan", plan.text), make("pre", "kmt-prompt-line", plan.line)];
    const row = this.row(apply, this.asCell(plan.line), this.copy(plan.line), this.closing("Cancel"));
    if (plan.word) {
      const label = make("label", "kmt-prompt-label", `${plan.because}: type ${plan.word}`);
      const asked = input = /** @type {HTMLInputElement} */ (make("input", "kmt-input"));
      asked.autocomplete = "off"; asked.spellcheck = false;
      apply.disabled = true;
      asked.addEventListener("input", () => { apply.disabled = asked.value.trim() !== plan.word; });
      asked.addEventListener("keydown", (event) => { if (event.key === "Enter" && !apply.disabled) apply.click(); });
      label.append(asked);
      row.prepend(label);
    }
    this.draw(title, ...parts, row);
    (input ?? this.root).focus(); // not the button: a second key by mistake must not be a confirmation
  }

  /** @param {string} title @param {string} text */
  done(title, text) {
    const close = this.closing("Close");
    const said = make("pre", "kmt-prompt-plan", text);
    said.setAttribute("role", "status");
    this.draw(title, said, this.row(close));
    close.focus();
  }

  /** Asks for a name, and keeps the rows' objects under it. @param {string[]|null} keys @param {string} what */
  keep(keys, what) {
    const title = `As variable · ${what}`;
    const label = make("label", "kmt-prompt-label", "name");
    const input = /** @type {HTMLInputElement} */ (make("input", "kmt-input"));
    input.value = "sel"; input.spellcheck = false;
    label.append(input);
    const go = () => this.wait(title, this.act("keep", { name: input.value.trim(), keys }), (m) => this.done(title, m.text));
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); go(); } });
    this.draw(title, this.row(label, button("kmt-small strong", "Keep", "Enter", go), this.closing("Cancel")));
    input.focus(); input.select();
  }

  /** @param {string} line */
  asCell(line) {
    return button("kmt-small", "Insert as cell", "Below this one", () => {
      if (insertCell(this.model, this.root, line)) this.close();
      else copyText(line).then((copied) => { this.say(copied ? "copied: this front-end takes no cells from a view" : "select the line and copy it"); });
    });
  }

  /** @param {string} line */
  copy(line) {
    return button("kmt-small", "Copy", "", () => copyText(line).then((copied) => this.say(copied ? "copied" : "select the line and copy it")));
  }

  /** @param {string} text */
  say(text) {
    this.root.querySelector(".kmt-note")?.remove();
    const note = make("div", "kmt-note", text);
    note.setAttribute("role", "status");
    this.root.append(note);
  }
}
