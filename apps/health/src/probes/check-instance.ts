import type { DeployedInstance, DeployedSet, HealthCheck } from '@switchyard/contracts';
import type { CheckOutcome } from '../verdicts/after-check.js';
import { judgeTraffic } from '../verdicts/judge-traffic.js';
import type { TrafficCounts } from '../verdicts/traffic-window.js';
import { askInstance, type InstanceAnswer } from './ask-instance.js';

/** What is asked of an instance of which nothing was asked for: whether it still answers for itself. */
export const standardCheck = {
  type: 'Standard',
  intervalSeconds: 10,
  timeoutSeconds: 5,
  failureThreshold: 3,
  successThreshold: 1,
} as const;

export type InstanceCheck = HealthCheck | typeof standardCheck;

/** Undefined where nothing can be checked: such an instance is judged by its state. */
export function checkOf(
  set: Pick<DeployedSet, 'healthCheck'>,
  instance: Pick<DeployedInstance, 'protocol'>,
): InstanceCheck | undefined {
  return set.healthCheck ?? (instance.protocol ? standardCheck : undefined);
}

const passed: CheckOutcome = { passed: true, reason: null };
const failed = (reason: string): CheckOutcome => ({ passed: false, reason });

export interface Checked {
  set: DeployedSet;
  instance: DeployedInstance;
  check: InstanceCheck;
  /** How long a second takes: tests shorten it. */
  secondMs: number;
  /** Asked only where requests are what is judged. */
  traffic: () => Promise<TrafficCounts>;
}

/** Makes one check of one instance. Never throws: whatever goes wrong is what it came to. */
export async function checkInstance({
  set,
  instance,
  check,
  secondMs,
  traffic,
}: Checked): Promise<CheckOutcome> {
  const timeoutMs = check.timeoutSeconds * secondMs;
  const ask = async (
    address: DeployedInstance['address'],
    path: string,
    judge: (answer: InstanceAnswer) => CheckOutcome,
  ): Promise<CheckOutcome> => {
    if (!address) return failed('it has no address to ask at');
    try {
      return judge(await askInstance(address, path, timeoutMs));
    } catch (error) {
      return failed(`${path}: ${(error as Error).message}`);
    }
  };
  switch (check.type) {
    case 'HttpEndpoint':
      return await ask(instance.address, check.httpEndpoint, (answer) =>
        judgeAnswer(check.httpEndpoint, answer, check.maxResponseTimeMs),
      );
    case 'Standard':
      return await ask(instance.protocol, '/health', (answer) => judgeAnswer('/health', answer));
    case 'Custom':
      return await ask(instance.protocol, `/checks/${encodeURIComponent(check.customCheck)}`, (answer) =>
        judgeNamed(check.customCheck, answer, check.maxResponseTimeMs),
      );
    case 'ResourceUsage':
      return judgeUsage(instance.usage, set.resources, check);
    case 'ErrorRate': {
      const judged = judgeTraffic(await traffic(), check);
      const good = judged.seen !== 'failing' && judged.seen !== 'slow';
      return { passed: good, reason: judged.seen === 'fine' ? null : judged.reason };
    }
  }
}

function judgeAnswer(path: string, { status, milliseconds }: InstanceAnswer, mostMs?: number): CheckOutcome {
  if (status < 200 || status >= 400) return failed(`${path} answered ${status}`);
  if (mostMs !== undefined && milliseconds > mostMs)
    return failed(`${path} took ${Math.round(milliseconds)} ms, at most ${mostMs} ms are allowed`);
  return passed;
}

/** As the instance protocol says it: 200 with `healthy`, and what the check wants to add. */
function judgeNamed(name: string, answer: InstanceAnswer, mostMs?: number): CheckOutcome {
  if (answer.status !== 200) return failed(`the check ${name} answered ${answer.status}${told(answer.body)}`);
  const { healthy } = parsed(answer.body) ?? {};
  if (healthy !== true) return failed(`the check ${name} failed${told(answer.body)}`);
  return judgeAnswer(`the check ${name}`, answer, mostMs);
}

function judgeUsage(
  usage: DeployedInstance['usage'],
  resources: DeployedSet['resources'],
  { maxCpuPercent, maxMemoryPercent }: Extract<HealthCheck, { type: 'ResourceUsage' }>,
): CheckOutcome {
  if (!usage) return { passed: true, reason: 'nothing is known of what it uses' };
  const over = (what: string, used: number, of: number, most: number | undefined) => {
    const percent = (used / of) * 100;
    return most !== undefined && percent > most
      ? [`${what} at ${Number(percent.toFixed(1))} %, at most ${most} % is allowed`]
      : [];
  };
  const reasons = [
    ...over('CPU', usage.cpu, resources.maxCpu, maxCpuPercent),
    ...over('memory', usage.memoryMB, resources.maxMemoryMB, maxMemoryPercent),
  ];
  return reasons.length === 0 ? passed : failed(reasons.join(', '));
}

const mostTold = 200;

function told(body: string): string {
  const answer = parsed(body);
  const details = answer?.['details'] ?? answer?.['error'];
  if (details === undefined) return '';
  const text = typeof details === 'string' ? details : JSON.stringify(details);
  return `: ${text.slice(0, mostTold)}`;
}

function parsed(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
