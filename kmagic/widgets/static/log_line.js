// @ts-check
// One line of a log as an element: time, whose it is, the text with its highlights, the fields of a JSON object.

import { make } from "./dom.js";

const LOG_MESSAGES = ["msg", "message", "event", "log"];

/** A time of day with milliseconds. @param {string} stamp @param {string} times */
export function logTime(stamp, times) {
  if (times === "off" || !stamp) return "";
  if (times === "utc") return stamp.slice(11, 23).replace(/Z$/, "").padEnd(12, " ");
  const date = new Date(stamp.replace(/(\.\d{3})\d+/, "$1"));
  if (Number.isNaN(date.getTime())) return "";
  const two = (/** @type {number} */ x, size = 2) => String(x).padStart(size, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${two(date.getMilliseconds(), 3)}`;
}

/** Appends a text, its matches marked. @param {HTMLElement} el @param {string} text @param {RegExp|null} highlight */
function appendMarked(el, text, highlight) {
  let at = 0;
  if (highlight) {
    for (const found of text.matchAll(highlight)) {
      if (!found[0]) continue;
      el.append(text.slice(at, found.index), make("mark", "kml-hit", found[0]));
      at = (found.index ?? 0) + found[0].length;
    }
  }
  el.append(text.slice(at));
}

/** @param {unknown} value */
function valueText(value) { return typeof value === "string" ? value : JSON.stringify(value); }

/** @param {HTMLElement} el @param {string} text @param {{columns: Set<string>, highlight: RegExp|null}} looks */
function showJson(el, text, looks) {
  /** @type {any} */ let fields;
  try { fields = JSON.parse(text); } catch { return false; }
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) return false;
  for (const column of looks.columns) {
    const cell = make("span", "kml-col"); cell.title = column;
    if (column in fields) appendMarked(cell, valueText(fields[column]), looks.highlight);
    el.append(cell, " ");
  }
  const message = LOG_MESSAGES.find((key) => typeof fields[key] === "string" && !looks.columns.has(key));
  if (message) { const said = make("span", "kml-said"); appendMarked(said, fields[message], looks.highlight); el.append(said, " "); }
  for (const [key, value] of Object.entries(fields)) {
    if (key === message || looks.columns.has(key)) continue;
    const pair = make("span", "kml-pair");
    pair.append(make("span", "kml-key", `${key}=`));
    appendMarked(pair, valueText(value), looks.highlight);
    el.append(pair, " ");
  }
  return true;
}

/**
 * A line as an element.
 * @param {{number: number, stamp: string, level: string, text: string, mark: string}} line
 * @param {{who: string, colour: number, times: string, json: boolean, columns: Set<string>, highlight: RegExp|null}} looks
 */
export function showLogLine(line, looks) {
  const el = make("div", line.mark ? "kml-line kml-mark" : "kml-line");
  el.dataset.number = String(line.number); el.dataset.level = line.level;
  const time = logTime(line.stamp, looks.times);
  if (time) el.append(make("span", "kml-time", `${time} `));
  if (line.mark) { el.dataset.mark = line.mark; el.append(make("span", "kml-text", line.text)); return el; }
  if (looks.who) el.append(make("span", `kml-who kml-c${looks.colour}`, `${looks.who} `));
  const text = make("span", "kml-text");
  if (!looks.json || !line.text.startsWith("{") || !showJson(text, line.text, looks)) appendMarked(text, line.text, looks.highlight);
  el.append(text);
  return el;
}
