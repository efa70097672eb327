import type { Socket } from 'node:net';
import pg from 'pg';
import { writeOfRequest } from './before-commit.js';
import { platformRole, quoteLiteral, type ServiceName } from './identifiers.js';
import { PgTransaction, type Transaction } from './transaction.js';

const beginFor = (tenant: string): string =>
  `BEGIN; SELECT set_config('switchyard.tenant', ${quoteLiteral(tenant)}, true)`;

/** What is sent within this tick leaves as one packet: a system call costs more than a statement's own bytes. */
function corkForThisTick(client: pg.PoolClient): void {
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

export interface ServiceDatabaseOptions {
  service: ServiceName;
  /** Signs in as the service's own role. */
  url: string;
  maxConnections?: number;
  onError?: (error: Error) => void;
}

/** The only way a service reaches its schema: each statement runs inside a transaction that says whose rows it means. */
export class ServiceDatabase {
  readonly service: ServiceName;
  private readonly pool: pg.Pool;

  constructor(options: ServiceDatabaseOptions) {
    this.service = options.service;
    this.pool = new pg.Pool({
      connectionString: options.url,
      max: options.maxConnections ?? 10,
      idleTimeoutMillis: 30_000,
      connectionTimeoutMillis: 5_000,
      // The server's own limit is 60 s; this one is for a server that does not even say so.
      query_timeout: 65_000,
      keepAlive: true,
      application_name: `switchyard-${options.service}`,
      // Statements that do not wait for each other share a round trip.
      pipeline: true,
    });
    // An idle connection that breaks (a database restart) must not end the process.
    this.pool.on('error', options.onError ?? (() => undefined));
    // Nor one that breaks in the middle of a transaction: its statement fails, and that is told there.
    this.pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /** Sees and writes only this tenant's rows: row-level security holds it to that. */
  withTenant<T>(tenant: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.transaction(beginFor(tenant), tenant, work);
  }

  /**
   * The same for statements that do not wait for each other's answers: they travel with BEGIN and COMMIT in one
   * packet, which is most of what a read costs. Each must be issued before `work` first waits.
   */
  async readInTenant<T>(tenant: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    const tx = new PgTransaction(client, tenant);
    let broken: Error | undefined;
    try {
      corkForThisTick(client);
      const begun = client.query(beginFor(tenant));
      const result = work(tx);
      tx.close();
      const committed = client.query('COMMIT');
      const [outcome] = await Promise.allSettled([result, begun, committed]);
      if (outcome.status === 'rejected') throw outcome.reason as Error;
      await begun;
      await committed;
      return outcome.value;
    } catch (error) {
      await client.query('ROLLBACK').catch((failure: Error) => (broken = failure));
      throw error;
    } finally {
      client.release(broken);
    }
  }

  /** Works across tenants. Callers are listed in `libs/database/platform-callers.json`, which lint checks. */
  withPlatform<T>(reason: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const begin = `BEGIN; SET LOCAL ROLE ${platformRole(this.service)}; SELECT set_config('switchyard.reason', ${quoteLiteral(reason)}, true)`;
    return this.transaction(begin, null, work);
  }

  /** Whether a statement can be run now; says why not. */
  async readiness(): Promise<{ part: string; ready: boolean; reason?: string }> {
    const part = `database of ${this.service}`;
    try {
      await this.withTenant('', (tx) => tx.query('SELECT 1'));
      return { part, ready: true };
    } catch (error) {
      return { part, ready: false, reason: (error as Error).message };
    }
  }

  async close(): Promise<void> {
    await this.pool.end();
  }

  /** Connections in use and waiting, for the metrics page. */
  usage(): { total: number; idle: number; waiting: number } {
    return { total: this.pool.totalCount, idle: this.pool.idleCount, waiting: this.pool.waitingCount };
  }

  private async transaction<T>(
    begin: string,
    tenant: string | null,
    work: (tx: Transaction) => Promise<T>,
  ): Promise<T> {
    const client = await this.pool.connect();
    const tx = new PgTransaction(client, tenant);
    let broken: Error | undefined;
    try {
      // Not awaited: it travels with the first statement. If it fails, that statement fails in the aborted transaction.
      corkForThisTick(client);
      const begun = client.query(begin);
      begun.catch(() => undefined);
      const result = await work(tx);
      await begun;
      await writeOfRequest(this.service, tx);
      for (const action of tx.last) await action(tx);
      tx.close();
      await client.query('COMMIT');
      for (const action of tx.committed) action();
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((failure: Error) => (broken = failure));
      throw error;
    } finally {
      client.release(broken);
    }
  }
}
