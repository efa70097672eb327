import type { Admin, Kafka } from 'kafkajs';
import { atMost } from './kafka-client.js';
import type { CheckedKafkaOptions } from './kafka-options.js';

/** Waiting does not help: somebody has to decide. */
export class TopicMismatch extends Error {
  override readonly name = 'TopicMismatch';
}

/** Makes the topic if it is missing; an existing one must have the partitions that the order of keys was built on. */
export async function ensureTopic(kafka: Kafka, options: CheckedKafkaOptions): Promise<void> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    if (!(await admin.listTopics()).includes(options.topic)) await create(admin, options);
    const { topics } = await admin.fetchTopicMetadata({ topics: [options.topic] });
    const found = topics[0]?.partitions.length;
    if (found !== options.partitions)
      throw new TopicMismatch(
        `Kafka topic "${options.topic}" has ${found ?? 0} partitions and ${options.partitions} are configured: ` +
          `keys would change their partition and lose their order; set ${found ?? 0}, or name a new topic`,
      );
  } finally {
    await atMost(500, admin.disconnect());
  }
}

async function create(
  admin: Admin,
  { topic, partitions, replication, retentionMs }: CheckedKafkaOptions,
): Promise<void> {
  await admin.createTopics({
    waitForLeaders: true,
    topics: [
      {
        topic,
        numPartitions: partitions,
        replicationFactor: replication,
        configEntries: [
          { name: 'retention.ms', value: String(retentionMs) },
          // Kafka drops whole segments: short ones, so that nothing stays much longer than it should.
          { name: 'segment.ms', value: String(Math.min(retentionMs, 24 * 60 * 60 * 1000)) },
          { name: 'cleanup.policy', value: 'delete' },
          // One replica may be away, and what was acknowledged is still on two.
          { name: 'min.insync.replicas', value: replication >= 3 ? '2' : '1' },
        ],
      },
    ],
  });
}
