import type { Transaction } from '@switchyard/database';
import { feedPut } from '@switchyard/events';

/** What no gateway may accept any more; each entry is forgotten when no token it means can still be alive. */
export const revocationFeed = 'tenants.revocations';

export type Revocation =
  | { kind: 'session'; id: string; until: number }
  /** Every token of the subject issued before this moment. */
  | { kind: 'subject'; id: string; before: number; until: number };

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
