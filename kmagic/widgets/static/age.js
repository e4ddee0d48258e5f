// @ts-check
// Ages, in the words of kubectl.

/** An age as kubectl prints it. @param {number} seconds */
export function age(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const two = (/** @type {number} */ big, /** @type {string} */ a, /** @type {number} */ small, /** @type {string} */ b) => {
    const rest = Math.floor((s % big) / small);
    return Math.floor(s / big) + a + (rest ? rest + b : "");
  };
  const M = 60, H = 3600, D = 86400, Y = 31536000;
  if (s < 2 * M) return s + "s";
  if (s < 10 * M) return two(M, "m", 1, "s");
  if (s < 3 * H) return Math.floor(s / M) + "m";
  if (s < 8 * H) return two(H, "h", M, "m");
  if (s < 2 * D) return Math.floor(s / H) + "h";
  if (s < 8 * D) return two(D, "d", H, "h");
  if (s < 2 * Y) return Math.floor(s / D) + "d";
  if (s < 8 * Y) return two(Y, "y", D, "d");
  return Math.floor(s / Y) + "y";
}
