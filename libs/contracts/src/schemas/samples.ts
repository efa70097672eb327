import { LATENCY_BUCKETS } from '@switchyard/rollout';
import { z } from 'zod';
import { environments, slotNames } from './routing.js';

/** The engine's own bounds: what gateways count is what it judges. */
export { LATENCY_BUCKETS as latencyBoundsMs, latencyBucketOf } from '@switchyard/rollout';

const count = z.number().int().min(0);
const id = z.string().min(1).max(256);

/** What attempts at one instance of a slot came to. Retries are attempts of their own. */
export const SlotSample = z.object({
  tenantId: id,
  environment: z.enum(environments),
  pluginId: id,
  deploymentId: id,
  setId: id,
  slot: z.enum(slotNames),
  instanceId: id,
  /** Attempts, upgrades included; without those that the client gave up before there was an answer. */
  requests: count,
  /** Answers of 5xx, and attempts that were refused, reset or timed out. Never more than `requests`. */
  errors: count,
  /** Heads of answers by class, from 1xx (an upgrade) to 5xx. */
  statuses: z.tuple([count, count, count, count, count]),
  failures: z.object({ refused: count, reset: count, timeout: count }),
  /** Attempts that ended because the client went away: no errors, and no answers either. */
  clientAborts: count,
  /** How often the gateway took the instance out after failures in a row. */
  ejections: count,
  /** Time to the head of an answer, by `latencyBoundsMs` and one more; streams and upgrades are left out. */
  latency: z.object({
    counts: z.array(count).length(LATENCY_BUCKETS.length + 1),
    sumMs: z.number().min(0),
  }),
});
export type SlotSample = z.output<typeof SlotSample>;

/** One flush of one gateway. A batch that is sent again has the same number: count it once. */
export const SampleBatch = z.object({
  gatewayId: id,
  sequence: z.number().int().min(1),
  /** Unix milliseconds of the gateway's clock. */
  from: z.number(),
  to: z.number(),
  samples: z.array(SlotSample).max(10_000),
});
export type SampleBatch = z.output<typeof SampleBatch>;
