import type { EventDefinition } from '@switchyard/contracts';
import type { ServiceDatabase } from '@switchyard/database';
import type { TestDatabase } from '@switchyard/testing';
import type { EventHandler } from '../event.js';
import type { EventStrategy } from '../nest/event-strategy.js';
import { publish } from '../publish.js';
import type { EventRuntime } from '../runtime/event-runtime.js';
import { counted, ignored, platformEvent } from './test-events.js';
import type { Replica, TestHandlers } from './transport-harness.js';

export const recordEffect: EventHandler<{ n: number }> = async (event, { tx }) => {
  const values = [event.tenant, event.id, event.key, event.data.n];
  await tx.run('INSERT INTO registry.effects (tenant_id, event_id, key, n) VALUES ($1, $2, $3, $4)', values);
};

export const testRetries = { maxAttempts: 4, firstDelayMs: 20, maxDelayMs: 200 };

export function register(
  strategy: EventStrategy,
  { counted: onCounted = recordEffect, ...others }: TestHandlers,
): void {
  const add = (definition: EventDefinition, handler: EventHandler<{ n: number }> | undefined): void => {
    if (handler)
      strategy.addHandler(definition.type, handler as Parameters<EventStrategy['addHandler']>[1], true, {
        definition,
        group: 'registry',
      });
  };
  add(counted, onCounted);
  add(ignored, others.ignored);
  add(platformEvent, others.platform);
}

export async function startReplica(
  parts: { strategy: EventStrategy; runtime: EventRuntime; database: ServiceDatabase },
  share: () => Promise<number>,
): Promise<Replica> {
  await new Promise<void>((resolve, reject) =>
    parts.strategy.listen((error) => (error ? reject(error) : resolve())),
  );
  return {
    ...parts,
    share,
    async stop() {
      await parts.strategy.close();
      await parts.runtime.stop();
    },
  };
}

/** Counts up and tells it, in one transaction. */
export async function countUp(
  database: ServiceDatabase,
  key: string,
  options: { delay?: number; fail?: boolean; tenant?: string } = {},
): Promise<boolean> {
  const { delay = 0, fail = false, tenant = 'acme' } = options;
  try {
    await database.withTenant(tenant, async (tx) => {
      const sql =
        'INSERT INTO registry.counters AS c VALUES ($1, 1) ON CONFLICT (key) DO UPDATE SET n = c.n + 1 RETURNING n';
      const n = (await tx.one<{ n: number }>(sql, [key]))?.n ?? 0;
      await publish(tx, counted, { tenant, key, data: { n } });
      if (delay > 0) await tx.query('SELECT pg_sleep($1)', [delay / 1000]);
      if (fail) throw new Error('decided otherwise');
    });
    return true;
  } catch {
    return false;
  }
}

export interface Ledger {
  events: number;
  losses: number;
  doubles: number;
  outOfOrder: number;
}

/** Compares what was counted with what the handlers did. */
export async function ledger(database: TestDatabase): Promise<Ledger> {
  const counters = await database.look<{ key: string; n: number }>('SELECT key, n FROM registry.counters');
  const effects = await database.look<{ key: string; n: number }>(
    'SELECT key, n FROM registry.effects WHERE n > 0 ORDER BY id',
  );
  const result: Ledger = { events: 0, losses: 0, doubles: 0, outOfOrder: 0 };
  for (const { key, n } of counters) {
    const seen = effects.filter((effect) => effect.key === key).map((effect) => effect.n);
    const different = new Set(seen).size;
    result.events += n;
    result.losses += n - different;
    result.doubles += seen.length - different;
    result.outOfOrder += seen.filter((value, i) => i > 0 && value < (seen[i - 1] ?? 0)).length;
  }
  return result;
}

export const clean = (events: number): Ledger => ({ events, losses: 0, doubles: 0, outOfOrder: 0 });

const numbers = new Map<string, Record<string, number>>();
/** Told at the end of a run, for the report. */
export function tally(suite: string, add: Record<string, number>): void {
  const all = numbers.get(suite) ?? {};
  for (const [name, value] of Object.entries(add)) all[name] = (all[name] ?? 0) + value;
  numbers.set(suite, all);
}
export const tallied = (suite: string): string => JSON.stringify(numbers.get(suite) ?? {});
