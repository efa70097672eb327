import type { Transaction } from '@switchyard/database';
import type { LogPosition } from '../event.js';
import type { EventRuntime } from '../runtime/event-runtime.js';
import type { CountedOutcome } from './event-counters.js';

export interface GroupNumbers {
  readonly group: string;
  readonly transport: 'log' | 'kafka';
  /** Events not passed yet; at most 10,000 per partition are counted. For a group on Kafka, those the broker still has for it. */
  readonly lagEvents: number | null;
  /** Age of the oldest of them; not known on Kafka. */
  readonly lagSeconds: number | null;
  readonly members: number;
  /** Partitions whose next event failed before and is tried again. */
  readonly failing: number;
  readonly deadLetters: number;
  readonly replaying: number;
  /** What this process did since it started. */
  readonly counts: Readonly<Record<CountedOutcome, number>> | undefined;
}

export interface EventNumbers {
  readonly position: LogPosition;
  readonly outbox: { readonly depth: number; readonly oldestSeconds: number };
  readonly groups: readonly GroupNumbers[];
  /** Groups for whose sake events older than the retention are kept. */
  readonly retentionHeldBy: readonly string[];
  /** What holds back vacuum, and with it the size of the outbox and of the cursors. */
  readonly oldestTransaction: {
    readonly pid: number;
    readonly application: string;
    readonly seconds: number;
  } | null;
  readonly listening: boolean;
}

interface GroupRow {
  group_name: string;
  transport: 'log' | 'kafka';
  lag: string;
  seconds: number | null;
  members: number;
  failing: number;
  dead: number;
  replaying: number;
}

const groupsQuery = `
  SELECT g.group_name, g.transport, coalesce(c.lag, 0) AS lag, c.seconds, coalesce(c.failing, 0)::int AS failing,
    (SELECT count(*)::int FROM events.members m WHERE m.group_name = g.group_name AND m.until > clock_timestamp()) AS members,
    (SELECT count(*)::int FROM events.dead_letters d WHERE d.group_name = g.group_name AND d.status = 'Dead') AS dead,
    (SELECT count(*)::int FROM events.dead_letters d WHERE d.group_name = g.group_name AND d.status = 'Replaying') AS replaying
  FROM events.groups g LEFT JOIN LATERAL (
    SELECT sum(l.n) AS lag, extract(epoch FROM clock_timestamp() - min(l.oldest))::float8 AS seconds, count(c.failing) AS failing
    FROM events.cursors c CROSS JOIN LATERAL (
      SELECT count(*) AS n, min(logged_at) AS oldest FROM (
        SELECT l.logged_at FROM events.log l WHERE l.partition = c.partition AND (l.epoch, l.seq) > (c.epoch, c.seq)
        AND l.logged_at >= c.logged_at ORDER BY l.epoch, l.seq LIMIT 10000) l) l
    WHERE c.group_name = g.group_name) c ON true
  ORDER BY g.group_name`;

/** Numbers for metrics, read when asked for: a scrape costs five short statements. */
export class EventStats {
  constructor(private readonly runtime: EventRuntime) {}

  async collect(): Promise<EventNumbers> {
    const read = this.runtime.database.withPlatform('event-stats', async (tx) => {
      const [groups, shared] = await Promise.all([tx.query<GroupRow>(groupsQuery), this.shared(tx)]);
      return { groups, shared };
    });
    const [{ groups, shared }, broker] = await Promise.all([
      read,
      this.runtime.brokerLag().catch(() => new Map<string, number>()),
    ]);
    return {
      ...shared,
      listening: this.runtime.listening,
      groups: groups.map((row) => this.groupOf(row, broker.get(row.group_name) ?? null)),
    };
  }

  private groupOf(row: GroupRow, brokerLag: number | null): GroupNumbers {
    const onLog = row.transport === 'log';
    return {
      group: row.group_name,
      transport: row.transport,
      lagEvents: onLog ? Number(row.lag) : brokerLag,
      lagSeconds: onLog ? (row.seconds ?? 0) : null,
      members: row.members,
      failing: row.failing,
      deadLetters: row.dead,
      replaying: row.replaying,
      counts: this.runtime.counters.of(row.group_name),
    };
  }

  private async shared(tx: Transaction): Promise<Omit<EventNumbers, 'groups' | 'listening'>> {
    const keep = this.runtime.retentionMs;
    const [state, waiting, held, oldest] = await Promise.all([
      tx.one<{ epoch: string; seq: string }>('SELECT epoch, seq FROM events.state'),
      tx.one<{ depth: string; seconds: number }>('SELECT depth, seconds FROM events.waiting()'),
      tx.query<{ name: string }>(
        "SELECT events.holders('-infinity', clock_timestamp() - $1 * interval '1 ms') AS name",
        [keep],
      ),
      tx.one<{ pid: number; application: string; seconds: number }>(
        'SELECT pid, application, seconds FROM events.oldest_transaction()',
      ),
    ]);
    return {
      position: { epoch: Number(state?.epoch ?? 0), seq: Number(state?.seq ?? 0) },
      outbox: { depth: Number(waiting?.depth ?? 0), oldestSeconds: waiting?.seconds ?? 0 },
      retentionHeldBy: held.map((row) => row.name),
      oldestTransaction: oldest ?? null,
    };
  }
}
