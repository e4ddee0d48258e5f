// @ts-check
// The levels of health: a sign and a word beside each colour.

export const ICONS = { ok: "●", done: "✓", busy: "◐", warn: "▲", bad: "✕", none: "" };
export const WORDS = { ok: "well", done: "done", busy: "in progress", warn: "not ready", bad: "failing", none: "unknown" };
