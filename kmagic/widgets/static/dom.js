// @ts-check
// Elements of a page. Text is only ever set as text.

/** Makes an element. @param {string} tag @param {string} [cls] @param {string} [text] */
export function make(tag, cls, text) {
  const el = document.createElement(tag);
  if (cls) el.className = cls;
  if (text !== undefined) el.textContent = text;
  return el;
}
