// A process of a service: publishes and handles until it is told to stop, or killed.
import { defineEvent } from '@switchyard/contracts';
import { ServiceDatabase } from '@switchyard/database';
import { createEventRuntime, EventLogStrategy, KafkaEventStrategy, publish } from '@switchyard/events';
import { z } from 'zod';

const { url, kafka } = JSON.parse(process.argv[2]);
const counted = defineEvent({
  type: 'test.counted',
  version: 1,
  data: z.object({ n: z.number() }),
  key: 'plugin',
});
const database = new ServiceDatabase({ service: 'registry', url, maxConnections: 8 });
const runtime = createEventRuntime({
  database,
  directUrl: url,
  ...(kafka ? { kafka, relayLeaseMs: 1_000 } : {}),
});
const strategy = kafka
  ? new KafkaEventStrategy({ runtime, database, kafka, sessionTimeoutMs: 6_000 })
  : new EventLogStrategy({ runtime, database, leaseMs: 1_000 });
strategy.addHandler(
  'test.counted',
  async (event, { tx }) => {
    const values = [event.tenant, event.id, event.key, event.data.n];
    await tx.run(
      'INSERT INTO registry.effects (tenant_id, event_id, key, n) VALUES ($1, $2, $3, $4)',
      values,
    );
  },
  true,
  { definition: counted, group: 'registry' },
);
await new Promise((resolve, reject) => strategy.listen((error) => (error ? reject(error) : resolve())));

let writing = true;
process.on('message', () => (writing = false));
// Without a parent there is nothing to do.
process.on('disconnect', () => process.exit(1));
process.on('SIGTERM', async () => {
  await strategy.close();
  await runtime.stop();
  await database.close();
  process.exit(0);
});
while (writing) {
  const key = `key-${Math.floor(Math.random() * 12)}`;
  await database
    .withTenant('acme', async (tx) => {
      const sql =
        'INSERT INTO registry.counters AS c VALUES ($1, 1) ON CONFLICT (key) DO UPDATE SET n = c.n + 1 RETURNING n';
      const { n } = await tx.one(sql, [key]);
      await publish(tx, counted, { tenant: 'acme', key, data: { n } });
    })
    .catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 4));
}
process.send('has stopped writing');
