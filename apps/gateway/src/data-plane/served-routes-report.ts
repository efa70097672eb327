import type { PublicJwk } from '@switchyard/auth';
import {
  pluginIdentityKeyFeed,
  servedHeartbeatMs,
  servedRoutesFeed,
  type ServedRoutes,
} from '@switchyard/contracts';
import type { ServiceDatabase, Transaction } from '@switchyard/database';
import { feedPut, feedRemove } from '@switchyard/events';
import type { Logger } from '@switchyard/observability';

export interface ServedRoutesReportOptions {
  gatewayId: string;
  database: ServiceDatabase;
  served: () => Pick<ServedRoutes, 'policies' | 'endpoints' | 'draining'>;
  /** The public half of what identities for plugins are signed with. */
  publicKey: PublicJwk;
  /** The database has taken a report. */
  confirmed: () => void;
  logger: Logger;
}

/** Changes that come together are told together. */
const lingerMs = 20;
const firstReportMs = 2_000;
const keyLifeMs = 24 * 3_600_000;
const forgetAfterMs = 3_600_000;
const housekeepingEvery = 200;

/** Tells what this gateway serves, when that changes and as a heartbeat, so that nothing is stopped that it still uses. */
export class ServedRoutesReport {
  private timer: NodeJS.Timeout | undefined;
  private dueAt = Infinity;
  private running: Promise<void> | undefined;
  private again = false;
  private stopped = false;
  private reports = 0;
  private failures = 0;

  constructor(private readonly options: ServedRoutesReportOptions) {}

  /** Ends with the first report, or when that takes too long: a start without the database goes on. */
  async start(): Promise<void> {
    this.begin();
    await Promise.race([this.running, new Promise((resolve) => setTimeout(resolve, firstReportMs).unref())]);
  }

  changed(): void {
    this.schedule(lingerMs);
  }

  /** Takes itself off the list: nobody waits for a gateway that has stopped. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
    const { database, gatewayId, publicKey, logger } = this.options;
    await database
      .withPlatform('report served routes', async (tx) => {
        await feedRemove(tx, servedRoutesFeed, gatewayId);
        await feedRemove(tx, pluginIdentityKeyFeed, publicKey.kid);
      })
      .catch((error: unknown) =>
        logger.warn({ err: error }, 'this gateway stays listed until it is forgotten'),
      );
  }

  private schedule(inMs: number): void {
    if (this.stopped) return;
    if (this.running) {
      this.again = true;
      return;
    }
    const at = performance.now() + inMs;
    if (at >= this.dueAt) return;
    clearTimeout(this.timer);
    this.dueAt = at;
    this.timer = setTimeout(() => this.begin(), inMs).unref();
  }

  private begin(): void {
    this.dueAt = Infinity;
    this.again = false;
    this.running = this.report().finally(() => {
      this.running = undefined;
      this.schedule(this.again && this.failures === 0 ? lingerMs : servedHeartbeatMs);
    });
  }

  private async report(): Promise<void> {
    const { database, gatewayId, served, confirmed, logger } = this.options;
    try {
      await database.withPlatform('report served routes', async (tx) => {
        const now = await clockOf(tx);
        if (this.reports % housekeepingEvery === 0) await this.keepHouse(tx, now);
        await feedPut(tx, servedRoutesFeed, gatewayId, {
          gatewayId,
          at: now,
          ...served(),
        } satisfies ServedRoutes);
      });
      this.reports += 1;
      this.failures = 0;
      confirmed();
    } catch (error) {
      this.failures += 1;
      if (this.failures === 1)
        logger.warn({ err: error }, 'what is served could not be reported; it is tried again');
    }
  }

  /** Says the key again, and takes gateways off the list that were killed before they could do so. */
  private async keepHouse(tx: Transaction, now: number): Promise<void> {
    const { publicKey } = this.options;
    await feedPut(tx, pluginIdentityKeyFeed, publicKey.kid, { jwk: publicKey, until: now + keyLifeMs });
    const old = await tx.query<{ feed: string; key: string }>(
      `SELECT feed, key FROM events.feed_rows WHERE NOT gone AND
         ((feed = $1 AND (data->>'at')::numeric < $3) OR (feed = $2 AND (data->>'until')::numeric < $4))`,
      [servedRoutesFeed, pluginIdentityKeyFeed, now - forgetAfterMs, now],
    );
    for (const { feed, key } of old) await feedRemove(tx, feed as typeof servedRoutesFeed, key);
  }
}

async function clockOf(tx: Transaction): Promise<number> {
  const row = await tx.one<{ now: string }>(
    'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000) AS now',
    [],
  );
  return Number(row?.now);
}
