import fc from 'fast-check';
import { instanceStates } from '@switchyard/contracts';
import type { CheckState } from './after-check.js';
import { judgeSet, type SeenInstance } from './judge-set.js';
import { noTraffic } from './traffic-window.js';

const instance = (more: Partial<SeenInstance> = {}): SeenInstance => ({
  instanceId: 'one',
  ready: true,
  state: 'Ready',
  reason: null,
  checked: true,
  ...more,
});
const check = (verdict: CheckState['verdict'], reason: string | null = null): CheckState => ({
  failures: 0,
  successes: 1,
  verdict,
  reason,
});
const judged = (seen: SeenInstance, state?: CheckState) =>
  judgeSet([seen], new Map(state ? [[seen.instanceId, state]] : []), noTraffic, null).instances[0];

describe('an instance', () => {
  it.each([
    ['passed its checks', instance(), check('Healthy'), 'Healthy'],
    ['failed its checks', instance(), check('Unhealthy', 'no answer'), 'Unhealthy'],
    ['was never checked', instance(), undefined, 'Unknown'],
    ['is ready and checked by nothing', instance({ checked: false }), undefined, 'Healthy'],
    ['starts', instance({ ready: false, state: 'Starting' }), undefined, 'Unknown'],
    [
      'starts again after it failed',
      instance({ ready: false, state: 'Starting' }),
      check('Unhealthy'),
      'Unhealthy',
    ],
    ['passed its checks and is not ready any more', instance({ ready: false }), check('Healthy'), 'Unknown'],
    ['crashed', instance({ ready: false, state: 'Crashed' }), check('Healthy'), 'Unhealthy'],
  ] as const)('that %s', (_, seen, state, verdict) => expect(judged(seen, state)?.verdict).toBe(verdict));

  it('that is being stopped counts for nothing', () =>
    expect(judgeSet([instance({ state: 'Stopping' })], new Map(), noTraffic, null)).toMatchObject({
      verdict: 'Unknown',
      total: 0,
      reason: 'there are no instances',
    }));
});

describe('a set', () => {
  const checks = new Map([
    ['one', check('Healthy')],
    ['two', check('Unhealthy', '/health answered 500')],
  ]);

  it('says what is wrong with the first that is ill', () =>
    expect(judgeSet([instance(), instance({ instanceId: 'two' })], checks, noTraffic, null)).toMatchObject({
      verdict: 'Degraded',
      reason: '1 of 2 instances are unhealthy: /health answered 500',
      healthy: 1,
      unhealthy: 1,
      total: 2,
    }));

  const healthCheck = {
    type: 'HttpEndpoint' as const,
    httpEndpoint: '/health',
    intervalSeconds: 30,
    timeoutSeconds: 5,
    failureThreshold: 3,
    successThreshold: 1,
  };
  const of = (requests: number, errors: number, milliseconds = 10) =>
    ({ requests, errors, timed: requests, latencySumMs: requests * milliseconds }) as const;

  it.each([
    [of(19, 19), 'Healthy', '1 of 1 instances are healthy'],
    [of(20, 1), 'Healthy', '1 of 1 instances are healthy'],
    [of(20, 2), 'Unhealthy', 'error rate 10 % of 20 requests in the last 60 s, at most 5 % is allowed'],
    [
      of(20, 0, 501),
      'Degraded',
      'response time 501 ms on average of 20 requests in the last 60 s, at most 500 ms is allowed',
    ],
    [of(20, 0, 500), 'Healthy', '1 of 1 instances are healthy'],
    [{ ...of(20, 0), timed: 0, latencySumMs: 0 }, 'Healthy', '1 of 1 instances are healthy'],
  ] as const)('with %j is %s', (traffic, verdict, reason) =>
    expect(judgeSet([instance()], checks, traffic, { ...healthCheck, maxResponseTimeMs: 500 })).toMatchObject(
      { verdict, reason },
    ),
  );

  it('is never Healthy with an unhealthy instance or none, and counts each instance once', () => {
    const anyInstance = fc.record({
      instanceId: fc.constantFrom('one', 'two', 'three'),
      ready: fc.boolean(),
      state: fc.constantFrom(...instanceStates),
      reason: fc.constant(null),
      checked: fc.boolean(),
    });
    const anyTraffic = fc
      .tuple(fc.nat(1_000), fc.nat(1_000))
      .map(([requests, errors]) => of(requests, Math.min(requests, errors)));
    fc.assert(
      fc.property(fc.array(anyInstance, { maxLength: 8 }), anyTraffic, (instances, traffic) => {
        const { verdict, healthy, unhealthy, total } = judgeSet(instances, checks, traffic, null);
        expect(healthy + unhealthy).toBeLessThanOrEqual(total);
        expect(total).toBe(instances.filter(({ state }) => state !== 'Stopping').length);
        if (verdict === 'Healthy') expect([healthy > 0, unhealthy]).toEqual([true, 0]);
        if (verdict === 'Unhealthy')
          expect(healthy === 0 || traffic.errors / traffic.requests > 0.05).toBe(true);
      }),
    );
  });
});
