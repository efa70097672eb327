/** Small integers stay unboxed on every platform that node runs on. */
const BITS = 30;

/**
 * A set of small numbers that never changes. 0 stands for "not there", 1 and up for the versions in ascending order: so
 * "in that range", "not in that range" and "not at all" are all the same kind of thing.
 */
export class VersionSet {
  private constructor(private readonly words: readonly number[]) {}

  static of(size: number, members: Iterable<number>): VersionSet {
    const words = new Array<number>(Math.ceil(size / BITS)).fill(0);
    for (const member of members) {
      const word = Math.floor(member / BITS);
      words[word] = (words[word] ?? 0) | (1 << (member % BITS));
    }
    return new VersionSet(words);
  }

  static full(size: number): VersionSet {
    return VersionSet.of(
      size,
      Array.from({ length: size }, (_, member) => member),
    );
  }

  /** Of the same size, with one member. */
  only(member: number): VersionSet {
    return VersionSet.of(this.words.length * BITS, [member]);
  }

  has(member: number): boolean {
    return ((this.words[Math.floor(member / BITS)] ?? 0) & (1 << (member % BITS))) !== 0;
  }

  union(other: VersionSet): VersionSet {
    return new VersionSet(this.words.map((word, at) => word | (other.words[at] ?? 0)));
  }

  intersection(other: VersionSet): VersionSet {
    return new VersionSet(this.words.map((word, at) => word & (other.words[at] ?? 0)));
  }

  without(other: VersionSet): VersionSet {
    return new VersionSet(this.words.map((word, at) => word & ~(other.words[at] ?? 0)));
  }

  isWithin(other: VersionSet): boolean {
    const { words } = this;
    for (let at = 0; at < words.length; at += 1)
      if (((words[at] ?? 0) & ~(other.words[at] ?? 0)) !== 0) return false;
    return true;
  }

  meets(other: VersionSet): boolean {
    const { words } = this;
    for (let at = 0; at < words.length; at += 1)
      if (((words[at] ?? 0) & (other.words[at] ?? 0)) !== 0) return true;
    return false;
  }

  isEmpty(): boolean {
    return this.words.every((word) => word === 0);
  }

  get size(): number {
    let size = 0;
    for (let word of this.words) for (; word !== 0; word &= word - 1) size += 1;
    return size;
  }

  *[Symbol.iterator](): Generator<number> {
    for (const [at, word] of this.words.entries())
      for (let bit = 0; bit < BITS; bit += 1) if ((word & (1 << bit)) !== 0) yield at * BITS + bit;
  }
}
