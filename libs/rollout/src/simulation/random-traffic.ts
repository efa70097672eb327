import { LATENCY_BUCKETS, latencyBucketOf } from '../latency-buckets.js';
import { seededRandom } from './seeded-random.js';
import type { Behaviour } from './world.js';

export interface Service {
  readonly errorRate: number;
  readonly medianMs: number;
  /** Of the logarithm: 0.6 is a usual service, 1.2 one with a long tail. */
  readonly spread: number;
}

/** Every request fails by itself with the error rate, and takes a time of its own (lognormal). */
export function randomTraffic(service: Service, random: () => number): Behaviour['respond'] {
  const latencies = drawn(service);
  return (requests) => {
    const counts = Array<number>(LATENCY_BUCKETS.length + 1).fill(0);
    for (let each = 0; each < requests; each += 1) {
      const bucket = latencies[Math.floor(random() * latencies.length)] ?? 0;
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    return {
      errors: failures(requests, service.errorRate, random),
      latency: { counts, sumMs: requests * service.medianMs },
    };
  };
}

const DRAWS = 16_384;
const known = new Map<string, Uint8Array>();

/** Buckets of so many latencies: all that the traffic of a service draws from. */
function drawn({ medianMs, spread }: Service): Uint8Array {
  const key = `${medianMs} ${spread}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const random = seededRandom(1);
  const latencies = Uint8Array.from({ length: DRAWS }, () =>
    latencyBucketOf(medianMs * Math.exp(spread * normal(random))),
  );
  known.set(key, latencies);
  return latencies;
}

/** A binomial count, by the gaps between failures. */
function failures(requests: number, rate: number, random: () => number): number {
  if (rate <= 0) return 0;
  let count = -1;
  for (let at = 0; at <= requests; count += 1)
    at += 1 + Math.floor(Math.log1p(-random()) / Math.log1p(-rate));
  return count;
}

const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log1p(-random())) * Math.cos(2 * Math.PI * random());
