import type { Kafka } from 'kafkajs';
import { atMost } from './kafka-client.js';
import type { CheckedKafkaOptions } from './kafka-options.js';

/** How many messages the broker still has for each group, by our name of the group. */
export async function brokerLag(
  kafka: Kafka,
  options: CheckedKafkaOptions,
  groups: readonly string[],
): Promise<Map<string, number>> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const ends = await admin.fetchTopicOffsets(options.topic);
    const lags = groups.map(async (group) => {
      const [topic] = await admin.fetchOffsets({
        groupId: `${options.groupPrefix}${group}`,
        topics: [options.topic],
      });
      const committed = new Map(
        topic?.partitions.map(({ partition, offset }) => [partition, Number(offset)]),
      );
      const behind = ends.map(
        ({ partition, low, high }) => Number(high) - Math.max(Number(low), committed.get(partition) ?? 0),
      );
      return [group, behind.reduce((sum, n) => sum + n, 0)] as const;
    });
    return new Map(await Promise.all(lags));
  } finally {
    await atMost(500, admin.disconnect());
  }
}
