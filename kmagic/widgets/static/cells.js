// @ts-check
// A line for the notebook: put into a cell of its own where the front-end lets a view do that, else copied.

/**
 * Inserts a code cell below the one that an element is in. JupyterLab and Notebook 7 let a widget reach the notebook's
 * shared model; others do not.
 * @param {any} model @param {HTMLElement} el @param {string} text
 * @returns {boolean} whether it was done
 */
export function insertCell(model, el, text) {
  const shared = model.widget_manager?.context?.model?.sharedModel;
  const cell = /** @type {HTMLElement|null} */ (el.closest(".jp-Cell"));
  if (typeof shared?.insertCell !== "function" || !cell) return false;
  const listed = Number.parseInt(cell.dataset.windowedListIndex ?? "", 10); // cells out of sight are not in the page
  const at = Number.isNaN(listed) ? [...(cell.parentElement?.children ?? [])].indexOf(cell) : listed;
  shared.insertCell(at + 1, { cell_type: "code", source: text, metadata: {} });
  return true;
}

/** Copies a text; returns whether the browser let it. @param {string} text */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
