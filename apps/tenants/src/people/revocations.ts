import type { Identity } from '@switchyard/auth';
import type { Transaction } from '@switchyard/database';
import { AppError } from '@switchyard/errors';
import { feedPut } from '@switchyard/events';

/** What no gateway may accept any more; each entry is forgotten when no token it means can still be alive. */
export const revocationFeed = 'tenants.revocations';

export type Revocation =
  | { kind: 'session'; id: string; until: number }
  /** Every token of the subject of an earlier generation. */
  | { kind: 'subject'; id: string; generation: number; until: number };

/** How long a revocation must be remembered: as long as an access token can live. */
export interface RevocationTerms {
  clock: () => number;
  accessTokenSeconds: number;
}

/** A token issued on another machine may live that much longer by our clock. */
const toleratedSkewSeconds = 5;

/**
 * From now on only tokens count that know what was just changed. Waits for a sign-in that is on its way, which holds the
 * user's row: whatever it issues is of the generation that is refused.
 */
export async function refuseTokensOf(tx: Transaction, userId: string, terms: RevocationTerms): Promise<void> {
  const user = await tx.one<{ generation: number }>(
    'UPDATE tenants.users SET token_generation = token_generation + 1 WHERE user_id = $1 RETURNING token_generation AS generation',
    [userId],
  );
  if (!user) throw new Error(`user ${userId} vanished before their tokens were refused`);
  await tx.query(`SELECT pg_advisory_xact_lock(${actsOf})`, [userId]);
  await revoke(tx, { kind: 'subject', id: userId, ...user, until: endOfTokens(terms) });
}

/**
 * For what outlives the caller's token: either it is done before the caller's rights are taken, and then seen by whoever
 * takes them, or refused. Asks the feed, which every context may read.
 */
export async function mustStillCount(tx: Transaction, who: Identity): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock_shared(${actsOf})`, [who.subject]);
  const refused = await tx.one<{ generation: number }>(
    `SELECT (data->>'generation')::integer AS generation FROM events.feed_rows WHERE feed = $1 AND key = $2 AND NOT gone`,
    [revocationFeed, `subject:${who.subject}`],
  );
  if ((who.generation ?? 0) < (refused?.generation ?? 0))
    throw new AppError('UNAUTHORIZED', 'The token is no longer valid; sign in again');
}

const actsOf = `hashtextextended('switchyard acts of ' || $1, 0)`;

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
  clock() + (accessTokenSeconds + toleratedSkewSeconds) * 1000;
