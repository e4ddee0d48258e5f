// @ts-check
// A page's talk with its view in the kernel: who it is, what was acknowledged, whether anybody answers.

/** Messages between one output on a page and the kernel. */
export class Link {
  /** @param {any} model @param {{hello: () => object, frame: (m: any) => void, fresh: () => void}} view */
  constructor(model, view) {
    this.model = model; this.view = view;
    this.vid = crypto.getRandomValues(new Uint32Array(2)).join("-");
    this.q = 0; this.acked = 0; this.seq = 0; this.frames = 0;
    this.askedAt = 0; this.heardAt = performance.now();
    this.state = "listing"; this.detail = ""; this.offset = 0;
    this.onMessage = (/** @type {any} */ m) => { if (m && m.vid === this.vid) this.receive(m); };
    model.on("msg:custom", this.onMessage);
    this.timers = [setInterval(() => this.say("hb"), 5000), setInterval(() => view.fresh(), 1000)];
    this.hello();
  }

  /** @param {string} t @param {object} [more] */
  say(t, more) {
    this.q += 1;
    if (this.q === this.acked + 1) this.askedAt = performance.now();
    this.model.send({ t, vid: this.vid, q: this.q, ...more });
  }

  hello() { this.say("hello", this.view.hello()); }

  /** @param {any} m */
  receive(m) {
    this.heardAt = performance.now();
    if (m.ack) { this.acked = Math.max(this.acked, m.ack); if (this.acked < this.q) this.askedAt = performance.now(); }
    if (m.now) this.offset = m.now - Date.now() / 1000;
    if (m.state) { this.state = m.state; this.detail = m.detail; }
    if (m.t === "who") this.hello();
    else if (m.t === "win") {
      if (!m.full && m.seq !== this.seq + 1) { this.seq = m.seq; this.say("resync"); }
      else { this.seq = m.seq; this.frames += 1; this.view.frame(m); }
    }
    this.view.fresh();
  }

  /** True while what was said waits for the running cell. */
  get busy() { return this.q > this.acked && performance.now() - this.askedAt > 700; }

  /** The view's freshness for a dot: a state and its words. @returns {[string, string]} */
  get freshness() {
    const silent = performance.now() - this.heardAt > 6000;
    const state = silent ? "silent" : this.state;
    /** @type {Record<string, string>} */
    const words = { live: "● live", listing: "◐ opening", reconnecting: "◐ reconnecting", stopped: "○ stopped", ended: "○ ended", silent: "○ no answer from the kernel" };
    return [state, (words[state] || `○ ${state}`) + (this.detail && !silent ? ` · ${this.detail}` : "")];
  }

  close() {
    this.say("bye");
    this.model.off("msg:custom", this.onMessage);
    this.timers.forEach(clearInterval);
  }
}

/** Keeps a view's keys from the notebook, which has commands for many of them. @param {HTMLElement} root */
export function keepKeys(root) {
  root.dataset.lmSuppressShortcuts = "true";
  for (const kind of ["keydown", "keyup", "keypress"]) root.addEventListener(kind, (event) => event.stopPropagation());
}
