import { latencyBoundsMs, latencyBucketOf, SampleBatch } from '@switchyard/contracts';
import { SampleAggregator } from './sample-aggregator.js';

const labels = {
  tenantId: 't',
  environment: 'QA' as const,
  pluginId: 'p',
  deploymentId: 'd',
  setId: 's',
  slot: 'stable' as const,
  instanceId: 'i',
};

describe('samples of attempts', () => {
  let sent: SampleBatch[];
  let isDown: boolean;
  let failures: number;
  let samples: SampleAggregator;
  beforeEach(() => {
    sent = [];
    isDown = false;
    failures = 0;
    samples = new SampleAggregator({
      gatewayId: 'gateway-1',
      sink: {
        send: async (batch) => {
          sent.push(SampleBatch.parse(batch));
          if (isDown) throw new Error('down');
        },
      },
      clock: () => 1_000,
      onFailure: () => (failures += 1),
    });
  });
  afterEach(() => samples.close());

  it('are added up until they are sent, and then begin anew', async () => {
    const cell = samples.cell(labels);
    cell.answered(200, 7);
    cell.answered(503, 70);
    cell.failed('timeout');
    expect(await samples.flush()).toBe(true);
    expect(sent[0]?.samples[0]).toMatchObject({
      requests: 3,
      errors: 2,
      statuses: [0, 1, 0, 0, 1],
      latency: { sumMs: 77 },
    });
    await samples.flush();
    expect(sent).toHaveLength(1);
    cell.answered(200, undefined);
    await samples.flush();
    expect(sent[1]?.samples[0]).toMatchObject({ requests: 1, errors: 0, latency: { sumMs: 0 } });
  });

  it('that could not be sent are sent again under the same number before anything newer', async () => {
    const cell = samples.cell(labels);
    cell.answered(200, 1);
    isDown = true;
    expect(await samples.flush()).toBe(false);
    cell.answered(200, 1);
    isDown = false;
    await samples.flush();
    expect(sent.map(({ sequence }) => sequence)).toEqual([1, 1, 2]);
    expect(sent[1]).toEqual(sent[0]);
    expect(failures).toBe(1);
  });

  it('never have more errors than attempts, whenever a stream breaks off', async () => {
    const cell = samples.cell(labels);
    cell.answered(200, undefined);
    await samples.flush();
    cell.brokeOff();
    cell.brokeOff();
    await samples.flush();
    expect(sent[1]?.samples[0]).toMatchObject({ requests: 1, errors: 1 });
  });

  it('find their place in the histogram by its upper bounds', () => {
    expect([0, 1, 1.01, 10, 59_999, 60_000, 60_001].map(latencyBucketOf)).toEqual([0, 0, 1, 4, 19, 19, 20]);
    latencyBoundsMs.forEach((bound, i) => expect(latencyBucketOf(bound)).toBe(i));
  });
});
