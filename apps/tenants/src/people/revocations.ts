import type { Transaction } from '@switchyard/database';
import { feedPut } from '@switchyard/events';

/** What no gateway may accept any more; each entry is forgotten when no token it means can still be alive. */
export const revocationFeed = 'tenants.revocations';

export type Revocation =
  | { kind: 'session'; id: string; until: number }
  /** Every token of the subject issued before this moment. */
  | { kind: 'subject'; id: string; before: number; until: number };

/** How long a revocation must be remembered: as long as an access token can live. */
export interface RevocationTerms {
  clock: () => number;
  accessTokenSeconds: number;
}

/** No token is issued further ahead than every gateway tolerates. */
const mostSecondsAhead = 3;

/**
 * From now on only tokens count that know what was just changed. Waits for a sign-in that is on its way, which holds the
 * user's row: whatever it issues is refused too.
 */
export async function refuseTokensOf(tx: Transaction, userId: string, terms: RevocationTerms): Promise<void> {
  await tx.query('SELECT 1 FROM tenants.users WHERE user_id = $1 FOR UPDATE', [userId]);
  const now = terms.clock();
  const latest = Math.min(await firstGoodSecond(tx, userId, now), Math.floor(now / 1000) + mostSecondsAhead);
  const before = latest * 1000 + 1;
  await revoke(tx, { kind: 'subject', id: userId, before, until: before + terms.accessTokenSeconds * 1000 });
}

/**
 * The second that a token issued now may name. Tokens count whole seconds: one that is issued in the very second of a
 * revocation has to name the next one, or it would be taken for one of those that were revoked.
 */
export async function firstGoodSecond(tx: Transaction, userId: string, now: number): Promise<number> {
  const row = await tx.one<{ before: string }>(
    `SELECT data->>'before' AS before FROM events.feed_rows WHERE feed = $1 AND key = $2 AND NOT gone`,
    [revocationFeed, `subject:${userId}`],
  );
  return Math.max(Math.floor(now / 1000), Math.ceil(Number(row?.before ?? 0) / 1000));
}

export const revoke = (tx: Transaction, revocation: Revocation): Promise<void> =>
  feedPut(tx, revocationFeed, `${revocation.kind}:${revocation.id}`, revocation);

export const endSessionsOf = (
  tx: Transaction,
  userId: string,
  except?: string,
): Promise<{ session_id: string }[]> =>
  tx.query(
    'UPDATE tenants.sessions SET ended_at = now() WHERE user_id = $1 AND ended_at IS NULL AND session_id IS DISTINCT FROM $2 RETURNING session_id',
    [userId, except ?? null],
  );
