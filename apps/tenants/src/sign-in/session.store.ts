import type { Transaction } from '@switchyard/database';

export interface SessionRow {
  session_id: string;
  user_id: string;
  refresh_hash: string;
  expires_at: Date;
  ended_at: Date | null;
}

export const insertSession = (tx: Transaction, session: Omit<SessionRow, 'ended_at'>): Promise<number> =>
  tx.run(
    'INSERT INTO tenants.sessions (session_id, user_id, refresh_hash, expires_at) VALUES ($1, $2, $3, $4)',
    [session.session_id, session.user_id, session.refresh_hash, session.expires_at],
  );

export const ownerOfSession = async (tx: Transaction, sessionId: string): Promise<string | undefined> =>
  (
    await tx.one<{ user_id: string }>('SELECT user_id FROM tenants.sessions WHERE session_id = $1', [
      sessionId,
    ])
  )?.user_id;

export const lockSession = (tx: Transaction, sessionId: string): Promise<SessionRow | undefined> =>
  tx.one<SessionRow>(
    'SELECT session_id, user_id, refresh_hash, expires_at, ended_at FROM tenants.sessions WHERE session_id = $1 FOR UPDATE',
    [sessionId],
  );

export const rotateSession = (
  tx: Transaction,
  sessionId: string,
  refreshHash: string,
  expiresAt: Date,
): Promise<number> =>
  tx.run('UPDATE tenants.sessions SET refresh_hash = $2, expires_at = $3 WHERE session_id = $1', [
    sessionId,
    refreshHash,
    expiresAt,
  ]);

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
