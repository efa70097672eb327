import type { RollingConfig, StrategyConfig } from './strategy-config.js';

/** What a stage brings about, and how long it is watched. */
export interface Stage {
  /** `stage 30 %`, `batch 2 of 4`: what people read. */
  readonly name: string;
  /** The candidate's share of traffic in percent. */
  readonly weight: number;
  /** Instances of the candidate. */
  readonly candidate: number;
  /** Instances of the stable set once the weight is served everywhere. */
  readonly stable: number;
  readonly holdMs: number;
  /** null: as long as there is progress. */
  readonly readyWithinMs: number | null;
  readonly smokeTests: readonly string[];
  /** Ends with a comparison that chooses a winner. */
  readonly compares: boolean;
}

export interface Sizes {
  readonly total: number;
  /** 0: a first deployment. */
  readonly stable: number;
}

/** The last stage always has all instances and all traffic. Without a stable slot that is the only one with traffic. */
export function stagePlan(config: StrategyConfig, { total, stable }: Sizes): readonly Stage[] {
  const all: Stage = {
    name: 'the last stage',
    weight: 100,
    candidate: total,
    stable,
    holdMs: 0,
    readyWithinMs: 'healthCheckTimeoutMs' in config ? config.healthCheckTimeoutMs : null,
    smokeTests: [],
    compares: false,
  };
  if (stable === 0) {
    const first = { ...all, name: 'the first deployment' };
    return config.strategy === 'BlueGreen' ? [{ ...first, smokeTests: config.smokeTestEndpoints }] : [first];
  }
  switch (config.strategy) {
    case 'Direct':
      return [all];
    case 'Canary': {
      const stages = config.stages.map((weight) => ({
        ...all,
        name: `stage ${weight} %`,
        weight,
        candidate: Math.ceil((total * weight) / 100),
        holdMs: config.stageIntervalMs,
      }));
      return stages.at(-1)?.weight === 100 ? stages : [...stages, all];
    }
    case 'BlueGreen': {
      const holdMs = config.healthCheckDurationMs;
      const smokeTests = config.smokeTestEndpoints;
      return [
        { ...all, name: 'the stage before the switch', weight: 0, holdMs, smokeTests },
        { ...all, name: 'the stage after the switch', holdMs },
      ];
    }
    case 'Rolling':
      return batches(config, { total, stable }, all);
    case 'ABTest': {
      const weight = config.percentage;
      return [
        {
          ...all,
          name: `the test at ${weight} %`,
          weight,
          candidate: Math.ceil((total * weight) / 100),
          holdMs: config.testDurationMs,
          compares: true,
        },
        all,
      ];
    }
  }
}

function batches(config: RollingConfig, { total, stable }: Sizes, all: Stage): Stage[] {
  const size =
    'count' in config.batchSize
      ? config.batchSize.count
      : Math.max(1, Math.floor((total * config.batchSize.percent) / 100));
  const count = Math.ceil(total / size);
  return Array.from({ length: count }, (_, at) => {
    const candidate = Math.min(total, (at + 1) * size);
    const isLast = at + 1 === count;
    const left = isLast ? 0 : Math.max(0, stable - candidate);
    return {
      ...all,
      name: `batch ${at + 1} of ${count}`,
      // Of a few hundred, one instance is less than half a percent, and without traffic nothing would be judged.
      weight: Math.max(1, Math.round((100 * candidate) / (candidate + left))),
      candidate,
      stable: left,
      holdMs: config.batchIntervalMs,
    };
  });
}

/** What the strategy promises: so many instances that are ready, whatever it does by itself. */
export const promisedCapacity = ({ total, stable }: Sizes): number => Math.min(total, stable);
