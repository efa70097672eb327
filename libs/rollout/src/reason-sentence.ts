import type { Cause, MetricCause } from './cause.js';
import type { DeploymentStatus } from './deployment-status.js';
import { counted, millisecondsText, percentText } from './wording.js';

export interface Told {
  readonly status: DeploymentStatus;
  /** null before the first. */
  readonly stage: string | null;
  readonly cause: Cause;
}

/** `Rolled back at stage 30 %: error rate 8.1 % of 1,240 requests, threshold 5 %, stable 0.3 %` */
export function reasonSentence({ status, stage, cause }: Told): string {
  const where = status === 'Completed' ? '' : stage === null ? ' before the start' : ` at ${stage}`;
  return `${STATUS[status]}${where}: ${causeText(cause)}`;
}

const STATUS: Readonly<Record<DeploymentStatus, string>> = {
  Pending: 'Pending',
  InProgress: 'In progress',
  Paused: 'Paused',
  Completed: 'Completed',
  Failed: 'Failed',
  RolledBack: 'Rolled back',
};

export function causeText(cause: Cause): string {
  switch (cause.kind) {
    case 'metric':
      return metricText(cause);
    case 'failedChecks':
      return `${cause.failing} of ${counted(cause.instances, 'instance')} failed ${cause.checks} health checks in a row`;
    case 'crashes':
      return `${cause.crashed} of ${counted(cause.instances, 'instance')} crashed, more than ${percentText(cause.limit)}`;
    case 'deadline':
      return `no progress for ${counted(Math.round(cause.seconds), 'second')}, allowed ${oneDecimal(cause.limit)}: ${cause.waitedFor}`;
    case 'smokeTest':
      return `smoke test ${cause.endpoint} failed: ${cause.answer}`;
    case 'noData':
      return `too little traffic to judge, ${counted(cause.requests, 'request')} of at least ${cause.minSamples}`;
    case 'person':
      return `${cause.action} by ${cause.actor}${cause.comment === null ? '' : `: ${cause.comment}`}`;
    case 'superseded':
      return `replaced by ${cause.by} of ${cause.actor}`;
    case 'comparison':
      return cause.comparison.because;
    case 'dependency':
      return `its dependency ${cause.pluginId} ${cause.version} was not installed by ${cause.deploymentId}: ${cause.because}`;
    case 'started':
      return `${cause.strategy} to ${counted(cause.instances, 'instance')}`;
    case 'instancesReady':
      return `${cause.ready} of ${counted(cause.total, 'instance')} ready`;
  }
}

const oneDecimal = (value: number): string => String(Math.round(value * 10) / 10);

function metricText({ metric, value, samples, threshold, stable, breached }: MetricCause): string {
  const text = metric === 'errorRate' ? percentText : millisecondsText;
  const name = metric === 'errorRate' ? 'error rate' : '95th percentile of the response time';
  const limit = threshold === null ? [] : [`threshold ${text(threshold)}`];
  const reference = stable === null ? [] : [`stable ${text(stable)}`];
  const isWithinThreshold = threshold === null || value <= threshold;
  const sides =
    breached === 'stable' && isWithinThreshold
      ? [...reference.map((said) => `worse than ${said}`), ...limit]
      : [...limit, ...reference];
  return [`${name} ${text(value)} of ${counted(samples, 'request')}`, ...sides].join(', ');
}
