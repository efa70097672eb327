import fc from 'fast-check';
import type { Command } from '../command.js';
import type { Accepted } from './rollout.js';
import { steady, type Behaviour, type WorldOptions } from './world.js';

/** A rollout, the version that it brings, and where. */
export interface Case {
  readonly accepted: Accepted;
  readonly behaviour: Omit<Behaviour, 'respond'> & { readonly respond: () => Behaviour['respond'] };
  readonly options: Omit<WorldOptions, 'candidate'>;
}

const often = <T>(value: T, rarely: fc.Arbitrary<T>, weight = 5): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: fc.constant(value), weight }, { arbitrary: rarely, weight: 1 });

const flag = fc.constantFrom('true', 'false');
const accepted: fc.Arbitrary<Accepted> = fc
  .oneof(
    fc.record({
      strategy: fc.constant('Direct' as const),
      values: fc.record({ autoRollback: flag, healthCheckTimeout: fc.constantFrom('5', '60') }),
    }),
    fc.record({
      strategy: fc.constant('Canary' as const),
      values: fc.record({
        autoRollback: flag,
        stages: fc.constantFrom('10,30,50,100', '1', '50', '100', '33,66'),
        stageInterval: fc.constantFrom('1', '20'),
        onNoData: fc.constantFrom('pass', 'hold', 'fail'),
      }),
    }),
    fc.record({
      strategy: fc.constant('BlueGreen' as const),
      values: fc.record({
        autoRollback: flag,
        healthCheckDuration: fc.constantFrom('0', '10'),
        smokeTestEndpoints: fc.constantFrom('/health', '/a,/b'),
        keepOldEnvironment: flag,
      }),
    }),
    fc.record({
      strategy: fc.constant('Rolling' as const),
      values: fc.record({
        autoRollback: flag,
        batchSize: fc.constantFrom('1', '3', '25%', '100%'),
        batchInterval: fc.constantFrom('0', '5'),
        healthCheckTimeout: fc.constantFrom('5', '60'),
      }),
    }),
    fc.record({
      strategy: fc.constant('ABTest' as const),
      values: fc.record({
        autoRollback: flag,
        percentage: fc.constantFrom('1', '50', '99'),
        testDuration: fc.constantFrom('5', '30'),
        successCriteria: fc.constantFrom('errorRate < 0.01', 'avgResponseTime < 10'),
        routingStrategy: fc.constantFrom('user-hash', 'request'),
      }),
    }),
  )
  .chain((chosen) =>
    fc
      .record({
        totalInstances: fc.integer({ min: 1, max: 12 }),
        needsApproval: often(false, fc.constant(true)),
      })
      .map((rest) => ({ ...chosen, ...rest, limits: { progressDeadlineMs: 40_000 } })),
  );

const behaviourWith = (latencies: readonly number[]) =>
  fc
    .record({
      startMs: fc.constantFrom(0, 1_500, 1_500, 9_000, Infinity),
      crashing: fc.constantFrom(0, 0, 0, 1, 12),
      hanging: fc.constantFrom(0, 0, 0, 1, 12),
      hangsAfterMs: fc.constantFrom(0, 3_000),
      smokeTest: fc.constantFrom('passes' as const, 'passes' as const, 'fails' as const),
      errorRate: fc.constantFrom(0, 0.002, 0.4),
      latency: fc.constantFrom(...latencies),
    })
    .map(({ errorRate, latency, ...rest }) => ({ ...rest, respond: () => steady(errorRate, latency) }));

const options = fc.record({
  stableInstances: fc.integer({ min: 0, max: 12 }),
  requestsPerSecond: fc.constantFrom(0, 3, 400),
  leaveMs: fc.constantFrom(0, 400, 2_500),
});

export const anyCase: fc.Arbitrary<Case> = fc.record({
  accepted,
  behaviour: behaviourWith([5, 40, 900]),
  options,
});

/** Of these the end depends on what they are, not on when somebody looks. */
export const timelessCase = fc
  .record({ accepted, behaviour: behaviourWith([5, 40]), options })
  .map(({ accepted: given, behaviour, options: world }): Case => {
    const startMs = behaviour.startMs === 9_000 ? 1_500 : behaviour.startMs;
    return {
      accepted: given,
      behaviour: { ...behaviour, startMs, hangsAfterMs: 0 },
      options: { ...world, requestsPerSecond: world.requestsPerSecond === 400 ? 4_000 : 0 },
    };
  });

const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    type: fc.constantFrom('approve' as const, 'approve' as const, 'pause' as const, 'resume' as const),
    actor: fc.constant('bob'),
  }),
  fc.record({ type: fc.constantFrom('reject' as const, 'abort' as const), actor: fc.constant('bob') }),
  fc.record({ type: fc.constant('promote' as const), full: fc.boolean(), actor: fc.constant('bob') }),
  fc.record({
    type: fc.constant('rollback' as const),
    rollbackDeploymentId: fc.constantFrom(null, 'dep-9'),
    actor: fc.constant('bob'),
  }),
  fc.record({ type: fc.constant('supersede' as const), by: fc.constant('dep-2'), actor: fc.constant('bob') }),
);

/** How the reconciler may fail in a look. */
export type Fault = 'none' | 'storedOnly' | 'actedOnly' | 'halfActed' | 'halfActedOnly';
export const anyFault = fc.constantFrom<Fault>(
  'none',
  'storedOnly',
  'actedOnly',
  'halfActed',
  'halfActedOnly',
);

/** The reconciler does: all of it is one transaction. */
export const storesFirst = (fault: Fault): boolean => fault !== 'actedOnly' && fault !== 'halfActedOnly';

/** What may happen before a look, and in it. */
export const anyTurn = fc.record({
  command: often<Command | null>(null, anyCommand, 15),
  disturbed: often<['stable' | 'candidate', number][]>(
    [],
    fc.array(fc.tuple(fc.constantFrom('stable' as const, 'candidate' as const), fc.nat(11)), {
      maxLength: 4,
    }),
    3,
  ),
  unconfirmed: often(false, fc.constant(true)),
  predecessor: often<string | null>(null, fc.constant('dep-0')),
  clock: often(0, fc.constantFrom(-30_000, 20_000), 20),
  fault: often<Fault>('none', anyFault, 2),
});
