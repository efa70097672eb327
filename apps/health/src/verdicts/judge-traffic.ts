import type { HealthCheck } from '@switchyard/contracts';
import type { TrafficSeen } from './set-verdict.js';
import type { TrafficCounts } from './traffic-window.js';

/** Fewer requests than this in a minute say nothing of a set. */
export const fewestRequests = 20;
const defaultMaxErrorRate = 0.05;

export interface TrafficJudgement {
  seen: TrafficSeen;
  reason: string;
}

const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;
const counted = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

/** The last minute against what the deployment allows; without a check of its own, 5 % of errors. */
export function judgeTraffic(
  { requests, errors, timed, latencySumMs }: TrafficCounts,
  check: HealthCheck | null,
): TrafficJudgement {
  if (requests === 0) return { seen: 'none', reason: 'no requests in the last 60 s' };
  const of = `${counted(requests, 'request')} in the last 60 s`;
  if (requests < fewestRequests) return { seen: 'few', reason: `only ${of}: too few to judge` };
  const maxErrorRate = check?.maxErrorRate ?? defaultMaxErrorRate;
  const errorRate = errors / requests;
  if (errorRate > maxErrorRate)
    return {
      seen: 'failing',
      reason: `error rate ${percent(errorRate)} of ${of}, at most ${percent(maxErrorRate)} is allowed`,
    };
  const average = timed === 0 ? undefined : latencySumMs / timed;
  const most = check?.maxResponseTimeMs;
  if (average !== undefined && most !== undefined && average > most)
    return {
      seen: 'slow',
      reason: `response time ${Math.round(average)} ms on average of ${of}, at most ${most} ms is allowed`,
    };
  return { seen: 'fine', reason: `error rate ${percent(errorRate)} of ${of}` };
}
