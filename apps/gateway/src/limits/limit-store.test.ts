import { createTestDatabase, eventually, type TestDatabase } from '@switchyard/testing';
import { gatewaySchema } from '../schema.js';
import { InMemoryLimitStore } from './in-memory-limit-store.js';
import type { LimitChange, LimitStore } from './limit-store.js';
import { PostgresLimitStore } from './postgres-limit-store.js';

let database: TestDatabase;
beforeAll(async () => (database = await createTestDatabase([gatewaySchema])));
afterAll(() => database.close());

/** Until 2033: no test falls on its end. */
const windowSeconds = 2_000_000_000;
const endsAt = windowSeconds;
let keys = 0;
const newKey = () => `key ${(keys += 1)}`;
const ask = (key: string, amount: number, limit = 100): LimitChange => ({
  key,
  windowSeconds,
  limit,
  amount,
  window: null,
});
const gift = (key: string, amount: number, window = endsAt): LimitChange => ({
  ...ask(key, -amount),
  window,
});

const stores: [string, () => LimitStore][] = [
  ['in memory', () => new InMemoryLimitStore(() => Date.now())],
  ['on PostgreSQL', () => new PostgresLimitStore(database.open('gateway', 20))],
];

describe.each(stores)('a limit store %s', (_, open) => {
  let store: LimitStore;
  beforeAll(() => (store = open()));
  const change = async (...changes: LimitChange[]) => (await store.exchange(changes)).answers;

  it('grants what is asked for while it lasts, then what is left, then nothing', async () => {
    const key = newKey();
    expect(await change(ask(key, 93))).toMatchObject([{ granted: 93, used: 93 }]);
    expect(await change(ask(key, 20))).toMatchObject([{ granted: 7, used: 100 }]);
    expect(await change(ask(key, 20))).toMatchObject([{ granted: 0, used: 100 }]);
  });

  it('grants no more than the limit to the first who asks', async () => {
    expect(await change(ask(newKey(), 500))).toMatchObject([{ granted: 100, used: 100 }]);
    expect(await change(ask(newKey(), 1, 0))).toMatchObject([{ granted: 0, used: 0 }]);
  });

  it('answers in the order of the changes, with its clock and the end of the open window', async () => {
    const [one, other] = ['z', 'a'].map((letter) => `${letter} ${newKey()}`) as [string, string];
    const before = Date.now();
    const { now, answers } = await store.exchange([ask(one, 2), ask(other, 5)]);
    expect(answers).toMatchObject([
      { granted: 2, endsAt },
      { granted: 5, endsAt },
    ]);
    expect(now).toBeGreaterThan(before - 1_000);
    expect(now).toBeLessThan(Date.now() + 1_000);
  });

  it('starts the next window where the one before ends', async () => {
    const { now, answers } = await store.exchange([{ ...ask(newKey(), 1), windowSeconds: 60 }]);
    expect(answers[0]!.endsAt).toBe((Math.floor(now / 60_000) + 1) * 60);
  });

  it('grants again what was given back', async () => {
    const key = newKey();
    await change(ask(key, 100));
    await change(gift(key, 30));
    expect(await change(ask(key, 40))).toMatchObject([{ granted: 30, used: 100 }]);
  });

  it('takes nothing back for another window, and never counts below zero', async () => {
    const key = newKey();
    await change(ask(key, 100));
    await change(gift(key, 30, endsAt - windowSeconds));
    expect(await change(ask(key, 1))).toMatchObject([{ granted: 0 }]);
    const unknown = newKey();
    await change(gift(unknown, 30));
    expect(await change(ask(unknown, 200))).toMatchObject([{ granted: 100 }]);
  });

  it('keeps what was granted when the limit is lowered, and grants the difference when it is raised', async () => {
    const key = newKey();
    await change(ask(key, 100));
    expect(await change(ask(key, 1, 50))).toMatchObject([{ granted: 0 }]);
    expect(await change(ask(key, 50, 120))).toMatchObject([{ granted: 20, used: 120 }]);
  });

  it('never grants more than the limit to any number at once, whatever order they ask in', async () => {
    const shared = [newKey(), newKey(), newKey()];
    const rounds = Array.from({ length: 60 }, (_value, round) => {
      const turned = [...shared.slice(round % 3), ...shared.slice(0, round % 3)];
      return change(...turned.map((key) => ask(key, 1 + (round % 5))));
    });
    const granted = (await Promise.all(rounds)).flat().reduce((sum, answer) => sum + answer.granted, 0);
    expect(granted).toBe(3 * 100);
  });
});

describe('the limits in PostgreSQL', () => {
  it('are open to the platform role only', async () => {
    await database
      .open('gateway')
      .withTenant('acme', (tx) => tx.query('SELECT * FROM gateway.limit_windows'))
      .then((rows) => expect(rows).toEqual([]));
  });

  it('forget past windows, and keep those that may still be named', async () => {
    await database.look('DELETE FROM gateway.limit_windows');
    await database.look(
      `INSERT INTO gateway.limit_windows SELECT floor(extract(epoch FROM now())) - age, 'k' || n, 1, 1, 1
       FROM (VALUES (3600), (30)) AS ages(age), generate_series(1, 2500) AS n`,
    );
    await new PostgresLimitStore(database.open('gateway')).exchange([ask('k', 1)]);
    const kept = () => database.look<{ n: number }>('SELECT count(*)::int AS n FROM gateway.limit_windows');
    await eventually(async () => expect(await kept()).toEqual([{ n: 2501 }]));
  });
});
