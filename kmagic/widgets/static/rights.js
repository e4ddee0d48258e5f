// @ts-check
// What the person may not do, namespace by namespace: asked when a row is first meant, and again after a while.

const AGAIN_MS = 60_000;

export class Rights {
  /** @param {(namespace: string) => void} ask */
  constructor(ask) {
    this.ask = ask;
    /** @type {Map<string, {at: number, refused: Record<string, string>}>} */ this.known = new Map();
  }

  /** The actions that are refused in a namespace as far as that is known. @param {string} namespace */
  of(namespace) {
    const found = this.known.get(namespace) ?? { at: -Infinity, refused: {} };
    if (performance.now() - found.at > AGAIN_MS) {
      found.at = performance.now();
      this.known.set(namespace, found);
      this.ask(namespace);
    }
    return found.refused;
  }

  /** @param {{namespace: string, refused: Record<string, string>}} told */
  take(told) {
    const found = this.known.get(told.namespace);
    if (found) found.refused = told.refused;
  }
}
