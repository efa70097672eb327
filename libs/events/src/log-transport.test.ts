import { createTestDatabase } from '@switchyard/testing';
import { eventTransportContract } from './contract/event-transport-contract.js';
import { testSchemas } from './contract/test-events.js';
import { register, startReplica, testRetries } from './contract/test-world.js';
import type { Replica, TransportHarness } from './contract/transport-harness.js';
import { createEventRuntime, EventLogStrategy } from './index.js';

const harness: TransportHarness = {
  async open(given) {
    const database = given ?? (await createTestDatabase(testSchemas));
    const replicas: Replica[] = [];
    return {
      database,
      kafka: undefined,
      async replica({ handlers = {}, maxAttempts = testRetries.maxAttempts, leaseMs = 1_000 } = {}) {
        const own = database.open('registry', 8);
        const runtime = createEventRuntime({ database: own, directUrl: database.urlFor('registry') });
        const strategy = new EventLogStrategy({
          runtime,
          database: own,
          leaseMs,
          retries: { ...testRetries, maxAttempts },
        });
        register(strategy, handlers);
        const share = () => Promise.resolve(strategy.partitions()['registry']?.length ?? 0);
        const replica = await startReplica({ strategy, runtime, database: own }, share);
        replicas.push(replica);
        return replica;
      },
      async deliverAllAgain() {
        await database.look(
          "UPDATE events.cursors SET epoch = 0, seq = 0, logged_at = '-infinity', owner = NULL, until = '-infinity', fence = fence + 1",
        );
      },
      async interrupt() {
        for (let i = 0; i < 20; i += 1) {
          await database.look(
            'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
          );
          await database.look('SELECT pg_sleep(0.05)');
        }
      },
      async close() {
        await Promise.all(replicas.map((replica) => replica.stop().catch(() => undefined)));
        await database.close();
      },
    };
  },
};

eventTransportContract('the log', harness);
