// @ts-check
// The log view's page side: draws the window of lines it was sent, follows or stays, reports filters.
// Order, filter and levels come from the kernel; what a line looks like is decided here.

import { make } from "./dom.js";
import { Link, keepKeys } from "./link.js";
import { showLogLine } from "./log_line.js";

/** @typedef {{number: number, stamp: string, source: number, level: string, text: string, mark: string}} LogEntry */
/** @typedef {{number: number, pod: string, container: string, state: string, restarts: number, lines: number, previous: boolean, colour: number}} LogOrigin */

const LOG_TAIL = 80; // lines of a view that follows
const LOG_WINDOW = 300; // lines of one that does not
const LOG_STEP = 120; // lines by which the window moves
const LOG_LEVELS = /** @type {[string, string][]} */ ([["fatal", "✕ Fatal"], ["error", "✕ Error"], ["warn", "▲ Warn"], ["info", "● Info"], ["debug", "· Debug"], ["", "Other"]]);
const LOG_TIMES = ["off", "local", "utc"];

class LogPage {
  /** @param {any} model @param {HTMLElement} host */
  constructor(model, host) {
    /** @type {Map<number, LogEntry>} */ this.lines = new Map();
    /** @type {Map<number, HTMLElement>} */ this.drawn = new Map();
    /** @type {number[]} */ this.order = [];
    /** @type {LogOrigin[]} */ this.sources = [];
    /** @type {any} */ this.head = null;
    /** @type {Record<string, number>} */ this.counts = {};
    this.text = ""; this.levels = new Set(); this.picked = new Set(); this.error = "";
    this.first = 0; this.total = 0; this.came = 0; this.fresh_ = 0; this.following = true; this.askedView = -1;
    this.times = "off"; this.wrap = true; this.json = false; this.jsonChosen = false; this.marked = -1;
    /** @type {Set<string>} */ this.columns = new Set();
    /** @type {RegExp|null} */ this.highlight = null;
    this.ours = 0; this.lastTop = 0;
    this.build(host);
    this.link = new Link(model, this);
    this.vid = this.link.vid;
  }

  // -- building

  /** @param {HTMLElement} host */
  build(host) {
    this.root = make("div", "km kml"); keepKeys(this.root);
    const bar = make("div", "kml-bar");
    this.title = make("span", "kml-title"); this.badge = make("span", "kml-badge"); this.count = make("span", "kml-count");
    this.busy = make("span", "kml-busy", "kernel busy · input queued"); this.busy.hidden = true;
    this.search = this.input("Filter  ( / )", "Filter lines", "words · !without · re:/regex/ · level:error · pod:web-1 · !container:proxy");
    this.mark = this.input("Highlight  ( h )", "Highlight in lines", "a regular expression whose matches are marked");
    this.dot = make("span", "kml-dot"); this.dot.setAttribute("role", "status");
    bar.append(this.title, this.badge, this.count, make("span", "kml-gap"), this.busy, this.search, this.mark, this.dot);
    const tools = make("div", "kml-tools"); tools.setAttribute("role", "toolbar"); tools.setAttribute("aria-label", "Lines");
    this.levelChips = LOG_LEVELS.map(([level, name]) => this.chip(name, `Only lines of this level`, () => this.toggleLevel(level)));
    this.sourceChip = this.chip("Sources", "The containers that are followed (s)", () => this.toggleSources());
    this.timeChip = this.chip("Time", "Times: none, of this place, UTC (t)", () => this.nextTime());
    this.wrapChip = this.chip("Wrap", "Wrap long lines (w)", () => this.toggleWrap()); this.wrapChip.setAttribute("aria-pressed", "true");
    this.jsonChip = this.chip("JSON", "Fields of lines that are JSON objects (j)", () => this.toggleJson()); this.jsonChip.hidden = true;
    this.followChip = this.chip("▼ Follow", "Go to the end and follow (f)", () => this.follow(!this.following)); this.followChip.classList.add("kml-follow");
    tools.append(...this.levelChips, make("span", "kml-gap"), this.sourceChip, this.jsonChip, this.timeChip, this.wrapChip, this.followChip);
    this.fieldBar = make("div", "kml-fields"); this.fieldBar.hidden = true;
    this.panel = make("div", "kml-sources"); this.panel.hidden = true; this.panel.setAttribute("role", "group"); this.panel.setAttribute("aria-label", "Sources");
    this.notice = make("div", "kml-notice"); this.notice.hidden = true; this.notice.setAttribute("role", "alert");
    this.body = make("div", "kml-body"); this.body.tabIndex = 0;
    this.body.setAttribute("role", "log"); this.body.setAttribute("aria-live", "off"); // thousands of lines a second are not read aloud
    this.list = make("div", "kml-list"); this.empty = make("div", "kml-empty");
    this.body.append(this.list, this.empty);
    this.root.append(bar, tools, this.panel, this.fieldBar, this.notice, this.body);
    host.append(this.root);
    this.listen();
  }

  /** @param {string} placeholder @param {string} label @param {string} title */
  input(placeholder, label, title) {
    const el = /** @type {HTMLInputElement} */ (make("input", "kml-input"));
    el.type = "search"; el.placeholder = placeholder; el.title = title; el.spellcheck = false;
    el.setAttribute("aria-label", label);
    return el;
  }

  /** @param {string} text @param {string} title @param {() => void} act */
  chip(text, title, act) {
    const el = /** @type {HTMLButtonElement} */ (make("button", "kml-chip", text));
    el.type = "button"; el.title = title; el.setAttribute("aria-pressed", "false");
    el.addEventListener("click", act);
    return el;
  }

  listen() {
    /** @type {any} */ let timer = 0;
    this.search.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => { this.text = this.search.value; this.choose(); }, 150); });
    this.mark.addEventListener("input", () => this.setHighlight(this.mark.value));
    for (const input of [this.search, this.mark]) {
      input.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && input.value) { input.value = ""; input.dispatchEvent(new Event("input")); }
        else if (event.key === "Escape" || event.key === "Enter") { event.preventDefault(); this.body.focus(); }
      });
    }
    this.body.addEventListener("scroll", () => this.scrolled());
    this.body.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("dblclick", (event) => {
      const line = event.target instanceof Element ? event.target.closest(".kml-line") : null;
      if (line instanceof HTMLElement) this.showAround(Number(line.dataset.number));
    });
  }

  // -- talking

  hello() {
    return { count: this.following ? LOG_TAIL : LOG_WINDOW, first: this.first, ...(this.head ? this.chosen() : { text: undefined }) };
  }

  chosen() { return { text: this.text, levels: [...this.levels], sources: [...this.picked] }; }

  choose() { this.link.say("filter", this.chosen()); }

  /** @param {any} m */
  frame(m) {
    if (m.head) this.takeHead(m.head);
    if (m.full) { this.lines = new Map(); this.drawn = new Map(); this.list.replaceChildren(); }
    for (const [number, stamp, source, level, text, mark] of m.rows) this.lines.set(number, { number, stamp, source, level, text, mark });
    if (m.sources) this.takeSources(m.sources);
    this.first = m.first; this.total = m.total; this.came = m.came; this.fresh_ = m.fresh; this.counts = m.levels; this.error = m.error;
    this.following = m.following; this.askedView = -1;
    if (m.order) {
      this.order = m.order;
      const kept = new Set(m.order);
      for (const number of this.lines.keys()) if (!kept.has(number)) { this.lines.delete(number); this.drawn.delete(number); }
    }
    this.root.classList.add("kml-live");
    this.guessJson();
    this.draw();
    this.showCounts();
  }

  /** @param {any} head */
  takeHead(head) {
    const first = !this.head;
    this.head = head;
    this.title.textContent = head.title; this.badge.textContent = head.target; this.badge.hidden = !head.target;
    this.badge.dataset.level = head.level;
    this.body.setAttribute("aria-label", `Log of ${head.title}`);
    if (first && head.text) { this.text = head.text; this.search.value = head.text; this.choose(); }
  }

  /** @param {any[]} sources */
  takeSources(sources) {
    this.sources = sources.map(([number, pod, container, state, restarts, lines, previous, colour]) => ({ number, pod, container, state, restarts, lines, previous, colour }));
    const one = new Set(this.sources.map((source) => source.container)).size <= 1;
    const name = (/** @type {LogOrigin} */ source) => (one ? source.pod : `${source.pod}/${source.container}`);
    this.names = new Map(this.sources.map((source) => [source.number, this.sources.length > 1 ? name(source) : ""]));
    this.sourceChip.textContent = `Sources ${this.sources.length}`;
    this.panel.replaceChildren(...this.sources.map((source) => this.sourceRow(source, name(source))));
  }

  /** @param {LogOrigin} source @param {string} name */
  sourceRow(source, name) {
    const row = make("div", "kml-source");
    const pick = this.chip(name, "Only lines of this container", () => this.toggleSource(source.number));
    pick.classList.add(`kml-c${source.colour}`); pick.setAttribute("aria-pressed", String(this.picked.has(source.number)));
    const again = source.restarts ? ` · ${source.restarts} restart${source.restarts > 1 ? "s" : ""}` : "";
    row.append(pick, make("span", "kml-source-state", `${source.state}${again} · ${source.lines.toLocaleString("en")} lines`));
    if (source.state === "gone") row.classList.add("gone");
    if (source.previous) {
      const previous = this.chip("Previous", "Also the lines before its last restart", () => this.link.say("previous", { source: source.number }));
      previous.removeAttribute("aria-pressed");
      row.append(previous);
    }
    return row;
  }

  // -- what the user does

  /** @param {string} level */
  toggleLevel(level) {
    if (!this.levels.delete(level)) this.levels.add(level);
    LOG_LEVELS.forEach(([each], at) => this.levelChips[at].setAttribute("aria-pressed", String(this.levels.has(each))));
    this.choose();
  }

  /** @param {number} number */
  toggleSource(number) {
    if (!this.picked.delete(number)) this.picked.add(number);
    this.panel.querySelectorAll(".kml-source").forEach((row, at) => row.querySelector("button")?.setAttribute("aria-pressed", String(this.picked.has(this.sources[at].number))));
    this.choose();
  }

  toggleSources() { this.panel.hidden = !this.panel.hidden; this.sourceChip.setAttribute("aria-pressed", String(!this.panel.hidden)); }

  nextTime() {
    this.times = LOG_TIMES[(LOG_TIMES.indexOf(this.times) + 1) % LOG_TIMES.length];
    this.timeChip.textContent = this.times === "utc" ? "Time UTC" : this.times === "local" ? "Time local" : "Time";
    this.timeChip.setAttribute("aria-pressed", String(this.times !== "off"));
    this.redraw();
  }

  toggleWrap() { this.wrap = !this.wrap; this.wrapChip.setAttribute("aria-pressed", String(this.wrap)); this.list.classList.toggle("nowrap", !this.wrap); this.toEnd(); }

  toggleJson() { this.json = !this.json; this.jsonChosen = true; this.showJson(); }

  showJson() { this.jsonChip.setAttribute("aria-pressed", String(this.json)); this.fieldBar.hidden = !this.json; this.redraw(); }

  /** @param {string} field */
  toggleField(field) { if (!this.columns.delete(field)) this.columns.add(field); this.showFields(); this.redraw(); }

  /** @param {string} text */
  setHighlight(text) {
    try { this.highlight = text ? new RegExp(text, "gi") : null; this.mark.classList.remove("wrong"); this.mark.setAttribute("aria-invalid", "false"); }
    catch { this.mark.classList.add("wrong"); this.mark.setAttribute("aria-invalid", "true"); return; }
    this.redraw();
  }

  /** @param {boolean} on */
  follow(on) {
    if (on === this.following) return;
    this.following = on;
    this.link.say("follow", { on });
    if (on) { this.marked = -1; this.link.say("view", { first: 0, count: LOG_TAIL }); }
    else this.view(Math.max(0, this.total - LOG_WINDOW));
    this.showCounts();
  }

  /** The lines around one, of all lines. @param {number} number */
  showAround(number) {
    if (!this.lines.has(number)) return;
    this.follow(false);
    this.text = this.search.value = ""; this.levels.clear(); this.picked.clear();
    this.levelChips.forEach((chip) => chip.setAttribute("aria-pressed", "false"));
    this.marked = number;
    this.choose();
    this.link.say("around", { number });
  }

  /** @param {number} first */
  view(first) { this.askedView = first; this.link.say("view", { first, count: LOG_WINDOW }); }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    /** @type {Record<string, () => void>} */
    const keys = {
      "/": () => this.search.focus(), h: () => this.mark.focus(), f: () => this.follow(!this.following), w: () => this.toggleWrap(),
      t: () => this.nextTime(), s: () => this.toggleSources(), j: () => { if (!this.jsonChip.hidden) this.toggleJson(); },
      End: () => this.follow(true), Home: () => { this.follow(false); this.view(0); this.body.scrollTop = 0; },
    };
    const act = keys[event.key];
    if (act) { event.preventDefault(); act(); }
  }

  scrolled() {
    const top = this.body.scrollTop, down = top > this.lastTop;
    this.lastTop = top;
    if (performance.now() < this.ours) return; // we moved it
    const left = this.body.scrollHeight - top - this.body.clientHeight;
    if (this.following) { if (left > 24) this.follow(false); return; }
    const end = this.first + this.order.length;
    if (this.askedView >= 0) return;
    if (down && left < 4 && end >= this.total) this.follow(true);
    else if (!down && top < 200 && this.first > 0) this.view(Math.max(0, this.first - LOG_STEP));
    else if (down && left < 200 && end < this.total) this.view(Math.min(this.total - LOG_WINDOW, this.first + LOG_STEP));
  }

  // -- drawing

  redraw() { this.drawn = new Map(); this.list.replaceChildren(); this.draw(); }

  draw() {
    const anchor = this.following ? null : this.anchor();
    const wanted = this.order.map((number) => this.element(number)).filter((el) => el !== null);
    const keep = new Set(wanted);
    for (let el = this.list.firstElementChild; el; ) { const next = el.nextElementSibling; if (!keep.has(/** @type {HTMLElement} */ (el))) el.remove(); el = next; }
    let at = this.list.firstElementChild;
    for (const el of wanted) { if (el === at) at = at.nextElementSibling; else this.list.insertBefore(el, at); }
    this.empty.hidden = this.total > 0;
    if (!this.total) this.empty.textContent = this.came ? "No line matches" : this.link?.state === "listing" ? "Opening…" : "No lines yet";
    if (this.following) this.toEnd(); else this.backTo(anchor);
  }

  /** @param {number} number */
  element(number) {
    const line = this.lines.get(number);
    if (!line) return null;
    let el = this.drawn.get(number);
    if (!el) {
      const source = this.sources[line.source];
      el = showLogLine(line, { who: this.names?.get(line.source) ?? "", colour: source?.colour ?? 0, times: this.times, json: this.json, columns: this.columns, highlight: this.highlight });
      if (number === this.marked) el.classList.add("marked");
      this.drawn.set(number, el);
    }
    return el;
  }

  toEnd() { if (!this.following) return; this.ours = performance.now() + 80; this.body.scrollTop = this.body.scrollHeight; }

  anchor() {
    const top = this.body.getBoundingClientRect().top;
    const wanted = this.marked >= 0 ? this.drawn.get(this.marked) : undefined;
    for (const el of wanted?.isConnected ? [wanted] : this.list.children) {
      const box = el.getBoundingClientRect();
      if (box.bottom > top || el === wanted) return { el, offset: box.top - top };
    }
    return null;
  }

  /** @param {{el: Element, offset: number}|null} anchor */
  backTo(anchor) {
    this.ours = performance.now() + 80;
    const marked = this.drawn.get(this.marked);
    if (anchor?.el.isConnected) this.body.scrollTop += anchor.el.getBoundingClientRect().top - this.body.getBoundingClientRect().top - anchor.offset;
    else if (marked?.isConnected) marked.scrollIntoView({ block: "center" });
  }

  // -- JSON

  guessJson() {
    const lines = [...this.lines.values()].filter((line) => !line.mark);
    const objects = lines.filter((line) => line.text.startsWith("{") && line.text.endsWith("}"));
    if (!objects.length) return;
    this.jsonChip.hidden = false;
    /** @type {Map<string, number>} */ const seen = new Map(this.fields ?? []);
    for (const line of objects.slice(-40)) {
      try { for (const key of Object.keys(JSON.parse(line.text))) seen.set(key, (seen.get(key) ?? 0) + 1); } catch { /* cut, or no JSON after all */ }
    }
    const fields = [...seen].sort((a, b) => b[1] - a[1]).slice(0, 16);
    const changed = fields.map(([key]) => key).join() !== (this.fields ?? []).map(([key]) => key).join();
    this.fields = fields;
    if (changed) this.showFields();
    if (!this.json && !this.jsonChosen && objects.length * 2 > lines.length) { this.json = true; this.showJson(); }
  }

  showFields() {
    this.fieldBar.replaceChildren(make("span", "kml-fields-name", "Columns"), ...(this.fields ?? []).map(([field]) => {
      const chip = this.chip(field, "A column of this field", () => this.toggleField(field));
      chip.setAttribute("aria-pressed", String(this.columns.has(field)));
      return chip;
    }));
  }

  // -- the bar

  showCounts() {
    const n = (/** @type {number} */ x) => x.toLocaleString("en");
    const filtered = this.text || this.levels.size || this.picked.size;
    this.count.textContent = filtered ? `${n(this.total)} of ${n(this.came)} lines` : `${n(this.came)} line${this.came === 1 ? "" : "s"}`;
    LOG_LEVELS.forEach(([level, name], at) => {
      const count = this.counts[level] ?? 0;
      const chip = this.levelChips[at];
      chip.textContent = `${name} ${n(count)}`; chip.hidden = !count && !this.levels.has(level); chip.dataset.level = level;
    });
    this.followChip.textContent = this.following ? "▼ Following" : this.fresh_ ? `▼ ${n(this.fresh_)} new` : "▼ Follow";
    this.followChip.setAttribute("aria-pressed", String(this.following));
    this.search.classList.toggle("wrong", !!this.error); this.search.setAttribute("aria-invalid", String(!!this.error));
    this.notice.hidden = !this.error; this.notice.textContent = this.error ? `Filter not applied: ${this.error}` : "";
  }

  fresh() {
    if (!this.link) return;
    this.busy.hidden = !this.link.busy;
    const [state, text] = this.link.freshness;
    if (this.dot.textContent !== text) this.dot.textContent = text;
    this.dot.dataset.state = state; this.dot.title = this.link.detail;
  }

  remove() { this.link.close(); this.root.remove(); }
}

export default {
  /** @param {{model: any, el: HTMLElement}} context */
  render({ model, el }) {
    const page = new LogPage(model, el);
    // For tests: what the page knows, by identity.
    const all = /** @type {any} */ (window); (all.__kmagic ??= new Map()).set(page.vid, page);
    return () => { all.__kmagic.delete(page.vid); page.remove(); };
  },
};
