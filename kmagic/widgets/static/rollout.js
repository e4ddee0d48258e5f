// @ts-check
// The rollout's page side: how far it is, bars of old and new Pods, what is wrong, ready Pods over time.

import { age } from "./age.js";
import { make } from "./dom.js";
import { Link, keepKeys } from "./link.js";

const CHART_WIDTH = 600, CHART_HEIGHT = 90;

/** @param {string} tag @param {Record<string, string|number>} attributes @param {string} [text] */
function svg(tag, attributes, text) {
  const el = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) el.setAttribute(name, String(value));
  if (text !== undefined) el.textContent = text;
  return el;
}

class RolloutPage {
  /** @param {any} model @param {HTMLElement} host */
  constructor(model, host) {
    /** @type {any} */ this.now = null;
    this.root = make("div", "km kmr"); keepKeys(this.root);
    const bar = make("div", "kmr-top");
    this.title = make("span", "kmr-title"); this.badge = make("span", "kmr-badge"); this.clock = make("span", "kmr-clock");
    this.dot = make("span", "kmr-dot"); this.dot.setAttribute("role", "status");
    bar.append(this.title, this.badge, this.clock, make("span", "kmr-gap"), this.dot);
    this.told = make("div", "kmr-told"); this.told.setAttribute("role", "status");
    this.steps = make("ol", "kmr-steps");
    this.bars = make("div", "kmr-bars");
    this.troubles = make("ul", "kmr-troubles"); this.troubles.setAttribute("aria-label", "What is wrong");
    this.chart = make("div", "kmr-chart");
    this.root.append(bar, this.told, this.steps, this.bars, this.troubles, this.chart);
    host.append(this.root);
    this.link = new Link(model, this);
    this.vid = this.link.vid;
  }

  hello() { return {}; }

  /** @param {any} m */
  frame(m) {
    this.now = m;
    this.root.classList.add("kmr-live");
    this.title.textContent = `Rollout of ${m.head.title}`;
    this.badge.textContent = m.head.target; this.badge.hidden = !m.head.target; this.badge.dataset.level = m.head.level;
    const [icon, level] = m.done ? ["✓", "ok"] : m.failed ? ["✕", "bad"] : m.paused ? ["○ paused ·", "warn"] : ["◐", "busy"];
    this.told.dataset.level = level; this.told.textContent = `${icon} ${m.text}`;
    this.steps.replaceChildren(...m.steps.map((/** @type {[string, number, number]} */ [word, made, wanted]) => {
      const step = make("li", made >= wanted ? "full" : made ? "some" : "none");
      const count = wanted === 1 && word === "old gone" ? "" : ` ${made}/${wanted}`;
      step.append(make("span", "kmr-sign", made >= wanted ? "✓" : made ? "◐" : "·"), ` ${word}${count}`);
      return step;
    }));
    const most = Math.max(m.wanted, m.new[1], m.old[1], 1);
    this.bars.replaceChildren(
      this.bar("new", [["ready", m.new[2]], ["there", m.new[1] - m.new[2]]], most, `${m.new[2]} ready of ${m.wanted}`, m.new[0]),
      this.bar("old", [["old", m.old[1]]], most, `${m.old[1]} left`, ""),
    );
    this.troubles.hidden = !m.troubles.length;
    this.troubles.replaceChildren(...m.troubles.map((/** @type {[string, string]} */ [name, text]) => {
      const item = make("li"); item.append("✕ ", make("b", "", name), ` ${text}`);
      return item;
    }));
    this.drawChart(m);
  }

  /** @param {string} word @param {[string, number][]} parts @param {number} most @param {string} told @param {string} name */
  bar(word, parts, most, told, name) {
    const row = make("div", "kmr-bar"), track = make("span", "kmr-track");
    track.setAttribute("role", "img"); track.setAttribute("aria-label", `${word}: ${told}`);
    for (const [kind, size] of parts) { const part = make("i", `kmr-${kind}`); part.style.width = `${(100 * Math.max(0, size)) / most}%`; track.append(part); }
    row.append(make("b", "", word), track, make("span", "kmr-many", told), make("span", "kmr-name", name));
    return row;
  }

  /** @param {any} m */
  drawChart(m) {
    const samples = [...m.samples];
    if (!samples.length) return;
    const last = samples[samples.length - 1];
    if (!m.done && !m.failed && this.link?.state === "live") samples.push([last[0] + Math.max(0, (performance.now() - this.link.heardAt) / 1000), last[1], last[2]]);
    const end = Math.max(samples[samples.length - 1][0], 0.1);
    // One that was complete from the beginning has nothing to draw.
    this.chart.hidden = m.done && new Set(samples.map(([, a, b]) => `${a},${b}`)).size < 2;
    const most = Math.max(m.wanted, 1, ...samples.map(([, a, b]) => a + b));
    const x = (/** @type {number} */ at) => ((CHART_WIDTH * at) / end).toFixed(1);
    const y = (/** @type {number} */ n) => (CHART_HEIGHT - ((CHART_HEIGHT - 8) * n) / most).toFixed(1);
    const line = (/** @type {(s: number[]) => number} */ value) => samples.flatMap((s, i) => (i ? [`${x(s[0])},${y(value(samples[i - 1]))}`] : []).concat(`${x(s[0])},${y(value(s))}`));
    const area = (/** @type {(s: number[]) => number} */ top, /** @type {(s: number[]) => number} */ below) => [...line(top), ...line(below).reverse()].join(" ");
    const chart = svg("svg", { viewBox: `0 0 ${CHART_WIDTH} ${CHART_HEIGHT + 16}`, role: "img" });
    chart.append(
      svg("title", {}, `Ready Pods in ${end.toFixed(1)} s: ${last[1]} new and ${last[2]} old now`),
      svg("polygon", { class: "old", points: area((s) => s[1] + s[2], (s) => s[1]) }),
      svg("polygon", { class: "new", points: area((s) => s[1], () => 0) }),
      svg("line", { x1: 0, x2: CHART_WIDTH, y1: y(m.wanted), y2: y(m.wanted), class: "goal" }),
      svg("line", { x1: 0, x2: CHART_WIDTH, y1: CHART_HEIGHT, y2: CHART_HEIGHT }),
      svg("text", { x: 0, y: CHART_HEIGHT + 13 }, "0 s"),
      svg("text", { x: CHART_WIDTH, y: CHART_HEIGHT + 13, "text-anchor": "end" }, `${end < 10 ? end.toFixed(1) : Math.round(end)} s`),
    );
    const legend = make("div", "kmr-legend"); legend.append(make("i", "kmr-ready"), " ready, new", make("i", "kmr-old"), " ready, old");
    this.chart.replaceChildren(chart, legend);
  }

  fresh() {
    if (!this.link) return;
    const [state, text] = this.link.freshness;
    this.dot.dataset.state = state;
    if (this.dot.textContent !== text) this.dot.textContent = text;
    const m = this.now;
    if (!m) return;
    const running = state === "live" && !m.done && !m.failed;
    const seconds = m.samples.length ? m.samples[m.samples.length - 1][0] : 0;
    const left = m.deadline - (Date.now() / 1000 + this.link.offset);
    this.clock.textContent = running ? (m.deadline && left > 0 ? `fails in ${age(left)} without progress` : "") : seconds < 1 ? "" : `took ${age(seconds)}`;
    if (running) this.drawChart(m);
  }

  remove() { this.link.close(); this.root.remove(); }
}

export default {
  /** @param {{model: any, el: HTMLElement}} context */
  render({ model, el }) {
    const page = new RolloutPage(model, el);
    // For tests: what the page knows, by identity.
    const all = /** @type {any} */ (window); (all.__kmagic ??= new Map()).set(page.vid, page);
    return () => { all.__kmagic.delete(page.vid); page.remove(); };
  },
};
