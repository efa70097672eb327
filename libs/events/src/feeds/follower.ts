import type { FeedName } from './feed-put.js';

/** Versions are dense within an epoch; a restored database begins a new epoch. */
export interface FeedVersion {
  readonly epoch: number;
  readonly version: number;
}

export interface FeedEntry {
  readonly key: string;
  readonly version: number;
  readonly data: unknown;
}

export interface FeedHandlers {
  /** Everything there is, in place of everything known before. */
  onSnapshot(entries: readonly FeedEntry[], at: FeedVersion): void | Promise<void>;
  onChange(entry: FeedEntry, at: FeedVersion): void | Promise<void>;
  onGone(key: string, at: FeedVersion): void | Promise<void>;
}

export interface Following {
  /** How far this follower is; undefined before its snapshot. */
  readonly at: FeedVersion | undefined;
  stop(): void;
}

/** `from`: the version that is already known, if any; then only what came later is told, if that is still possible. */
export type Follow = (feed: FeedName, from: FeedVersion | undefined, handlers: FeedHandlers) => Following;

export interface FeedHead extends FeedVersion {
  readonly pruned: number;
}

export type FeedStep = 'nothing' | 'changes' | 'snapshot';

/** What a follower needs next. It never goes back in version: within an epoch a lower head is an older view, not news. */
export function nextFeedStep(known: FeedVersion | undefined, head: FeedHead): FeedStep {
  if (!known || known.epoch !== head.epoch || known.version < head.pruned) return 'snapshot';
  return head.version > known.version ? 'changes' : 'nothing';
}
