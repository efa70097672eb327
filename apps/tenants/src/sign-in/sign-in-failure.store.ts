import {
  addressGroup,
  afterFailure,
  SIGN_IN_POLICY,
  signInDecision,
  type SignInDecision,
  type SignInFailures,
} from '@switchyard/auth';
import type { Transaction } from '@switchyard/database';

/** Who keeps failing: an account's name, existing or not, or an address. */
export interface SignInAttempt {
  username: string;
  address: string;
}

const accountKey = (attempt: SignInAttempt): string => `account:${attempt.username}`;
const addressKey = (attempt: SignInAttempt): string => `address:${addressGroup(attempt.address)}`;

/**
 * Decides whether the attempt may be made, and counts it as failed before it is: a hundred guesses sent at once are
 * a hundred guesses. A good one is forgiven afterwards.
 */
export async function takeAttempt(
  tx: Transaction,
  attempt: SignInAttempt,
  now: number,
): Promise<SignInDecision> {
  const subjects = [accountKey(attempt), addressKey(attempt)];
  for (const subject of subjects)
    await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [subject]);
  const rows = await tx.query<{ subject: string; failures: number; last_at: Date }>(
    'SELECT subject, failures, last_at FROM tenants.sign_in_failures WHERE subject = ANY($1)',
    [subjects],
  );
  const [account, address] = subjects.map((subject): SignInFailures | undefined => {
    const row = rows.find((r) => r.subject === subject);
    return row && { count: row.failures, lastAt: row.last_at.getTime() };
  });
  const decision = signInDecision(
    { ...(account ? { account } : {}), ...(address ? { address } : {}) },
    now,
    SIGN_IN_POLICY,
  );
  if (decision.allowed) {
    await saveFailures(tx, accountKey(attempt), afterFailure(account, now, SIGN_IN_POLICY.account));
    await saveFailures(tx, addressKey(attempt), afterFailure(address, now, SIGN_IN_POLICY.address));
  }
  return decision;
}

const saveFailures = (tx: Transaction, subject: string, { count, lastAt }: SignInFailures): Promise<number> =>
  tx.run(
    `INSERT INTO tenants.sign_in_failures VALUES ($1, $2, $3)
     ON CONFLICT (subject) DO UPDATE SET failures = EXCLUDED.failures, last_at = EXCLUDED.last_at`,
    [subject, count, new Date(lastAt)],
  );

/** A good password clears the account's failures, of the address's only its own: one account must not pay for guessing others. */
export async function forgiveAttempt(tx: Transaction, attempt: SignInAttempt): Promise<void> {
  await tx.run('DELETE FROM tenants.sign_in_failures WHERE subject = $1', [accountKey(attempt)]);
  await tx.run(
    'UPDATE tenants.sign_in_failures SET failures = GREATEST(failures - 1, 0) WHERE subject = $1',
    [addressKey(attempt)],
  );
}

export const pruneFailures = (tx: Transaction): Promise<number> =>
  tx.run(`DELETE FROM tenants.sign_in_failures WHERE last_at < now() - interval '1 day'`);
