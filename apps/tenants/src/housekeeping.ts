import type { ServiceDatabase } from '@switchyard/database';
import { feedRemove } from '@switchyard/events';
import type { Logger } from '@switchyard/observability';
import { pruneExchangedTokens } from './exchange/exchanged-token.store.js';
import { revocationFeed } from './people/revocations.js';
import { pruneSessions } from './sign-in/session.store.js';
import { pruneFailures } from './sign-in/sign-in-failure.store.js';
import { purgeTenants } from './tenants/tenant-purge.js';
import type { TenantsOptions } from './tenants-options.js';

/** What time alone makes due: tenants to purge, sessions and throttles that nobody needs. Any number of replicas may do it. */
export class Housekeeping {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: ServiceDatabase,
    private readonly options: TenantsOptions,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      this.tidy().catch((error: unknown) =>
        this.logger.error({ err: error }, 'housekeeping failed; it is tried again'),
      );
    }, this.options.housekeepingMs);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  async tidy(): Promise<void> {
    while ((await purgeTenants(this.database, this.options)) > 0);
    await this.database.withPlatform('housekeeping', async (tx) => {
      await pruneSessions(tx, 1000);
      await pruneFailures(tx);
      await pruneExchangedTokens(tx, new Date(this.options.clock()));
      const stale = await tx.query<{ key: string }>(
        `SELECT key FROM events.feed_rows WHERE feed = $1 AND NOT gone AND (data->>'until')::bigint < $2 LIMIT 500`,
        [revocationFeed, this.options.clock() - 60_000],
      );
      for (const { key } of stale) await feedRemove(tx, revocationFeed, key);
    });
  }
}
