import fc from 'fast-check';
import { defaultLimits } from './default-limits.js';
import { defaultStrategyOf } from './default-strategy-of.js';
import { parseStrategyConfig } from './parse-strategy-config.js';
import { stagePlan } from './stage-plan.js';
import { strategies, type Limits, type Strategy } from './strategy-config.js';

const parsed = (strategy: Strategy, values: Record<string, string> = {}, limits: Partial<Limits> = {}) => {
  const result = parseStrategyConfig(strategy, values, { limits });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.config;
};
const problems = (strategy: Strategy, values: Record<string, string>) => {
  const result = parseStrategyConfig(strategy, values);
  return result.ok ? [] : result.problems.map(({ field, message }) => `${field} ${message}`);
};

describe('parseStrategyConfig', () => {
  it('reads the example of the documentation', () => {
    const example = { canaryPercentage: '10', stages: '10,30,50,100', stageInterval: '300' };
    expect(parsed('Canary', example)).toEqual({
      strategy: 'Canary',
      autoRollback: true,
      limits: defaultLimits,
      stages: [10, 30, 50, 100],
      stageIntervalMs: 300_000,
      onNoData: 'pass',
    });
  });

  it('needs nothing at all', () => {
    expect(strategies.map((strategy) => parsed(strategy))).toMatchObject([
      { autoRollback: false, healthCheckTimeoutMs: 120_000 },
      { autoRollback: true, stages: [10, 30, 50, 100], stageIntervalMs: 300_000 },
      { autoRollback: true, healthCheckDurationMs: 30_000, smokeTestEndpoints: [], keepOldEnvironment: true },
      {
        autoRollback: true,
        batchSize: { percent: 25 },
        batchIntervalMs: 30_000,
        healthCheckTimeoutMs: 120_000,
      },
      {
        autoRollback: true,
        percentage: 50,
        testDurationMs: 3_600_000,
        metricsToTrack: ['errorRate', 'avgResponseTime'],
        successCriteria: [],
        routingStrategy: 'user-hash',
      },
    ]);
  });

  it('reads every key', () => {
    expect(
      parsed('Canary', {
        stages: ' 5 , 100 ',
        stageInterval: '0.5',
        errorRateThreshold: '0.02',
        responseTimeThreshold: '250',
        minSamples: '100',
        onNoData: 'hold',
        autoRollback: 'false',
      }),
    ).toMatchObject({
      stages: [5, 100],
      stageIntervalMs: 500,
      limits: { errorRate: 0.02, responseTimeMs: 250, minSamples: 100 },
      onNoData: 'hold',
      autoRollback: false,
    });
    expect(parsed('Rolling', { batchSize: '3' })).toMatchObject({ batchSize: { count: 3 } });
    expect(
      parsed('ABTest', {
        metricsToTrack: 'errorRate',
        successCriteria: 'errorRate<0.01, p95ResponseTime >= 20',
        routingStrategy: 'request',
      }),
    ).toMatchObject({
      metricsToTrack: ['errorRate', 'p95ResponseTime'],
      successCriteria: [
        { metric: 'errorRate', operator: '<', number: 0.01 },
        { metric: 'p95ResponseTime', operator: '>=', number: 20 },
      ],
    });
    expect(parsed('BlueGreen', { smokeTestEndpoints: '/health, /v1/ping?deep=1' })).toMatchObject({
      smokeTestEndpoints: ['/health', '/v1/ping?deep=1'],
    });
  });

  it('takes one percentage as the only stage before all of it', () => {
    expect(parsed('Canary', { canaryPercentage: '25' })).toMatchObject({ stages: [25, 100] });
    expect(parsed('Canary', { canaryPercentage: '100' })).toMatchObject({ stages: [100] });
  });

  it('takes limits from the health check, and the own keys before them', () => {
    const limits = { errorRate: 0.1, responseTimeMs: 900 };
    expect(parsed('BlueGreen', {}, limits).limits).toMatchObject(limits);
    expect(parsed('Canary', { errorRateThreshold: '0.2' }, limits).limits).toMatchObject({
      errorRate: 0.2,
      responseTimeMs: 900,
    });
  });

  const stageRule =
    'strategyConfig.stages must be up to 20 ascending whole percentages from 1 to 100 with commas, for example 10,30,50,100';
  it.each<[Strategy, Record<string, string>, string]>([
    ['Canary', { stages: '10,30,20' }, stageRule],
    ['Canary', { stages: '0,50' }, stageRule],
    ['Canary', { stages: '10,101' }, stageRule],
    ['Canary', { stages: '10,,50' }, stageRule],
    ['Canary', { stages: '10.5' }, stageRule],
    ['Canary', { stages: '' }, stageRule],
    ['Canary', { stages: Array.from({ length: 21 }, (_, at) => at + 1).join() }, stageRule],
    [
      'Canary',
      { stages: '10,100', canaryPercentage: '20' },
      'strategyConfig.canaryPercentage contradicts stages, which begins with 10: leave one of them out',
    ],
    [
      'Canary',
      { canaryPercentage: '0' },
      'strategyConfig.canaryPercentage must be a whole number from 1 to 100',
    ],
    ['Canary', { stageInterval: '5m' }, 'strategyConfig.stageInterval must be seconds, from 0.1 to 604800'],
    ['Canary', { stageInterval: '-1' }, 'strategyConfig.stageInterval must be seconds, from 0.1 to 604800'],
    [
      'Canary',
      { errorRateThreshold: '5%' },
      'strategyConfig.errorRateThreshold must be a number from 0 to 1',
    ],
    [
      'Canary',
      { errorRateThreshold: '1e-3' },
      'strategyConfig.errorRateThreshold must be a number from 0 to 1',
    ],
    ['Canary', { onNoData: 'ignore' }, 'strategyConfig.onNoData must be one of pass, hold, fail'],
    ['Canary', { autoRollback: 'yes' }, 'strategyConfig.autoRollback must be one of true, false'],
    [
      'Rolling',
      { batchSize: '0' },
      'strategyConfig.batchSize must be a number of instances from 1 to 1000, or a share from 1% to 100%',
    ],
    [
      'Rolling',
      { batchSize: '101%' },
      'strategyConfig.batchSize must be a number of instances from 1 to 1000, or a share from 1% to 100%',
    ],
    ['Direct', { batchSize: '1' }, 'strategyConfig.batchSize is not a key of this strategy'],
    ['Direct', { toString: '1' }, 'strategyConfig.toString is not a key of this strategy'],
    ['ABTest', { percentage: '100' }, 'strategyConfig.percentage must be a whole number from 1 to 99'],
    [
      'ABTest',
      { metricsToTrack: 'conversion' },
      'strategyConfig.metricsToTrack must be a list of errorRate, avgResponseTime, p95ResponseTime',
    ],
  ])('refuses %s with %j', (strategy, values, expected) => {
    expect(problems(strategy, values)).toEqual([expected]);
  });

  it.each(['http://elsewhere/', '//elsewhere/', 'health', '/a b', '/a\\b', '/a#b', '/a\r\nHost:b', '/,'])(
    'refuses %j as a smoke test',
    (smokeTestEndpoints) => {
      expect(problems('BlueGreen', { smokeTestEndpoints })).toHaveLength(1);
    },
  );

  it.each(['errorRate = 0.1', 'errors < 1', 'errorRate <', '< 3', 'errorRate < -1', 'errorRate < 1;x'])(
    'refuses %j as a criterion',
    (successCriteria) => {
      expect(problems('ABTest', { successCriteria })).toHaveLength(1);
    },
  );

  it('tells all of it at once, with what came and what is allowed', () => {
    const result = parseStrategyConfig('Canary', { onNoData: 'x', minSamples: '0', colour: 'red' });
    expect(result).toEqual({
      ok: false,
      problems: [
        expect.objectContaining({ field: 'strategyConfig.minSamples', received: '0' }),
        expect.objectContaining({
          field: 'strategyConfig.onNoData',
          received: 'x',
          allowed: ['pass', 'hold', 'fail'],
        }),
        expect.objectContaining({
          field: 'strategyConfig.colour',
          received: 'red',
          allowed: expect.arrayContaining(['stages', 'stageInterval', 'autoRollback']),
        }),
      ],
    });
  });

  it('answers for any text whatever, and what it accepts can be planned', () => {
    const keys = [
      'stages',
      'canaryPercentage',
      'batchSize',
      'percentage',
      'stageInterval',
      'successCriteria',
    ];
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[0-9,.% ]{0,12}$/));
    fc.assert(
      fc.property(
        fc.constantFrom(...strategies),
        fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string()), text, { maxKeys: 4 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 0, max: 50 }),
        (strategy, values, total, stable) => {
          const result = parseStrategyConfig(strategy, values);
          if (!result.ok) return expect(result.problems.length).toBeGreaterThan(0);
          const plan = stagePlan(result.config, { total, stable });
          expect(plan.at(-1)).toMatchObject({ weight: 100, candidate: total });
          plan.forEach((stage, at) => {
            expect(stage.candidate).toBeGreaterThanOrEqual(plan[at - 1]?.candidate ?? 1);
            expect(stage.weight).toBeGreaterThanOrEqual(plan[at - 1]?.weight ?? 0);
            expect(stage.candidate + stage.stable).toBeGreaterThanOrEqual(Math.min(total, stable));
          });
        },
      ),
    );
  });
});

describe('defaultStrategyOf', () => {
  it('is more careful the nearer to customers', () => {
    const environments = ['Development', 'QA', 'Staging', 'Production'] as const;
    expect(environments.map(defaultStrategyOf)).toEqual(['Direct', 'Rolling', 'Rolling', 'Canary']);
  });
});
