import fc from 'fast-check';
import {
  currentSigningKey,
  planKeyRotation,
  type KeyRotationPolicy,
  type RotatingKey,
} from './plan-key-rotation.js';

const HOUR = 3_600_000;
const policy: KeyRotationPolicy = {
  rotateEvery: 720 * HOUR,
  publishBefore: 24 * HOUR,
  longestTokenLife: HOUR,
  leeway: HOUR,
};
/** Times in hours. */
const key = (
  kid: string,
  createdAt: number,
  activatesAt: number | null = null,
  retiresAt: number | null = null,
): RotatingKey => ({
  kid,
  createdAt: createdAt * HOUR,
  activatesAt: activatesAt === null ? null : activatesAt * HOUR,
  retiresAt: retiresAt === null ? null : retiresAt * HOUR,
});
const wait = (hours: number) => ({ action: 'wait', until: hours * HOUR });
const create = { action: 'create' };
const promote = (kid: string) => ({ action: 'promote', kid });
const retire = (kid: string) => ({ action: 'retire', kid });
const remove = (kid: string) => ({ action: 'remove', kid });

describe('planKeyRotation', () => {
  it.each([
    ['there is no key at all: create', [], 0, create],
    ['the first key is there: it signs at once', [key('a', 0)], 0, promote('a')],
    ['only retired keys: create', [key('a', 0, 0, 1)], 1, create],
    [
      'only a retired key and a fresh one: the fresh one signs, however fresh',
      [key('a', 0, 0, 1), key('b', 1)],
      1,
      promote('b'),
    ],
    ['the key is young: wait until the next is due', [key('a', 0, 0)], 1, wait(696)],
    ['just before the next is due: wait', [key('a', 0, 0)], 695.9, wait(696)],
    ['the next is due: create', [key('a', 0, 0)], 696, create],
    ['the next is long overdue: create', [key('a', 0, 0)], 9999, create],
    ['the next is published, the rotation not due: wait', [key('a', 0, 0), key('b', 696)], 719, wait(720)],
    ['the rotation is due: promote', [key('a', 0, 0), key('b', 696)], 720, promote('b')],
    [
      'the rotation is due, the next not long enough published: wait',
      [key('a', 0, 0), key('b', 710)],
      725,
      wait(734),
    ],
    ['now it is: promote', [key('a', 0, 0), key('b', 710)], 734, promote('b')],
    [
      'several are published: the oldest signs next',
      [key('a', 0, 0), key('c', 696), key('b', 690)],
      720,
      promote('b'),
    ],
    ['two of the same age: by name', [key('a', 0, 0), key('c', 696), key('b', 696)], 720, promote('b')],
    ['two keys are at work: retire the older', [key('a', 0, 0), key('b', 696, 720)], 720, retire('a')],
    [
      'three are: retire one after the other',
      [key('a', 0, 0), key('b', 0, 1), key('c', 0, 2)],
      3,
      retire('a'),
    ],
    ['two promoted at once: retire the one by name', [key('a', 0, 5), key('b', 0, 5)], 5, retire('a')],
    ['a retired key may still be needed: wait', [key('a', 0, 0, 720), key('b', 696, 720)], 721.9, wait(722)],
    ['no token of it can be alive: remove', [key('a', 0, 0, 720), key('b', 696, 720)], 722, remove('a')],
    ['removal and creation are due: create first', [key('a', 0, 0, 720), key('b', 696, 720)], 9999, create],
    [
      'a published key was withdrawn: remove it later',
      [key('a', 0, 0), key('b', 1, null, 2)],
      4,
      remove('b'),
    ],
    ['the clock went back: wait', [key('a', 10, 10)], 0, wait(706)],
  ])('%s', (_sentence, keys, hours, expected) => {
    expect(planKeyRotation(keys, hours * HOUR, policy)).toEqual(expected);
  });

  it.each([
    { publishBefore: 720 * HOUR },
    { publishBefore: 721 * HOUR },
    { leeway: -1 },
    { longestTokenLife: NaN },
  ])('refuses the contradictory policy %j', (change) => {
    expect(() => planKeyRotation([], 0, { ...policy, ...change })).toThrow(RangeError);
  });
});

describe('whatever the times and however late somebody looks', () => {
  const times = fc.record({
    policy: fc.record({
      rotateEvery: fc.integer({ min: 20, max: 500 }),
      publishBefore: fc.integer({ min: 1, max: 19 }),
      longestTokenLife: fc.integer({ min: 1, max: 300 }),
      leeway: fc.nat(20),
    }),
    steps: fc.array(fc.oneof(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 900 })), {
      minLength: 20,
      maxLength: 150,
    }),
    /** A crash after an action: the rest is done at the next look. */
    patience: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 10 }),
  });

  it('exactly one key signs, it was published in time, and every living token has its key published', () => {
    fc.assert(
      fc.property(times, ({ policy: limits, steps, patience }) => {
        let now = 1_000_000;
        let keys: RotatingKey[] = [];
        const tokens: { kid: string; exp: number }[] = [];
        const settle = (most: number) => {
          for (let i = 0; i < most; i += 1) keys = carryOut(keys, planKeyRotation(keys, now, limits), now);
        };
        settle(2);
        const bootstrap = currentSigningKey(keys)?.kid;
        for (const [index, step] of steps.entries()) {
          now += step;
          settle(patience[index % patience.length] ?? 1);
          const signing = currentSigningKey(keys);
          expect(signing).toBeDefined();
          if (signing === undefined) return;
          const published = (signing.activatesAt ?? 0) - signing.createdAt;
          if (signing.kid !== bootstrap) expect(published).toBeGreaterThanOrEqual(limits.publishBefore);
          tokens.push({ kid: signing.kid, exp: now + limits.longestTokenLife });
          const kids = new Set(keys.map(({ kid }) => kid));
          expect(tokens.filter(({ kid, exp }) => exp >= now && !kids.has(kid))).toEqual([]);
        }
      }),
    );
  });

  it('comes to rest: after a few actions there is nothing to do, and keys do not pile up', () => {
    fc.assert(
      fc.property(times, ({ policy: limits, steps }) => {
        let now = 1_000_000;
        let keys: RotatingKey[] = [];
        for (const step of steps) {
          now += step;
          let actions = 0;
          for (
            let plan = planKeyRotation(keys, now, limits);
            plan.action !== 'wait';
            plan = planKeyRotation(keys, now, limits)
          ) {
            keys = carryOut(keys, plan, now);
            expect((actions += 1)).toBeLessThan(50);
          }
          const plan = planKeyRotation(keys, now, limits);
          expect(plan.action === 'wait' && plan.until > now).toBe(true);
          expect(keys.filter(({ retiresAt }) => retiresAt === null).length).toBeLessThanOrEqual(2);
        }
      }),
    );
  });

  let serial = 0;
  function carryOut(
    keys: RotatingKey[],
    plan: ReturnType<typeof planKeyRotation>,
    now: number,
  ): RotatingKey[] {
    const change = (kid: string, changes: Partial<RotatingKey>) =>
      keys.map((each) => (each.kid === kid ? { ...each, ...changes } : each));
    if (plan.action === 'create') {
      return [...keys, { kid: `k${(serial += 1)}`, createdAt: now, activatesAt: null, retiresAt: null }];
    }
    if (plan.action === 'promote') return change(plan.kid, { activatesAt: now });
    if (plan.action === 'retire') return change(plan.kid, { retiresAt: now });
    if (plan.action === 'remove') return keys.filter(({ kid }) => kid !== plan.kid);
    return keys;
  }
});
