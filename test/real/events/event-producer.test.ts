import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@switchyard/testing';
import kafkajs from 'kafkajs';
import { EventProducer } from '../../../libs/events/src/kafka/event-producer.js';

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',').filter((broker) => broker !== '');
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function brokerPid(): Promise<number> {
  const home = process.env['REAL_HOME'] ?? join(homedir(), '.cache', 'switchyard-real');
  return Number(await readFile(join(home, 'kafka', 'pid'), 'utf8'));
}

(brokers.length > 0 ? describe : describe.skip)('the producer of events', () => {
  it('has written all that it says it has, though the broker was slow to answer several requests', async () => {
    const kafka = new kafkajs.Kafka({
      brokers,
      logLevel: kafkajs.logLevel.NOTHING,
      requestTimeout: 1_000,
      retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 1_000 },
    });
    const topic = `test.${randomBytes(5).toString('hex')}`;
    const admin = kafka.admin();
    const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 200 });
    const producer = new EventProducer(kafka, topic, () => Promise.resolve());
    const pid = await brokerPid();
    try {
      await admin.connect();
      await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
      await producer.send([{ key: 'k', value: 'first' }]);
      const untilSent = async (value: string): Promise<void> => {
        await eventually(() => producer.send([{ key: 'k', value }]), 60_000);
      };
      process.kill(pid, 'SIGSTOP');
      const sent = Promise.all(Array.from({ length: 8 }, (_, n) => untilSent(String(n))));
      // Longer than the client waits for an answer; the requests lie in the broker's socket meanwhile.
      await pause(2_600);
      process.kill(pid, 'SIGCONT');
      await sent;
      const seen = new Set<string>();
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      await consumer.run({
        eachMessage: ({ message }) => {
          seen.add(String(message.value));
          return Promise.resolve();
        },
      });
      await eventually(
        () => expect([...seen].sort()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', 'first']),
        20_000,
      );
    } finally {
      process.kill(pid, 'SIGCONT');
      await producer.close();
      await consumer.disconnect();
      await admin.disconnect();
    }
  });
});
