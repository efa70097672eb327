import { spawnSync } from 'node:child_process';
import { ProcessIndex } from './process-index.js';

interface Range {
  readonly from: number;
  readonly to: number;
}

/** A user for each instance. */
export class UserIds {
  readonly #range: Range;
  readonly #taken = new Set<number>();
  #next: number;

  constructor(range: Range) {
    this.#range = range;
    this.#next = range.from;
  }

  /** Or why there can be none: tried with one of them, as nothing else tells all that may forbid it. */
  static open(range: Range, mustReach: readonly string[]): UserIds | string {
    if (process.getuid?.() !== 0) return 'Only root can give each instance a user of its own';
    for (const path of mustReach) {
      const tried = spawnSync('/bin/sh', ['-c', 'test -r "$1" || test -x "$1"', 'sh', path], {
        uid: range.from,
        gid: range.from,
        cwd: '/',
        env: {},
        stdio: 'ignore',
      });
      if (tried.error) return `Instances cannot have users of their own: ${tried.error.message}`;
      if (tried.status !== 0)
        return `Instances cannot have users of their own, who could not reach ${path}: chmod o+x the folders on the way`;
    }
    return new UserIds(range);
  }

  claim(uid: number): void {
    this.#taken.add(uid);
  }

  take(): number {
    const index = new ProcessIndex();
    for (let tried = this.#range.from; tried <= this.#range.to; tried += 1) {
      const uid = this.#next;
      this.#next = uid === this.#range.to ? this.#range.from : uid + 1;
      if (this.#taken.has(uid) || index.hasUser(uid)) continue;
      this.#taken.add(uid);
      return uid;
    }
    throw new Error(`All user ids from ${this.#range.from} to ${this.#range.to} are in use`);
  }

  release(uid: number): void {
    this.#taken.delete(uid);
  }
}
