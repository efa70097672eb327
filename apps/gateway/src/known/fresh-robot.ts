import type { ServiceDatabase } from '@switchyard/database';
import { readFeedEntry } from '@switchyard/events';
import type { KnownRobot } from './known-state.js';

/** Enough for honest newcomers; whoever invents robots shall not make the database work. */
const looksPerSecond = 20;

/**
 * Looks a robot up that the feed has not brought yet: whoever gets a token with 201 may use it at once, at every
 * gateway. Without the database, or above the bound, the answer is that of the feed.
 */
export function freshRobotLookup(
  database: ServiceDatabase,
  clock: () => number,
): (id: string) => Promise<KnownRobot | undefined> {
  let second = 0;
  let looks = 0;
  return async (id) => {
    const now = Math.floor(clock() / 1000);
    if (now !== second) [second, looks] = [now, 0];
    looks += 1;
    if (looks > looksPerSecond) return undefined;
    const look = database.withPlatform('look for a new robot', (tx) =>
      readFeedEntry(tx, 'tenants.robots', id),
    );
    return (await look.catch(() => undefined)) as KnownRobot | undefined;
  };
}
