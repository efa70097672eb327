import type { ServiceDatabase } from '@switchyard/database';
import type { Clock } from '../clock.js';
import type { EventLogger } from '../event-logger.js';
import { retryDelay } from '../retry-delay.js';
import type { StopSignal } from '../stop-signal.js';
import { WakeSignal } from '../wake-signal.js';
import type { FeedName } from './feed-put.js';
import {
  nextFeedStep,
  type FeedHandlers,
  type FeedHead,
  type FeedVersion,
  type Following,
} from './follower.js';
import { readChanges, readHeads, readSnapshot } from './read-feed.js';

export interface FeedFollowersOptions {
  database: ServiceDatabase;
  listening: () => boolean;
  clock: Clock;
  logger: EventLogger;
}

interface Follower extends Following {
  at: FeedVersion | undefined;
  feed: FeedName;
  handlers: FeedHandlers;
}

/** All feeds that this process follows, with one look at all heads when something may have changed. */
export class FeedFollowers {
  private readonly followers = new Set<Follower>();
  private readonly wake = new WakeSignal();
  private running: Promise<void> | undefined;

  constructor(
    private readonly options: FeedFollowersOptions,
    private readonly stop: StopSignal,
  ) {}

  start(): void {
    this.stop.onStop(() => this.wake.raise());
    this.running = this.run();
  }

  hint(): void {
    this.wake.raise();
  }

  async ended(): Promise<void> {
    await this.running;
  }

  follow(feed: FeedName, from: FeedVersion | undefined, handlers: FeedHandlers): Following {
    const follower: Follower = { at: from, feed, handlers, stop: () => void this.followers.delete(follower) };
    this.followers.add(follower);
    this.wake.raise();
    return follower;
  }

  private async run(): Promise<void> {
    for (let failures = 0; !this.stop.stopped;) {
      try {
        const slow = await this.look();
        failures = slow ? failures + 1 : 0;
      } catch (error) {
        failures += 1;
        this.options.logger.warn({ err: error }, 'following feeds failed');
      }
      if (failures > 0)
        await this.stop.pause(
          retryDelay({ firstDelayMs: 20, maxDelayMs: 1_000 }, failures, this.options.clock.random()),
        );
      // Revocations come this way: without LISTEN we look four times a second.
      else await this.wake.wait(this.followers.size === 0 ? 60_000 : this.options.listening() ? 1_000 : 250);
    }
  }

  /** True when a follower's own code failed: it will get the same again. */
  private async look(): Promise<boolean> {
    const feeds = [...new Set([...this.followers].map((follower) => follower.feed))];
    if (feeds.length === 0) return false;
    const heads = await this.options.database.withPlatform('feed-follow', (tx) => readHeads(tx, feeds));
    const outcomes = await Promise.all(
      [...this.followers].map(async (follower) => {
        const head = heads.get(follower.feed);
        return head ? await this.advance(follower, head) : true;
      }),
    );
    return outcomes.includes(false);
  }

  private async advance(follower: Follower, head: FeedHead): Promise<boolean> {
    const step = nextFeedStep(follower.at, head);
    if (step === 'nothing') return true;
    try {
      if (step === 'snapshot') await this.snapshot(follower);
      else await this.changes(follower);
      return true;
    } catch (error) {
      this.options.logger.error(
        { feed: follower.feed, at: follower.at, err: error },
        'a feed follower failed',
      );
      return false;
    }
  }

  private async snapshot(follower: Follower): Promise<void> {
    const { entries, head } = await this.options.database.withPlatform('feed-follow', (tx) =>
      readSnapshot(tx, follower.feed),
    );
    if (!this.followers.has(follower)) return;
    const at = { epoch: head.epoch, version: head.version };
    await follower.handlers.onSnapshot(entries, at);
    follower.at = at;
  }

  private async changes(follower: Follower): Promise<void> {
    for (let more = true; more && this.followers.has(follower) && !this.stop.stopped;) {
      const known = follower.at;
      if (!known) return;
      const limit = 1_000;
      const { changes, head } = await this.options.database.withPlatform('feed-follow', (tx) =>
        readChanges(tx, follower.feed, known, limit),
      );
      if (nextFeedStep(known, head) === 'snapshot') {
        await this.snapshot(follower);
        return;
      }
      for (const { gone, ...entry } of changes) {
        const at = { epoch: known.epoch, version: entry.version };
        await (gone ? follower.handlers.onGone(entry.key, at) : follower.handlers.onChange(entry, at));
        follower.at = at;
      }
      more = changes.length === limit;
    }
  }
}
