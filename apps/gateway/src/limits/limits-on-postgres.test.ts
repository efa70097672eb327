import { ServiceDatabase } from '@switchyard/database';
import { isDatabaseTrouble } from '@switchyard/service';
import { createTestDatabase, type TestDatabase } from '@switchyard/testing';
import pg from 'pg';
import type { LimitBudget, LimitDecision } from '../edge/request-limits.js';
import { gatewaySchema } from '../schema.js';
import { Limiter } from './limiter.js';
import { PostgresLimitStore } from './postgres-limit-store.js';

const budget = (key: string, limit: number): LimitBudget => ({ key, limit, windowSeconds: 2_000_000_000 });
const accepted = (decisions: LimitDecision[]) => decisions.filter(({ allowed }) => allowed).length;

describe('two gateways on one database', () => {
  let database: TestDatabase;
  let gateways: [Limiter, Limiter];
  const open = (service: ServiceDatabase) =>
    new Limiter({ store: new PostgresLimitStore(service), clock: () => performance.now() });
  beforeAll(async () => {
    database = await createTestDatabase([gatewaySchema]);
    gateways = [open(database.open('gateway')), open(database.open('gateway'))];
  });
  afterAll(async () => {
    await Promise.all(gateways.map((gateway) => gateway.close()));
    await database.close();
  });
  const takeAtOnce = (count: number, budgets: LimitBudget[]) =>
    Promise.all(
      Array.from({ length: count }, async (_, n) => gateways[n % 2 === 0 ? 0 : 1].takeAll(budgets)),
    );

  it('accept exactly the limit of 500 requests at once', async () => {
    expect(accepted(await takeAtOnce(500, [budget('exact', 60)]))).toBe(60);
  });

  it('accept exactly the limit of a client that alternates', async () => {
    const decisions: LimitDecision[] = [];
    for (let n = 0; n < 1_100; n += 1)
      decisions.push(await gateways[n % 2 === 0 ? 0 : 1].take(budget('alternating', 1_000)));
    expect(accepted(decisions)).toBe(1_000);
  });

  it('never hold each other up, whatever the keys', async () => {
    const budgets = Array.from({ length: 20 }, (_, n) => budget(`crossed ${n}`, 100));
    const rounds = Array.from({ length: 30 }, (_, n) =>
      takeAtOnce(10, n % 2 ? budgets : budgets.toReversed()),
    );
    expect(accepted((await Promise.all(rounds)).flat())).toBe(100);
  });

  it('count keys that a database would not take as they are', async () => {
    const hostile = ['\0', '\ud800', 'é'.repeat(5_000), "'; DROP TABLE gateway.limit_windows; --"];
    for (const key of hostile) expect(accepted(await takeAtOnce(8, [budget(key, 5)]))).toBe(5);
  });

  it('say within a second or so that a row is locked elsewhere', async () => {
    await gateways[0].take(budget('locked', 60));
    const client = new pg.Client({ connectionString: database.adminUrl });
    await client.connect();
    await client.query('BEGIN; SELECT 1 FROM gateway.limit_windows FOR UPDATE');
    const started = performance.now();
    const failed: unknown = await Promise.resolve(gateways[1].take(budget('locked', 60))).catch(
      (error) => error,
    );
    expect(isDatabaseTrouble(failed)).toBe(true);
    expect(performance.now() - started).toBeLessThan(1_500);
    await client.end();
  });

  it('say at once that the database is not there', async () => {
    const nowhere = new ServiceDatabase({ service: 'gateway', url: 'postgres://x@127.0.0.1:1/x' });
    const limiter = open(nowhere);
    await expect(limiter.take(budget('nowhere', 60))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await limiter.close();
    await nowhere.close();
  });
});
