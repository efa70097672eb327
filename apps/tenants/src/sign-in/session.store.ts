import type { Transaction } from '@switchyard/database';

export interface SessionRow {
  session_id: string;
  user_id: string;
  tenant_id: string | null;
  refresh_hash: string;
  /** Of the refresh tokens that were good before: only whoever held one can use it again. */
  former_hashes: string[];
  expires_at: Date;
  ended_at: Date | null;
}

export const insertSession = (
  tx: Transaction,
  session: Omit<SessionRow, 'ended_at' | 'former_hashes'>,
): Promise<number> =>
  tx.run(
    'INSERT INTO tenants.sessions (session_id, user_id, tenant_id, refresh_hash, expires_at) VALUES ($1, $2, $3, $4, $5)',
    [session.session_id, session.user_id, session.tenant_id, session.refresh_hash, session.expires_at],
  );

export const ownerOfSession = async (tx: Transaction, sessionId: string): Promise<string | undefined> =>
  (
    await tx.one<{ user_id: string }>('SELECT user_id FROM tenants.sessions WHERE session_id = $1', [
      sessionId,
    ])
  )?.user_id;

export const lockSession = (tx: Transaction, sessionId: string): Promise<SessionRow | undefined> =>
  tx.one<SessionRow>('SELECT * FROM tenants.sessions WHERE session_id = $1 FOR UPDATE', [sessionId]);

/** Who uses an older one again can do nothing with it either, and ends nothing. */
const mostFormerHashes = 10;

export const rotateSession = (
  tx: Transaction,
  sessionId: string,
  refreshHash: string,
  expiresAt: Date,
): Promise<number> =>
  tx.run(
    `UPDATE tenants.sessions SET refresh_hash = $2, expires_at = $3, former_hashes = (ARRAY[refresh_hash] || former_hashes)[1:$4]
     WHERE session_id = $1`,
    [sessionId, refreshHash, expiresAt, mostFormerHashes],
  );

export const endSession = (tx: Transaction, sessionId: string): Promise<number> =>
  tx.run('UPDATE tenants.sessions SET ended_at = now() WHERE session_id = $1 AND ended_at IS NULL', [
    sessionId,
  ]);

/** Sessions that nobody can use any more. */
export const pruneSessions = (tx: Transaction, most: number): Promise<number> =>
  tx.run(
    `DELETE FROM tenants.sessions WHERE session_id IN
       (SELECT session_id FROM tenants.sessions WHERE expires_at < now() - interval '1 day' LIMIT $1)`,
    [most],
  );
