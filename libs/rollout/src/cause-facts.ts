import type { Cause } from './cause.js';

export interface CauseFacts {
  readonly metric: string | null;
  readonly threshold: number | null;
  readonly value: number | null;
  readonly stableValue: number | null;
  readonly samples: number | null;
  readonly actor: string;
}

const nothing: CauseFacts = {
  metric: null,
  threshold: null,
  value: null,
  stableValue: null,
  samples: null,
  actor: 'switchyard',
};

/** The columns in which every cause can be read. */
export function factsOf(cause: Cause): CauseFacts {
  switch (cause.kind) {
    case 'metric': {
      const { metric, threshold, value, stable, samples } = cause;
      return { ...nothing, metric, threshold, value, stableValue: stable, samples };
    }
    case 'failedChecks':
      return {
        ...nothing,
        metric: 'consecutiveFailedChecks',
        threshold: cause.checks,
        value: cause.failing,
        samples: cause.instances,
      };
    case 'crashes':
      return {
        ...nothing,
        metric: 'crashedInstances',
        threshold: cause.limit,
        value: cause.crashed / cause.instances,
        samples: cause.instances,
      };
    case 'deadline':
      return { ...nothing, metric: 'progressDeadlineSeconds', threshold: cause.limit, value: cause.seconds };
    case 'smokeTest':
      return { ...nothing, metric: 'smokeTest', value: 0, threshold: 1, samples: 1 };
    case 'noData':
      return {
        ...nothing,
        metric: 'samples',
        threshold: cause.minSamples,
        value: cause.requests,
        samples: cause.requests,
      };
    case 'instancesReady':
      return {
        ...nothing,
        metric: 'readyInstances',
        threshold: cause.total,
        value: cause.ready,
        samples: cause.total,
      };
    case 'comparison': {
      const [first] = cause.comparison.metrics;
      if (first === undefined) return nothing;
      return {
        ...nothing,
        metric: first.metric,
        threshold: cause.comparison.criteria[0]?.number ?? null,
        value: first.candidate.value,
        stableValue: first.stable.value,
        samples: first.candidate.samples,
      };
    }
    case 'person':
    case 'superseded':
      return { ...nothing, actor: cause.actor };
    case 'started':
    case 'dependency':
      return nothing;
  }
}
