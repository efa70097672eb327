import type { Transaction } from '@switchyard/database';

/** A CI job repeats a step whose answer was lost on the way; a token that somebody found in a log is not that patient. */
export const mostExchanges = 10;

/** Which exchange of the token this is; undefined when it had as many as it may. */
export async function countExchange(
  tx: Transaction,
  tokenHash: string,
  expiresAt: Date,
): Promise<number | undefined> {
  const row = await tx.one<{ uses: number }>(
    `INSERT INTO tenants.exchanged_tokens AS e (token_hash, uses, expires_at) VALUES ($1, 1, $2)
     ON CONFLICT (token_hash) DO UPDATE SET uses = e.uses + 1, expires_at = greatest(e.expires_at, excluded.expires_at)
     WHERE e.uses < $3 RETURNING uses`,
    [tokenHash, expiresAt, mostExchanges],
  );
  return row?.uses;
}

/** Those that are refused by their own end. */
export const pruneExchangedTokens = (tx: Transaction, now: Date): Promise<number> =>
  tx.run(
    `DELETE FROM tenants.exchanged_tokens WHERE token_hash IN
       (SELECT token_hash FROM tenants.exchanged_tokens WHERE expires_at < $1::timestamptz - interval '5 minutes' LIMIT 1000)`,
    [now],
  );
