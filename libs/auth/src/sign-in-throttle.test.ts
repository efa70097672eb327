import fc from 'fast-check';
import {
  afterFailure,
  SIGN_IN_POLICY,
  signInDecision,
  type SignInFailures,
  type ThrottlePolicy,
} from './sign-in-throttle.js';

const NOW = 1_700_000_000_000;
const ago = (seconds: number, count: number): SignInFailures => ({ count, lastAt: NOW - seconds * 1000 });
const policy: ThrottlePolicy = {
  freeTries: 3,
  firstDelaySeconds: 2,
  longestDelaySeconds: 60,
  forgetOneEverySeconds: 100,
};
const both = { account: policy, address: { ...policy, freeTries: 10 } };
const waiting = (retryAfterSeconds: number) => ({ allowed: false, retryAfterSeconds });
const allowed = { allowed: true };

describe('signInDecision', () => {
  it.each([
    ['nobody failed', {}, allowed],
    ['fewer failures than are free', { account: ago(0, 2) }, allowed],
    ['the last free try is used', { account: ago(0, 3) }, waiting(2)],
    ['one more doubles the delay', { account: ago(0, 4) }, waiting(4)],
    ['and again', { account: ago(0, 5) }, waiting(8)],
    ['up to the longest delay', { account: ago(0, 8) }, waiting(60)],
    ['which no number exceeds', { account: ago(0, 5000) }, waiting(60)],
    ['part of the delay has passed', { account: ago(3, 5) }, waiting(5)],
    ['parts of seconds count as whole ones', { account: ago(3.2, 5) }, waiting(5)],
    ['the delay has passed', { account: ago(8, 5) }, allowed],
    ['the address fails beyond its own limit', { address: ago(0, 11) }, waiting(4)],
    ['an address may fail more often than an account', { address: ago(0, 9) }, allowed],
    ['the longer of both counts', { account: ago(0, 3), address: ago(0, 12) }, waiting(8)],
    ['the last failure lies in the future of this clock', { account: ago(-3600, 4) }, waiting(4)],
  ])('%s', (_sentence, failures, expected) => {
    expect(signInDecision(failures, NOW, both)).toEqual(expected);
  });

  it('lets nobody lock somebody else out for more than a minute', () => {
    expect(signInDecision({ account: ago(0, 1e9) }, NOW)).toEqual(waiting(60));
  });
});

describe('afterFailure', () => {
  it.each([
    ['the first', undefined, 1],
    ['one more at once', ago(0, 2), 3],
    ['one was forgotten meanwhile', ago(100, 2), 2],
    ['nothing is forgotten while the delay is served', ago(107, 5), 6],
    ['but from its end on', ago(108, 5), 5],
    ['all were', ago(100_000, 5), 1],
    ['no more than the longest delay needs', ago(0, 8), 8],
  ])('%s', (_sentence, before, count) => {
    expect(afterFailure(before, NOW, policy)).toEqual({ count, lastAt: NOW });
  });

  it('slows a patient attacker to a crawl: hardly more than a thousand tries a day, for any one account', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), (extraPatience) => {
        let now = NOW;
        let failures: SignInFailures | undefined;
        let tries = 0;
        while (now < NOW + 86_400_000) {
          const decision = signInDecision(failures ? { account: failures } : {}, now);
          if (!decision.allowed) now += (decision.retryAfterSeconds + extraPatience) * 1000;
          failures = afterFailure(failures, now, SIGN_IN_POLICY.account);
          tries += 1;
        }
        expect(tries).toBeLessThan(1500);
      }),
      { numRuns: 20 },
    );
  });
});
