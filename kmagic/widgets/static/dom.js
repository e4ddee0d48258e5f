// @ts-check
// Elements of a page. Text is only ever set as text.

/** Makes an element. @param {string} tag @param {string} [cls] @param {string} [text] */
export function make(tag, cls, text) {
  const el = document.createElement(tag);
  if (cls) el.className = cls;
  if (text !== undefined) el.textContent = text;
  return el;
}

/** Makes a button. @param {string} cls @param {string} text @param {string} hint @param {() => void} act */
export function button(cls, text, hint, act) {
  const el = /** @type {HTMLButtonElement} */ (make("button", cls, text));
  el.type = "button";
  if (hint) el.title = hint;
  el.addEventListener("click", act);
  return el;
}
