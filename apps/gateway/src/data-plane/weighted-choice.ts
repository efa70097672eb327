const whole = 2 ** 32;
/** 2^32 divided by the golden ratio: each step lies far from all before it. */
const step = 0x9e3779b9;

/**
 * Deals requests out by weight: after any number of them each side has its share to within a few, where dice would be off
 * by the square root. Clients that come in a rhythm of their own get the same shares, as no rhythm fits the golden ratio.
 */
export class WeightedChoice {
  constructor(private state = Math.floor(Math.random() * whole)) {}

  /** True for `share` (0 to 1) of the calls. */
  next(share: number): boolean {
    this.state = (this.state + step) >>> 0;
    return this.state < share * whole;
  }
}

/** A place from 0 to 1 that a text always has, spread evenly over texts. */
export function placeOf(salt: string, text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < salt.length; i += 1) hash = Math.imul(hash ^ salt.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ 0xff, 0x01000193);
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  // FNV leaves neighbours close together; murmur's last step scatters them.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / whole;
}
