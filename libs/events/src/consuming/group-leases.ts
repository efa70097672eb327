import type { ServiceDatabase, Transaction } from '@switchyard/database';
import type { LogPosition } from '../event.js';
import { planLeases, type LeaseRow } from './plan-leases.js';

/** A partition that is ours until somebody takes it over; `fence` tells the two apart. */
export interface Lease {
  readonly partition: number;
  readonly fence: string;
  cursor: LogPosition & { readonly loggedAt: string };
  /** The event that failed here last, and how often. */
  readonly failing: string | null;
  readonly attempts: number;
}

export interface LeaseOptions {
  database: ServiceDatabase;
  group: string;
  member: string;
  partitions: number;
  leaseMs: number;
}

interface LeaseState extends LeaseRow {
  fence: string;
}

/** Which partitions of a group are ours. Rows that a handler's transaction has locked are skipped: the lock keeps them. */
export class GroupLeases {
  constructor(private readonly options: LeaseOptions) {}

  /** A new group begins at the oldest retained event. */
  async join(): Promise<void> {
    const { database, group, partitions } = this.options;
    await database.withPlatform('event-lease', async (tx) => {
      await tx.run(
        `INSERT INTO events.groups (group_name, transport) VALUES ($1, 'log')
         ON CONFLICT (group_name) DO UPDATE SET transport = excluded.transport WHERE events.groups.transport <> excluded.transport`,
        [group],
      );
      await tx.run(
        'INSERT INTO events.cursors (group_name, partition) SELECT $1, p FROM generate_series(0, $2::int - 1) p ON CONFLICT DO NOTHING',
        [group, partitions],
      );
      await this.appear(tx);
      await tellMembers(tx);
    });
  }

  /** Renews what is held and takes up to our share. `release` names what we should let go when its work ends. */
  async renew(held: readonly Lease[]): Promise<{ lost: number[]; release: number[]; taken: Lease[] }> {
    const { database, group, member } = this.options;
    return await database
      .withPlatform('event-lease', async (tx) => {
        const [, , members, rows] = await Promise.all([
          this.appear(tx),
          this.prolong(tx),
          this.members(tx),
          this.rows(tx),
        ]);
        const fences = new Map(
          rows.filter((row) => row.owner === member).map((row) => [row.partition, row.fence]),
        );
        const lost = held
          .filter((lease) => fences.get(lease.partition) !== lease.fence)
          .map((lease) => lease.partition);
        // Ours in the table but not in memory: left from a failure between both. Taking it anew gives a new fence.
        const known = new Set(held.map((lease) => lease.partition));
        const view = rows.map((row) =>
          row.owner === member && !known.has(row.partition) ? { ...row, owner: null, free: true } : row,
        );
        const plan = planLeases(view, members, member);
        const taken = plan.acquire.length > 0 ? await this.take(tx, plan.acquire) : [];
        return {
          lost,
          release: plan.release,
          taken: taken.map((row) => ({ ...row, cursor: position(row) })),
        };
      })
      .catch((error: unknown) => {
        throw new Error(`the leases of group ${group} could not be renewed`, { cause: error });
      });
  }

  async release(lease: Lease): Promise<void> {
    await this.options.database.withPlatform('event-lease', async (tx) => {
      await tx.run(
        "UPDATE events.cursors SET owner = NULL, until = '-infinity' WHERE group_name = $1 AND partition = $2 AND fence = $3",
        [this.options.group, lease.partition, lease.fence],
      );
      await tellMembers(tx);
    });
  }

  async leave(): Promise<void> {
    const { database, group, member } = this.options;
    await database.withPlatform('event-lease', async (tx) => {
      await tx.run(
        "UPDATE events.cursors SET owner = NULL, until = '-infinity' WHERE group_name = $1 AND owner = $2",
        [group, member],
      );
      await tx.run('DELETE FROM events.members WHERE group_name = $1 AND member = $2', [group, member]);
      await tellMembers(tx);
    });
  }

  private appear(tx: Transaction): Promise<number> {
    return tx.run(
      `INSERT INTO events.members (group_name, member, until) VALUES ($1, $2, clock_timestamp() + $3 * interval '1 ms')
       ON CONFLICT (group_name, member) DO UPDATE SET until = excluded.until`,
      [this.options.group, this.options.member, this.options.leaseMs],
    );
  }

  private prolong(tx: Transaction): Promise<number> {
    return tx.run(
      `UPDATE events.cursors SET until = clock_timestamp() + $3 * interval '1 ms' WHERE group_name = $1 AND partition IN
       (SELECT partition FROM events.cursors WHERE group_name = $1 AND owner = $2 FOR UPDATE SKIP LOCKED)`,
      [this.options.group, this.options.member, this.options.leaseMs],
    );
  }

  private async members(tx: Transaction): Promise<string[]> {
    const sql = 'SELECT member FROM events.members WHERE group_name = $1 AND until > clock_timestamp()';
    return (await tx.query<{ member: string }>(sql, [this.options.group])).map((row) => row.member);
  }

  private rows(tx: Transaction): Promise<LeaseState[]> {
    return tx.query<LeaseState>(
      `SELECT partition, owner, fence::text, owner IS NULL OR until < clock_timestamp() AS free
       FROM events.cursors WHERE group_name = $1 AND partition < $2 ORDER BY partition`,
      [this.options.group, this.options.partitions],
    );
  }

  private take(tx: Transaction, partitions: readonly number[]): Promise<TakenRow[]> {
    return tx.query<TakenRow>(
      `UPDATE events.cursors SET owner = $2, until = clock_timestamp() + $3 * interval '1 ms', fence = fence + 1
       WHERE group_name = $1 AND partition IN (
         SELECT partition FROM events.cursors WHERE group_name = $1 AND partition = ANY($4::int[])
         AND (owner IS NULL OR owner = $2 OR until < clock_timestamp()) FOR UPDATE SKIP LOCKED)
       RETURNING partition, fence::text, epoch, seq, logged_at::text, failing, attempts`,
      [this.options.group, this.options.member, this.options.leaseMs, partitions],
    );
  }
}

interface TakenRow {
  partition: number;
  fence: string;
  epoch: string;
  seq: string;
  logged_at: string;
  failing: string | null;
  attempts: number;
}

const position = (row: TakenRow): Lease['cursor'] => ({
  epoch: Number(row.epoch),
  seq: Number(row.seq),
  loggedAt: row.logged_at,
});

/** A member came or a partition is free: no need to wait for the next renewal. */
const tellMembers = (tx: Transaction): Promise<number> =>
  tx.run("SELECT pg_notify('switchyard_events', 'members')");
