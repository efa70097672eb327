/** Failed sign-ins of one account or one address, as somebody else stores them. */
export interface SignInFailures {
  readonly count: number;
  readonly lastAt: number;
}

export interface ThrottlePolicy {
  readonly freeTries: number;
  readonly firstDelaySeconds: number;
  readonly longestDelaySeconds: number;
  /** One failure is forgotten each time this passes without a new one. */
  readonly forgetOneEverySeconds: number;
}

export type SignInDecision =
  { readonly allowed: true } | { readonly allowed: false; readonly retryAfterSeconds: number };

/** An account waits at most a minute, or anybody could lock anybody out; an address has no such right. */
export const SIGN_IN_POLICY: { readonly account: ThrottlePolicy; readonly address: ThrottlePolicy } = {
  account: { freeTries: 5, firstDelaySeconds: 1, longestDelaySeconds: 60, forgetOneEverySeconds: 300 },
  address: { freeTries: 20, firstDelaySeconds: 2, longestDelaySeconds: 900, forgetOneEverySeconds: 60 },
};

const NONE: SignInFailures = { count: 0, lastAt: 0 };

export function signInDecision(
  failures: { readonly account?: SignInFailures; readonly address?: SignInFailures },
  now: number,
  policy = SIGN_IN_POLICY,
): SignInDecision {
  const retryAfterSeconds = Math.max(
    secondsToWait(failures.account ?? NONE, now, policy.account),
    secondsToWait(failures.address ?? NONE, now, policy.address),
  );
  return retryAfterSeconds > 0 ? { allowed: false, retryAfterSeconds } : { allowed: true };
}

/**
 * What to store after one more failure. Old failures are forgotten only from the end of their delay on, or the
 * delay would shrink while it is served; and they stop counting where more of them would delay no longer.
 */
export function afterFailure(
  before: SignInFailures | undefined,
  now: number,
  policy: ThrottlePolicy,
): SignInFailures {
  if (before === undefined) return { count: 1, lastAt: now };
  const idle = Math.max(0, elapsedSeconds(before, now) - delaySeconds(before, policy));
  const remembered = Math.max(0, before.count - Math.floor(idle / policy.forgetOneEverySeconds));
  return { count: Math.min(remembered + 1, countOfLongestDelay(policy)), lastAt: now };
}

function secondsToWait(failures: SignInFailures, now: number, policy: ThrottlePolicy): number {
  return Math.max(0, Math.ceil(delaySeconds(failures, policy) - elapsedSeconds(failures, now)));
}

function delaySeconds({ count }: SignInFailures, policy: ThrottlePolicy): number {
  if (count < policy.freeTries) return 0;
  return Math.min(policy.longestDelaySeconds, policy.firstDelaySeconds * 2 ** (count - policy.freeTries));
}

const countOfLongestDelay = (policy: ThrottlePolicy): number =>
  policy.freeTries + Math.ceil(Math.log2(policy.longestDelaySeconds / policy.firstDelaySeconds));

/** A clock that went backwards makes nobody wait longer than the delay itself. */
const elapsedSeconds = ({ lastAt }: SignInFailures, now: number): number => Math.max(0, now - lastAt) / 1000;
