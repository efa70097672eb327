// What events cost: on the log, and over Kafka when KAFKA_BROKERS is set. Plain node on the compiled libraries.
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineEvent } from '@switchyard/contracts';
import { migrate, ServiceDatabase, serviceUrl, startEmbeddedPostgres } from '@switchyard/database';
import {
  createEventRuntime,
  EventLogStrategy,
  eventsSchema,
  KafkaEventStrategy,
  publish,
} from '@switchyard/events';
import { z } from 'zod';

const roleSecret = 'bench';
const measured = defineEvent({
  type: 'bench.measured',
  version: 1,
  data: z.object({ at: z.number() }),
  key: 'plugin',
});
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const percentile = (values, p) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor((values.length * p) / 100))] ?? NaN;
const round = (value) => Math.round(value * 100) / 100;

async function until(check, patience = 20_000) {
  for (const end = Date.now() + patience; !check(); await sleep(2))
    if (Date.now() > end) throw new Error('the bench waited too long');
}

async function transport(name, url, kafka) {
  const direct = serviceUrl(url, roleSecret, 'registry');
  const database = new ServiceDatabase({ service: 'registry', url: direct, maxConnections: 12 });
  const publisher = new ServiceDatabase({ service: 'registry', url: direct, maxConnections: 8 });
  const runtime = createEventRuntime({ database, directUrl: direct, ...(kafka ? { kafka } : {}) });
  const strategy = kafka
    ? new KafkaEventStrategy({ runtime, database, kafka, concurrency: 8 })
    : new EventLogStrategy({ runtime, database, concurrency: 8 });
  let lags = [];
  const handle = async (event, { tx }) => {
    await tx.run("SELECT set_config('bench.handled', '1', true)");
    lags.push(performance.now() - event.data.at);
  };
  strategy.addHandler('x', handle, true, { definition: measured, group: 'registry' });
  await new Promise((resolve, reject) => strategy.listen((error) => (error ? reject(error) : resolve())));
  const say = (i) =>
    publisher.withTenant('acme', (tx) =>
      publish(tx, measured, { tenant: 'acme', key: `key-${i % 64}`, data: { at: performance.now() } }),
    );
  await say(0);
  await until(() => lags.length === 1);
  const rows = [];

  // As much as eight writers can.
  lags = [];
  let said = 0;
  let cpu = process.cpuUsage();
  const began = performance.now();
  const end = began + 3_000;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (performance.now() < end) await say((said += 1));
    }),
  );
  const published = performance.now() - began;
  await until(() => lags.length >= said);
  const handled = performance.now() - began;
  let used = process.cpuUsage(cpu);
  rows.push({ name: `${name}: published`, value: round((said / published) * 1000), unit: 'events/s' });
  rows.push({ name: `${name}: handled end to end`, value: round((said / handled) * 1000), unit: 'events/s' });
  rows.push({
    name: `${name}: CPU under load`,
    value: round((used.user + used.system) / said),
    unit: 'us/event',
  });

  // At a quiet pace.
  lags = [];
  cpu = process.cpuUsage();
  const start = performance.now();
  const pending = [];
  for (let i = 0; i < 600; i += 1) {
    const wait = start + i * 5 - performance.now();
    if (wait > 0) await sleep(wait);
    pending.push(say(i));
  }
  await Promise.all(pending);
  await until(() => lags.length >= 600);
  used = process.cpuUsage(cpu);
  rows.push({ name: `${name}: lag p50 at 200/s`, value: round(percentile(lags, 50)), unit: 'ms' });
  rows.push({ name: `${name}: lag p99 at 200/s`, value: round(percentile(lags, 99)), unit: 'ms' });
  rows.push({
    name: `${name}: CPU at 200/s`,
    value: round((used.user + used.system) / 600),
    unit: 'us/event',
  });

  cpu = process.cpuUsage();
  await sleep(1_500);
  used = process.cpuUsage(cpu);
  rows.push({ name: `${name}: CPU when idle`, value: round((used.user + used.system) / 15_000), unit: '%' });
  const stopping = performance.now();
  await strategy.close();
  await runtime.stop();
  rows.push({ name: `${name}: stop`, value: round(performance.now() - stopping), unit: 'ms' });
  await Promise.all([database.close(), publisher.close()]);
  return rows;
}

async function freshDatabase(server, name) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  const url = new URL(server);
  url.pathname = `/${name}`;
  await migrate({ url: url.href, roleSecret, schemas: [eventsSchema] });
  return url.href;
}

export async function run() {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-bench-'));
  await chmod(folder, 0o755);
  const postgres = await startEmbeddedPostgres({ folder });
  try {
    const rows = await transport('log', await freshDatabase(postgres.url, 'bench_log'), undefined);
    const brokers = (process.env.KAFKA_BROKERS ?? '').split(',').filter(Boolean);
    if (brokers.length === 0) return rows;
    const id = randomBytes(4).toString('hex');
    const kafka = { brokers, topic: `bench.${id}`, groupPrefix: `bench-${id}.` };
    return [...rows, ...(await transport('Kafka', await freshDatabase(postgres.url, 'bench_kafka'), kafka))];
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.table(await run());
