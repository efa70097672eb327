// What counting a request costs: statements for 1,000 requests and CPU of this process for each, on a PostgreSQL of
// its own that waits for its disk as in production.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, ServiceDatabase, serviceUrl, startEmbeddedPostgres } from '@switchyard/database';
import { Limiter } from '../../apps/gateway/dist/limits/limiter.js';
import { PostgresLimitStore } from '../../apps/gateway/dist/limits/postgres-limit-store.js';
import { gatewaySchema } from '../../apps/gateway/dist/schema.js';

const roleSecret = 'the role secret of this bench';
const budgets = [60, 1_000, 100_000];
const userCounts = [1, 1_000];
const secondsEach = 1;
/** Requests that are under way at a time. */
const concurrency = 32;
/** Until 2033: no window ends while it is measured. */
const windowSeconds = 2_000_000_000;

/** Counts until the time is up; when every budget is used up, others take their place: no request is refused. */
async function measure(database, limit, users) {
  let statements = 0;
  const postgres = new PostgresLimitStore(database);
  const store = {
    exchange(changes) {
      statements += 1;
      return postgres.exchange(changes);
    },
  };
  const limiter = new Limiter({ store, clock: () => performance.now() });
  const round = limit * users;
  const until = performance.now() + secondsEach * 1_000;
  const cpuBefore = process.cpuUsage();
  let next = 0;
  const client = async () => {
    while (performance.now() < until) {
      const key = `bench ${limit} ${users} ${Math.floor(next / round)} user ${next++ % users}`;
      const taken = limiter.take({ key, limit, windowSeconds });
      const decision = taken instanceof Promise ? await taken : taken;
      if (!decision.allowed) throw new Error('a request within its limit was refused');
      if (next % 64 === 0) await new Promise(setImmediate);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, client));
  const { user, system } = process.cpuUsage(cpuBefore);
  const name = `limits: budget ${limit}, ${users} user${users === 1 ? '' : 's'}`;
  const asked = statements;
  await limiter.close();
  return [
    { name: `${name}, statements`, value: rounded((asked / next) * 1_000), unit: 'per 1000 requests' },
    { name: `${name}, CPU`, value: rounded((user + system) / next), unit: 'us per take' },
  ];
}

/** A flood that is refused from memory. */
async function measureRefusals(database) {
  let statements = 0;
  const postgres = new PostgresLimitStore(database);
  const store = { exchange: (changes) => ((statements += 1), postgres.exchange(changes)) };
  const limiter = new Limiter({ store, clock: () => performance.now() });
  const budget = { key: 'bench refused', limit: 60, windowSeconds };
  while ((await limiter.take(budget)).allowed);
  statements = 0;
  const count = 200_000;
  const cpuBefore = process.cpuUsage();
  for (let n = 0; n < count; n += 1) limiter.take(budget);
  const { user, system } = process.cpuUsage(cpuBefore);
  await limiter.close();
  return [
    {
      name: 'limits: refused, statements',
      value: rounded((statements / count) * 1_000),
      unit: 'per 1000 requests',
    },
    { name: 'limits: refused, CPU', value: rounded((user + system) / count), unit: 'us per take' },
  ];
}

const rounded = (value) => Number(value.toPrecision(3));

export async function run() {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-bench-limits-'));
  await chmod(folder, 0o755);
  const postgres = await startEmbeddedPostgres({ folder });
  try {
    await migrate({ url: postgres.url, roleSecret, schemas: [gatewaySchema] });
    const database = new ServiceDatabase({
      service: 'gateway',
      url: serviceUrl(postgres.url, roleSecret, 'gateway'),
    });
    const rows = [];
    for (const limit of budgets)
      for (const users of userCounts) rows.push(...(await measure(database, limit, users)));
    rows.push(...(await measureRefusals(database)));
    await database.close();
    return rows;
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
