import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createEventRuntime, KafkaEventStrategy } from '@switchyard/events';
import { createTestDatabase } from '@switchyard/testing';
import kafkajs, { type Kafka } from 'kafkajs';
import { eventTransportContract } from '../../../libs/events/src/contract/event-transport-contract.js';
import { testSchemas } from '../../../libs/events/src/contract/test-events.js';
import { register, startReplica, testRetries } from '../../../libs/events/src/contract/test-world.js';
import type { Replica, TransportHarness } from '../../../libs/events/src/contract/transport-harness.js';

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',').filter((broker) => broker !== '');
const scripts =
  process.env['REAL_KAFKA_SCRIPTS'] ?? new URL('../../../../shared/real/kafka', import.meta.url).pathname;
const run = promisify(execFile);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function brokerPid(): Promise<number> {
  const home = process.env['REAL_HOME'] ?? join(homedir(), '.cache', 'switchyard-real');
  return Number(await readFile(join(home, 'kafka', 'pid'), 'utf8'));
}

/** Hangs for a while, then is stopped and started. */
async function takeBrokerAway(): Promise<void> {
  const pid = await brokerPid();
  process.kill(pid, 'SIGSTOP');
  await pause(1_500);
  process.kill(pid, 'SIGCONT');
  await pause(500);
  await run(join(scripts, 'down'));
  await pause(1_000);
  await run(join(scripts, 'up'));
}

async function membersOf(client: Kafka, groupId: string): Promise<Map<string, number>> {
  const admin = client.admin();
  await admin.connect();
  try {
    const { groups } = await admin.describeGroups([groupId]);
    return new Map(
      (groups[0]?.members ?? []).map((member) => {
        const assignment = kafkajs.AssignerProtocol.MemberAssignment.decode(member.memberAssignment);
        return [member.clientId, Object.values(assignment?.assignment ?? {}).flat().length];
      }),
    );
  } finally {
    await admin.disconnect();
  }
}

const harness: TransportHarness = {
  async open(given, before) {
    const database = given ?? (await createTestDatabase(testSchemas));
    const id = randomBytes(5).toString('hex');
    const kafka = before?.kafka ?? { brokers, topic: `test.${id}`, groupPrefix: `test-${id}.` };
    const admin = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING });
    const replicas: Replica[] = [];
    return {
      database,
      kafka,
      async replica({ handlers = {}, maxAttempts = testRetries.maxAttempts, leaseMs = 1_000 } = {}) {
        const own = database.open('registry', 8);
        const clientId = `replica-${replicas.length}`;
        const settings = { ...kafka, clientId };
        const runtime = createEventRuntime({
          database: own,
          directUrl: database.urlFor('registry'),
          kafka: settings,
          relayLeaseMs: leaseMs,
        });
        const strategy = new KafkaEventStrategy({
          runtime,
          database: own,
          kafka: settings,
          sessionTimeoutMs: 6_000,
          retries: { ...testRetries, maxAttempts },
        });
        register(strategy, handlers);
        const share = async () => (await membersOf(admin, `${kafka.groupPrefix}registry`)).get(clientId) ?? 0;
        const replica = await startReplica({ strategy, runtime, database: own }, share);
        replicas.push(replica);
        return replica;
      },
      async deliverAllAgain() {
        await database.look(
          "UPDATE events.cursors SET epoch = 0, seq = 0, logged_at = '-infinity', owner = NULL, until = '-infinity', fence = fence + 1 WHERE group_name = 'kafka-relay'",
        );
      },
      interrupt: takeBrokerAway,
      async close() {
        await Promise.all(replicas.map((replica) => replica.stop().catch(() => undefined)));
        await database.close();
      },
    };
  },
};

if (brokers.length > 0) eventTransportContract('Kafka', harness);
else it.skip('needs KAFKA_BROKERS', () => undefined);
