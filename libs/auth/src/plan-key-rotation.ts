/** Times in epoch milliseconds. A key goes one way: published, signing, retired, removed. */
export interface RotatingKey {
  readonly kid: string;
  /** In the JWKS since. */
  readonly createdAt: number;
  /** Signing since; null while it is only published. */
  readonly activatesAt: number | null;
  /** Not signing since. */
  readonly retiresAt: number | null;
}

export interface KeyRotationPolicy {
  readonly rotateEvery: number;
  /** How long every verifier needs to have seen a new key. */
  readonly publishBefore: number;
  readonly longestTokenLife: number;
  /** Clock differences, and the time until the last process has noticed that another key signs now. */
  readonly leeway: number;
}

export type KeyRotationAction =
  | { readonly action: 'create' }
  | { readonly action: 'promote'; readonly kid: string }
  | { readonly action: 'retire'; readonly kid: string }
  | { readonly action: 'remove'; readonly kid: string }
  | { readonly action: 'wait'; readonly until: number };

/** The key that signs: of those at work the one promoted last, so that promote and retire need no common step. */
export function currentSigningKey<K extends RotatingKey>(keys: readonly K[]): K | undefined {
  return keys
    .filter(isSigning)
    .toSorted((a, b) => byTime(b.activatesAt, a.activatesAt) || compare(b.kid, a.kid))[0];
}

/** One action at a time: carry it out, then ask again. */
export function planKeyRotation(
  keys: readonly RotatingKey[],
  now: number,
  policy: KeyRotationPolicy,
): KeyRotationAction {
  assertPossible(policy);
  const signing = currentSigningKey(keys);
  const next = keys
    .filter((key) => key.activatesAt === null && key.retiresAt === null)
    .toSorted((a, b) => a.createdAt - b.createdAt || compare(a.kid, b.kid))[0];

  // Without a key that signs nobody can sign in: then a key that is hardly published is better than none.
  if (signing === undefined) return next ? { action: 'promote', kid: next.kid } : { action: 'create' };

  const surplus = keys.find((key) => isSigning(key) && key.kid !== signing.kid);
  if (surplus) return { action: 'retire', kid: surplus.kid };

  const rotationDue = (signing.activatesAt ?? now) + policy.rotateEvery;
  const nextStep = next
    ? Math.max(rotationDue, next.createdAt + policy.publishBefore)
    : rotationDue - policy.publishBefore;
  if (now >= nextStep) return next ? { action: 'promote', kid: next.kid } : { action: 'create' };

  const removals = keys.flatMap((key) => removalOf(key, policy));
  const removal = removals.find(({ due }) => now >= due);
  if (removal) return { action: 'remove', kid: removal.kid };
  return { action: 'wait', until: Math.min(nextStep, ...removals.map(({ due }) => due)) };
}

const isSigning = (key: RotatingKey): boolean => key.activatesAt !== null && key.retiresAt === null;

function removalOf(key: RotatingKey, policy: KeyRotationPolicy): { kid: string; due: number }[] {
  if (key.retiresAt === null) return [];
  return [{ kid: key.kid, due: key.retiresAt + policy.longestTokenLife + policy.leeway }];
}

function assertPossible({ rotateEvery, publishBefore, longestTokenLife, leeway }: KeyRotationPolicy): void {
  if ([rotateEvery, publishBefore, longestTokenLife, leeway].some((time) => !(time >= 0))) {
    throw new RangeError('Key rotation: every time of the policy is a number of milliseconds');
  }
  if (publishBefore >= rotateEvery) {
    throw new RangeError(
      `Key rotation: publishBefore (${publishBefore}) must be below rotateEvery (${rotateEvery})`,
    );
  }
}

const byTime = (a: number | null, b: number | null): number => (a ?? 0) - (b ?? 0);
const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
