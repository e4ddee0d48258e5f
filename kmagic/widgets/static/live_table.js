// @ts-check
// A live table as a widget.

import { TableView } from "./table.js";

export default {
  /** @param {{model: any, el: HTMLElement}} context */
  render({ model, el }) {
    const view = new TableView(model, el);
    return () => view.remove();
  },
};
