import type { Identity } from '@switchyard/auth';
import type { Transaction } from '@switchyard/database';
import { AppError } from '@switchyard/errors';
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

/** No token is issued, and none revoked, further ahead than every gateway tolerates. */
const mostSecondsAhead = 3;

/**
 * From now on only tokens count that know what was just changed. Waits for a sign-in that is on its way, which holds the
 * user's row: whatever it issues is refused too.
 */
export async function refuseTokensOf(tx: Transaction, userId: string, terms: RevocationTerms): Promise<void> {
  await tx.query('SELECT 1 FROM tenants.users WHERE user_id = $1 FOR UPDATE', [userId]);
  await tx.query(`SELECT pg_advisory_xact_lock(${actsOf})`, [userId]);
  const now = terms.clock();
  const refused = await refusedBefore(tx, userId);
  const latest = Math.min(secondAfter(refused, now), Math.floor(now / 1000) + mostSecondsAhead);
  const before = Math.max(latest * 1000 + 1, refused);
  await revoke(tx, { kind: 'subject', id: userId, before, until: before + terms.accessTokenSeconds * 1000 });
}

/**
 * The second that a token issued now may name. Tokens count whole seconds: one that is issued in the very second of a
 * revocation has to name the next one, or it would be taken for one of those that were revoked. Undefined after so many
 * revocations at once that the next one could not reach as far as the token: then it has to wait.
 */
export async function firstGoodSecond(
  tx: Transaction,
  userId: string,
  now: number,
): Promise<number | undefined> {
  const second = secondAfter(await refusedBefore(tx, userId), now);
  return second <= Math.floor(now / 1000) + mostSecondsAhead ? second : undefined;
}

/**
 * For what outlives the caller's token: either it is done before the caller's rights are taken, and then seen by whoever
 * takes them, or refused.
 */
export async function mustStillCount(tx: Transaction, who: Identity): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock_shared(${actsOf})`, [who.subject]);
  if (who.issuedAt * 1000 < (await refusedBefore(tx, who.subject)))
    throw new AppError('UNAUTHORIZED', 'The token is no longer valid; sign in again');
}

const actsOf = `hashtextextended('switchyard acts of ' || $1, 0)`;

const secondAfter = (refused: number, now: number): number =>
  Math.max(Math.floor(now / 1000), Math.ceil(refused / 1000));

async function refusedBefore(tx: Transaction, userId: string): Promise<number> {
  const row = await tx.one<{ before: string }>(
    `SELECT data->>'before' AS before FROM events.feed_rows WHERE feed = $1 AND key = $2 AND NOT gone`,
    [revocationFeed, `subject:${userId}`],
  );
  return Number(row?.before ?? 0);
}

export const revoke = (tx: Transaction, revocation: Revocation): Promise<void> =>
  feedPut(tx, revocationFeed, `${revocation.kind}:${revocation.id}`, revocation);

/** Ends them for their access tokens too, whatever second those name. */
export async function endSessionsOf(
  tx: Transaction,
  userId: string,
  terms: RevocationTerms,
  except?: string,
): Promise<void> {
  const ended = await tx.query<{ session_id: string }>(
    'UPDATE tenants.sessions SET ended_at = now() WHERE user_id = $1 AND ended_at IS NULL AND session_id IS DISTINCT FROM $2 RETURNING session_id',
    [userId, except ?? null],
  );
  for (const { session_id } of ended)
    await revoke(tx, { kind: 'session', id: session_id, until: endOfTokens(terms) });
}

/** When the last token that is issued now has expired. */
export const endOfTokens = ({ clock, accessTokenSeconds }: RevocationTerms): number =>
  clock() + (accessTokenSeconds + mostSecondsAhead) * 1000;
