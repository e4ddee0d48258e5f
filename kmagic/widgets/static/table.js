// @ts-check
// The live table's page side: draws the window of rows it was sent, reports scrolling, sorting and searching.
// It holds no rule of its own: order, filter and health come from the kernel. Text is only ever set as text.

import { age } from "./age.js";
import { Bar } from "./bar.js";
import { Chooser } from "./chooser.js";
import { make } from "./dom.js";
import { Flashes } from "./flashes.js";
import { Foot } from "./foot.js";
import { drawHead, headCell } from "./group.js";
import { ICONS } from "./levels.js";
import { keepKeys } from "./link.js";
import { Panel, magicOf } from "./panel.js";
import { Prompt } from "./prompt.js";
import { Rights } from "./rights.js";

/** @typedef {{name: string, kind: string, wide: boolean, hint: string}} Column */
/** @typedef {{key: string, namespace: string, level: string, why: string, created: number, deleted: number,
 *             cells: (string|null)[]}} Row */
/** @typedef {import("./group.js").Group} Group */
/** @typedef {{el: HTMLElement, title: HTMLElement, said: string, cells: HTMLElement[], key: string|null, index: number, y: number, picked: boolean|null}} Line */

const ROW = 26; // px, the height of a row in table.css
const HEAD = 29; // px, the height of the heads with their line
const SEEN = 16; // rows of a full table
const OVERSCAN = 40; // rows above and below what is seen
const MAX_WIDTH = 460; // px of a column's text
const PADDING = 24; // px beside a cell's text, as in table.css
const SORT_NAME = -1;
const WHY = -2; // the column of reasons; sorted by it the worst come first

/** A cell's text without how long ago something was: "5 (3h ago)". @param {string|null} text */
function timeless(text) { return (text ?? "").replace(/ \(\w+ ago\)/, ""); }

export class TableView {
  /** @param {any} model @param {HTMLElement} host */
  constructor(model, host) {
    this.model = model;
    this.vid = crypto.getRandomValues(new Uint32Array(2)).join("-");
    this.q = 0; this.acked = 0; this.askedAt = 0; this.heardAt = performance.now();
    this.seq = 0; this.frames = 0;
    /** @type {Map<string, Row>} */ this.rows = new Map();
    /** @type {string[]} */ this.order = [];
    /** @type {Record<string, Group>} */ this.heads = {}; // of the window's lines, those that are heads of groups
    this.first = 0; this.total = 0; this.all = 0; this.group = "";
    /** @type {any} */ this.head = null;
    /** @type {number[]} */ this.shown = []; // -1 is the namespace
    /** @type {number[]} */ this.widths = [];
    /** @type {number[]} */ this.longest = [];
    this.wide = false; this.why = false; this.broken = false; this.sort = SORT_NAME; this.desc = false; this.text = "";
    this.state = "listing"; this.detail = ""; this.offset = 0; this.counts = {}; this.error = "";
    this.active = -1; this.activeKey = ""; this.column = 0;
    this.asked = { first: -1, count: -1 };
    /** @type {Line[]} */ this.pool = [];
    this.flashing = new Flashes();
    this.painting = false;
    /** @type {Set<string>} */ this.picked = new Set(); // of the window
    this.pickedCount = 0;
    /** @type {Map<number, (m: any) => void>} */ this.waiting = new Map();
    this.rights = new Rights((namespace) => this.say("may", { namespace }));
    this.root = make("div", "km kmt");
    this.bar = new Bar({
      filter: (text) => { this.text = text; this.top(); this.say("filter", { text }); },
      broken: () => this.toggleBroken(), wide: () => this.toggleWide(), why: () => this.toggleWhy(),
      group: (by) => this.groupBy(by), columns: () => this.toggleChooser(),
      leave: () => this.grid.focus(),
    });
    this.chooser = new Chooser({
      choose: (names) => { this.wide = false; this.say("columns", { names }); },
      closed: () => { this.bar.columns.setAttribute("aria-expanded", "false"); this.grid.focus(); },
    });
    this.grid = make("div", "kmt-grid");
    this.grid.setAttribute("role", "grid"); this.grid.tabIndex = 0;
    this.grid.dataset.lmSuppressShortcuts = "true";
    this.headRow = make("div", "kmt-head"); this.headRow.setAttribute("role", "row");
    this.headRow.setAttribute("aria-rowindex", "1");
    this.spacer = make("div", "kmt-spacer"); this.spacer.setAttribute("role", "rowgroup");
    this.empty = make("div", "kmt-empty"); this.empty.hidden = true;
    this.grid.append(this.headRow, this.spacer, this.empty);
    this.grid.setAttribute("aria-multiselectable", "true");
    this.prompt = new Prompt(this.model, (what, more) => this.act(what, more), () => this.grid.focus());
    this.foot = new Foot(this.prompt, {
      picked: () => this.pickedCount, active: () => (this.heads[this.activeKey] ? "" : this.activeKey), open: (tab) => this.open(tab),
    });
    this.panel = new Panel(`kmt-${this.vid}`, {
      ask: (key, tab) => this.say("detail", { key, tab }),
      asCell: (tab) => this.prompt.line(this.panel.key, { action: magicOf(tab), keys: [this.panel.key], argument: "" }),
      closed: () => this.grid.focus(),
    });
    this.root.append(
      this.bar.root, this.bar.notice, this.chooser.root, this.grid, this.foot.root, this.foot.legend, this.prompt.root, this.panel.root,
    );
    host.append(this.root);
    this.listen();
    this.onMessage = (/** @type {any} */ m) => { if (m && m.vid === this.vid) this.receive(m); };
    model.on("msg:custom", this.onMessage);
    this.timers = [
      setInterval(() => this.say("hb"), 5000),
      setInterval(() => this.everySecond(), 1000),
      setInterval(() => this.flashing.fade(), 250),
    ];
    this.resize = new ResizeObserver(() => { this.look(); this.paint(); });
    this.resize.observe(this.grid);
    // For tests: what the page knows, by identity.
    const all = /** @type {any} */ (window);
    (all.__kmagic ??= new Map()).set(this.vid, this);
    this.hello();
  }

  listen() {
    keepKeys(this.root);
    let last = 0; /** @type {any} */ let later = 0;
    this.grid.addEventListener("scroll", () => {
      this.paint();
      clearTimeout(later);
      const wait = 60 - (performance.now() - last);
      if (wait <= 0) { last = performance.now(); this.look(); }
      else later = setTimeout(() => { last = performance.now(); this.look(); }, wait);
    });
    this.spacer.addEventListener("click", (event) => {
      const line = this.lineAt(event.target);
      if (!line) return;
      const mouse = /** @type {MouseEvent} */ (event);
      this.activate(line.index);
      if (this.foldActive()) { this.grid.focus(); return; }
      if (line.key && mouse.shiftKey) this.pick("to", line.key);
      else if (line.key && (mouse.ctrlKey || mouse.metaKey)) this.pick("toggle", line.key);
      this.grid.focus();
    });
    this.spacer.addEventListener("dblclick", (event) => { if (this.lineAt(event.target)) this.open("summary"); });
    this.grid.addEventListener("keydown", (event) => this.key(event));
  }

  // -- talking

  /** @param {string} t @param {object} [more] */
  say(t, more) {
    this.q += 1;
    if (this.q === this.acked + 1) this.askedAt = performance.now();
    this.model.send({ t, vid: this.vid, q: this.q, ...more });
  }

  hello() {
    const { first, count } = this.wanted();
    this.asked = { first, count };
    // Before the first frame the order is the kernel's to choose.
    const sort = this.head ? this.sort : undefined, group = this.head ? this.group : undefined;
    this.say("hello", { first, count, sort, desc: this.desc, text: this.text, broken: this.broken, why: this.why, group });
  }

  /** @param {any} m */
  receive(m) {
    this.heardAt = performance.now();
    if (m.ack) { this.acked = Math.max(this.acked, m.ack); if (this.acked < this.q) this.askedAt = performance.now(); }
    if (m.now) this.offset = m.now - Date.now() / 1000;
    if (m.state) { this.state = m.state; this.detail = m.detail; }
    if (m.t === "who") this.hello();
    else if (m.t === "detail") this.panel.receive(m);
    else if (m.t === "may") { this.rights.take(m); this.refuse(); }
    else if (m.t === "act") { this.waiting.get(m.n)?.(m); this.waiting.delete(m.n); }
    else if (m.t === "win") this.window(m);
    this.fresh();
  }

  /** @param {any} m */
  window(m) {
    if (!m.full && m.seq !== this.seq + 1) { this.seq = m.seq; this.say("resync"); return; }
    this.seq = m.seq; this.frames += 1;
    if (m.head) this.takeHead(m.head);
    if (m.offers) { this.foot.offer(m.offers); this.panel.offer(m.offers); }
    if (m.rows.some((/** @type {any[]} */ row) => row[0] === this.panel.key) && !m.full) this.panel.stale();
    this.picked = new Set(m.picked.keys);
    if (this.pickedCount !== m.picked.n) { this.pickedCount = m.picked.n; this.foot.show(); this.refuse(); }
    if (m.full) this.rows = new Map();
    for (const [key, namespace, level, why, created, deleted, cells] of m.rows) {
      this.rows.set(key, { key, namespace, level, why, created, deleted, cells });
    }
    this.first = m.first; this.total = m.total; this.all = m.all; this.counts = m.counts; this.error = m.error;
    if (m.heads) this.heads = m.heads;
    if (m.order) {
      this.order = m.order;
      const kept = new Set(m.order);
      for (const key of this.rows.keys()) if (!kept.has(key)) this.rows.delete(key);
    }
    this.root.classList.add("kmt-live");
    this.spacer.style.height = this.total * ROW + "px";
    this.grid.style.height = HEAD + Math.min(SEEN, Math.max(3, this.total)) * ROW + (this.total < SEEN ? 12 : 0) + "px";
    this.grid.setAttribute("aria-rowcount", String(this.total + 1));
    this.measure();
    this.paint();
    this.look();
    this.bar.tell(this.head?.columns.length ? m.shown - m.left : -1, this.all, this.counts, this.error);
  }

  /** @param {any} head */
  takeHead(head) {
    const same = JSON.stringify(head) === JSON.stringify(this.head);
    if (same) return;
    if (!this.head && head.wide) this.wide = true;
    this.head = head;
    this.sort = head.sort; this.desc = head.desc; this.broken = head.broken; this.group = head.group;
    this.grid.setAttribute("role", head.group ? "treegrid" : "grid");
    this.bar.take(head);
    this.bar.press(this);
    this.grid.setAttribute("aria-label", head.title);
    this.columns();
  }

  columns() {
    this.shown = this.head.namespace ? [-1] : [];
    this.head.columns.forEach((/** @type {Column} */ c, /** @type {number} */ i) => { if (!c.wide || this.wide) this.shown.push(i); });
    if (this.why) this.shown.push(WHY);
    this.chooser.take(this.head.columns, (column) => !column.wide || this.wide);
    this.column = Math.min(this.column, this.shown.length - 1);
    this.longest = this.shown.map(() => 0);
    this.widths = this.shown.map((i) => this.width(this.label(i)) * 1.05 + 16); // capitals are spaced; room for the arrow
    this.statusAt = this.head.marked.find((/** @type {number} */ i) => this.shown.includes(i));
    for (const line of this.pool) line.el.remove();
    this.pool = []; this.flashing.clear();
    this.headRow.replaceChildren(...this.shown.map((i, at) => this.header(i, at)));
    this.grid.setAttribute("aria-colcount", String(this.shown.length));
    this.layout();
  }

  /** @param {number} i */
  label(i) { return i === WHY ? "WHY" : i < 0 ? "NAMESPACE" : this.head.columns[i].name.toUpperCase(); }

  /** @param {number} i @param {number} at */
  header(i, at) {
    const el = make("button", "kmt-th", this.label(i));
    el.setAttribute("role", "columnheader"); el.setAttribute("aria-colindex", String(at + 1)); el.tabIndex = -1;
    el.dataset.kind = i < 0 ? "text" : this.head.columns[i].kind;
    const sorted = this.sort === i;
    el.setAttribute("aria-sort", sorted ? (this.desc ? "descending" : "ascending") : "none");
    if (sorted && !(i === SORT_NAME && !this.head.namespace)) el.append(make("span", "kmt-arrow", this.desc ? "▾" : "▴"));
    el.title = (i >= 0 && this.head.columns[i].hint) || "Sort";
    el.addEventListener("click", () => this.sortBy(i));
    return el;
  }

  // -- what the user does

  /** @param {number} i */
  sortBy(i) {
    // The third click goes back to the order of names.
    const next = this.sort !== i ? [i, false] : !this.desc ? [i, true] : [SORT_NAME, false];
    this.sort = /** @type {number} */ (next[0]); this.desc = /** @type {boolean} */ (next[1]);
    this.top();
    this.say("sort", { sort: this.sort, desc: this.desc });
  }

  toggleBroken() {
    this.broken = !this.broken;
    this.bar.press(this);
    this.top();
    this.say("broken", { broken: this.broken });
  }

  toggleWide() {
    this.wide = !this.wide;
    this.bar.press(this);
    if (this.head) { this.columns(); this.measure(); this.paint(); }
  }

  toggleWhy() {
    this.why = !this.why;
    this.bar.press(this);
    this.say("why", { why: this.why });
    if (this.head) { this.columns(); this.measure(); this.paint(); }
  }

  /** @param {string} by */
  groupBy(by) {
    this.group = by;
    this.bar.press(this);
    this.top();
    this.say("group", { group: by });
  }

  // The next of what rows can be grouped by; after the last, nothing.
  nextGroup() {
    const all = ["", ...(this.head?.groupings ?? [])];
    this.groupBy(all[(all.indexOf(this.group) + 1) % all.length]);
  }

  toggleChooser() {
    if (this.chooser.open) { this.chooser.close(); return; }
    this.bar.columns.setAttribute("aria-expanded", "true");
    this.chooser.show();
  }

  /** Folds the group whose head is active, or unfolds it; returns whether it is a head. @param {boolean} [folded] */
  foldActive(folded) {
    const head = this.heads[this.activeKey];
    if (head && head.folded !== folded) this.say("fold", { group: head.name });
    return !!head;
  }

  // From a row's first cell to the head of its group.
  toHead() {
    let at = this.active;
    while (at > this.first && !this.heads[this.keyAt(at) ?? ""]) at -= 1;
    if (this.heads[this.keyAt(at) ?? ""]) this.activate(at);
  }

  top() { this.grid.scrollTop = 0; this.active = -1; this.activeKey = ""; this.asked = { first: 0, count: this.wanted().count }; }

  // -- rows and what is done with them

  /** Asks for something in the kernel's thread. @param {string} what @param {object} more @returns {Promise<any>} */
  act(what, more) {
    const n = this.q + 1;
    this.model.send({ t: "act", vid: this.vid, n, what, ...more });
    this.q = n; this.acked = Math.max(this.acked, n); // its answer comes by itself, however long it takes
    return new Promise((answer) => this.waiting.set(n, answer));
  }

  /** @param {string} mode @param {string} [key] */
  pick(mode, key) { this.say("pick", { mode, key: key ?? "" }); }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === "a" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); this.pick("all"); return; }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(this.height() / ROW) - 1);
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowDown: () => this.move(1, event.shiftKey),
      ArrowUp: () => this.move(-1, event.shiftKey),
      " ": () => { if (!this.foldActive() && this.activeKey) this.pick("toggle", this.activeKey); },
      v: () => this.foot.keep(),
      "?": () => this.foot.toggleLegend(),
      PageDown: () => this.activate(this.active + page),
      PageUp: () => this.activate(Math.max(0, this.active - page)),
      Home: () => this.activate(0),
      End: () => this.activate(this.total - 1),
      ArrowRight: () => { if (!this.foldActive(false)) this.toColumn(this.column + 1); },
      ArrowLeft: () => {
        if (this.foldActive(true)) return;
        if (this.group && !this.column) this.toHead(); else this.toColumn(this.column - 1);
      },
      Enter: () => (event.target === this.grid ? this.foldActive() || this.open("summary") : (/** @type {HTMLElement} */ (event.target)).click()),
      "/": () => this.bar.search.focus(),
      s: () => { if (this.shown.length) this.sortBy(this.shown[this.column]); },
      b: () => this.toggleBroken(),
      w: () => this.toggleWide(),
      c: () => this.toggleChooser(),
      g: () => this.nextGroup(),
      G: () => { if (this.group) this.say("fold", { all: true }); },
      W: () => { if (this.head?.reasons) this.toggleWhy(); },
      Escape: () => this.close(),
    };
    const offer = event.target === this.grid ? this.foot.of(event.key) : undefined;
    const act = offer ? () => this.foot.do(offer) : keys[event.key];
    if (act) { event.preventDefault(); act(); }
  }

  /** @param {number} index */
  activate(index) {
    this.active = Math.max(0, Math.min(this.total - 1, index));
    const before = this.activeKey;
    this.activeKey = this.keyAt(this.active) || "";
    if (before !== this.activeKey) {
      if (!this.pickedCount) this.foot.show();
      this.refuse();
    }
    const top = this.active * ROW;
    const height = this.height();
    if (top < this.grid.scrollTop) this.grid.scrollTop = top;
    else if (top + ROW > this.grid.scrollTop + height) this.grid.scrollTop = top + ROW - height;
    this.paint();
  }

  /** @param {number} at */
  toColumn(at) {
    this.column = Math.max(0, Math.min(this.shown.length - 1, at));
    this.headRow.children[this.column]?.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.paint();
  }

  /** @param {number} step @param {boolean} extend */
  move(step, extend) {
    if (extend && this.activeKey && !this.pickedCount) this.pick("toggle", this.activeKey);
    this.activate(Math.max(0, this.active + step));
    if (extend && this.activeKey) this.pick("to", this.activeKey);
  }

  /** @param {string} tab */
  open(tab) {
    const key = this.keyAt(this.active);
    if (!key || this.heads[key] || !this.panel.tabs.length) return;
    this.panel.show(key, tab);
  }

  close() {
    if (!this.prompt.root.hidden) this.prompt.close();
    else if (this.panel.open) this.panel.close();
    else this.pick("none");
  }

  // What the person may not do where the rows meant are; of rows of several namespaces the server says it, each time.
  refuse() {
    const row = this.rows.get(this.activeKey);
    const mixed = this.pickedCount && this.head.namespace;
    this.foot.refuse(row && !mixed && this.foot.offers.length ? this.rights.of(row.namespace) : {});
  }

  // -- the window

  // What is seen of rows: the heads stay above them.
  height() { return Math.max(0, this.grid.clientHeight - HEAD); }

  wanted() {
    const seen = Math.ceil((this.height() || SEEN * ROW) / ROW);
    const first = Math.max(0, Math.floor(this.grid.scrollTop / ROW) - OVERSCAN);
    return { first, count: seen + 2 * OVERSCAN };
  }

  look() {
    const { first, count } = this.wanted();
    const height = this.height() / ROW;
    const top = this.grid.scrollTop / ROW;
    // Ask only when what is seen comes near the window's edge.
    const covered = top - 15 >= this.asked.first || this.asked.first === 0;
    const below = top + height + 15 <= this.asked.first + this.asked.count || this.asked.first + this.asked.count >= this.total;
    if (covered && below && count <= this.asked.count) return;
    if (first === this.asked.first && count === this.asked.count) return;
    this.asked = { first, count };
    this.say("view", { first, count });
  }

  /** @param {number} index */
  keyAt(index) { return index < 0 ? undefined : this.order[index - this.first]; }

  /** @param {EventTarget|null} target */
  lineAt(target) { return this.pool.find((line) => target instanceof Node && line.el.contains(target)); }

  // Columns are as wide as the widest text seen so far; they only grow, so that scrolling does not make them jump.
  measure() {
    let grew = false;
    for (const row of this.rows.values()) {
      this.shown.forEach((i, at) => {
        const text = this.cell(row, i);
        if (text.length < this.longest[at] - 1) return; // only long texts can be wide
        this.longest[at] = Math.max(this.longest[at], text.length);
        const width = Math.min(MAX_WIDTH, this.width(text) + (i === this.statusAt ? 18 : 0));
        if (width > this.widths[at]) { this.widths[at] = width; grew = true; }
      });
    }
    if (grew) this.layout();
  }

  /** @param {string} text */
  width(text) {
    if (!this.ruler) {
      this.ruler = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
      const { fontFamily } = getComputedStyle(this.root);
      this.ruler.font = `500 13px ${fontFamily}`;
    }
    return this.ruler.measureText(text).width;
  }

  layout() {
    const template = this.widths.map((width, at) => {
      const kind = this.shown[at] < 0 ? "text" : this.head.columns[this.shown[at]].kind;
      const least = Math.ceil(Math.max(kind === "age" ? 64 : 40, width)) + PADDING + "px";
      return this.shown[at] === WHY ? `minmax(${least}, 1fr)` : least; // reasons are sentences: they take what is left
    });
    this.grid.style.setProperty("--kmt-columns", template.join(" "));
  }

  paint() {
    if (this.painting) return;
    this.painting = true;
    requestAnimationFrame(() => { this.painting = false; this.draw(); });
  }

  draw() {
    if (!this.head) return;
    const top = Math.floor(this.grid.scrollTop / ROW);
    const seen = Math.ceil(this.height() / ROW) + 1;
    const size = Math.min(seen, this.total);
    while (this.pool.length < seen) this.pool.push(this.newLine());
    const now = Date.now() / 1000 + this.offset;
    this.pool.forEach((line, slot) => {
      // The line that shows index i is always the one at i modulo the pool: scrolling rewrites few lines.
      const index = top + ((slot - top) % this.pool.length + this.pool.length) % this.pool.length;
      if (index >= this.total || index >= top + seen) { line.el.hidden = true; line.key = null; return; }
      line.el.hidden = false;
      this.drawLine(line, index, now);
    });
    this.empty.hidden = this.total > 0;
    if (!size) this.empty.textContent = this.emptyText();
  }

  emptyText() {
    if (this.state === "listing") return "Listing…";
    if (!this.head.columns.length) return this.detail ? `Not listed: ${this.detail}` : "Not listed";
    if (this.all) return `None of ${this.all.toLocaleString("en")} rows matches`;
    return "No resources found";
  }

  newLine() {
    const el = make("div", "kmt-row"); el.setAttribute("role", "row");
    const title = headCell(this.shown.length);
    el.append(title);
    const cells = this.shown.map((i, at) => {
      const cell = make("div", "kmt-td"); cell.setAttribute("role", "gridcell");
      cell.setAttribute("aria-colindex", String(at + 1));
      cell.dataset.kind = i < 0 ? "text" : this.head.columns[i].kind;
      el.append(cell);
      return cell;
    });
    el.id = `kmt-${this.vid}-${this.pool.length}`;
    this.spacer.append(el);
    return { el, title, said: "", cells, key: null, index: -1, y: -1, picked: null };
  }

  /** @param {Line} line @param {number} index @param {number} now */
  drawLine(line, index, now) {
    const key = this.keyAt(index);
    const row = key === undefined ? undefined : this.rows.get(key);
    const same = key !== undefined && line.key === key;
    line.key = key ?? null; line.index = index;
    const y = index * ROW;
    if (line.y !== y) {
      line.y = y; line.el.style.transform = `translateY(${y}px)`;
      line.el.setAttribute("aria-rowindex", String(index + 2));
    }
    const active = this.activeKey ? this.activeKey === key : this.active === index;
    const picked = key !== undefined && this.picked.has(key);
    const head = key === undefined ? undefined : this.heads[key];
    const cls = `kmt-row${head ? " head" : ""}${picked ? " picked" : ""}${row?.deleted ? " gone" : ""}${row?.deleted === 2 ? " left" : ""}${active ? " active" : ""}${index % 2 ? " odd" : ""}${row || head ? "" : " blank"}`;
    if (line.el.className !== cls) line.el.className = cls;
    if (active) { this.active = index; this.grid.setAttribute("aria-activedescendant", line.el.id); }
    if (line.picked !== picked) { line.picked = picked; line.el.setAttribute("aria-selected", String(picked)); }
    drawHead(line, head, this.group);
    this.shown.forEach((i, at) => this.drawCell(line.cells[at], row, i, same, now));
  }

  /** @param {HTMLElement} cell @param {Row|undefined} row @param {number} i @param {boolean} same @param {number} now */
  drawCell(cell, row, i, same, now) {
    const kind = i >= 0 ? this.head.columns[i].kind : "text";
    let text = row ? this.cell(row, i, now) : "";
    const left = row?.deleted === 2;
    const level = row && i === this.statusAt ? (left ? "done" : row.level) : "";
    if (level && left) text = kind === "name" ? `${text} · deleted` : "⊘ deleted";
    else if (level && ICONS[/** @type {keyof typeof ICONS} */ (level)]) text = `${ICONS[/** @type {keyof typeof ICONS} */ (level)]} ${text}`;
    if (cell.dataset.level !== level) { if (level) cell.dataset.level = level; else delete cell.dataset.level; }
    if (cell.textContent !== text) {
      const before = cell.textContent;
      cell.textContent = text;
      cell.classList.toggle("dim", text.startsWith("<") && text.endsWith(">"));
      // Time that passes is no change.
      const changed = kind !== "age" && kind !== "time" && timeless(text) !== timeless(before);
      if (same && row && before && changed) this.flashing.flash(cell, `${row.key} ${i}`, `${before} → ${text}`);
      else if (!same) this.flashing.end(cell);
    } else if (!same) this.flashing.end(cell);
    const title = [level && row?.why, this.flashing.told.get(`${row?.key} ${i}`), text.length > 40 && text].filter(Boolean).join("\n");
    if (cell.title !== title) cell.title = title;
  }

  /** @param {Row} row @param {number} i @param {number} [now] */
  cell(row, i, now) {
    if (i === WHY) return row.why;
    if (i < 0) return row.namespace;
    const value = row.cells[i];
    if (value !== null && value !== undefined) return value;
    if (row.created && this.head.columns[i].kind === "age") return age((now ?? Date.now() / 1000 + this.offset) - row.created);
    return "";
  }

  // -- as time goes by

  everySecond() {
    this.fresh();
    this.paint(); // ages
  }

  fresh() {
    const waited = performance.now() - this.askedAt;
    const silent = performance.now() - this.heardAt > 6000;
    this.bar.fresh(silent ? "silent" : this.state, this.detail, this.q > this.acked && waited > 700);
  }

  remove() {
    /** @type {any} */ (window).__kmagic.delete(this.vid);
    this.say("bye");
    this.model.off("msg:custom", this.onMessage);
    this.timers.forEach(clearInterval);
    this.resize.disconnect();
    this.root.remove();
  }
}
