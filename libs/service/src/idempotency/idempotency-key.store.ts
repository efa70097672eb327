import { quoteIdentifier, type ServiceName, type Transaction } from '@switchyard/database';

export interface KeyRow {
  fingerprint: string;
  /** `running`; `committed` once its writes are; `answered` with the answer beside it. */
  state: 'running' | 'committed' | 'answered';
  abandoned: boolean;
  status: number | null;
  headers: Record<string, string> | null;
  body: string | null;
}

/** The statements on one service's table. */
export class IdempotencyKeyStore {
  private readonly table: string;

  constructor(service: ServiceName) {
    this.table = `${quoteIdentifier(service)}.idempotency_keys`;
  }

  /** Takes the key, or answers who has it. What ran out without a trace of a write is taken over. */
  async claim(
    tx: Transaction,
    subject: string,
    key: string,
    fingerprint: string,
  ): Promise<KeyRow | undefined> {
    const claimed = await tx.run(
      `INSERT INTO ${this.table} AS k (subject, key, fingerprint) VALUES ($1, $2, $3)
       ON CONFLICT (subject, key) DO UPDATE
         SET fingerprint = excluded.fingerprint, state = 'running', running_until = excluded.running_until, created_at = now(), status = NULL
         WHERE k.created_at < now() - interval '1 day' OR (k.state = 'running' AND k.running_until < clock_timestamp() AND k.fingerprint = excluded.fingerprint)`,
      [subject, key, fingerprint],
    );
    if (claimed > 0) return undefined;
    return await tx.one<KeyRow>(
      `SELECT fingerprint, state, running_until < clock_timestamp() AS abandoned, status, headers, body FROM ${this.table} WHERE subject = $1 AND key = $2`,
      [subject, key],
    );
  }

  async markCommitted(tx: Transaction, subject: string, key: string): Promise<void> {
    await tx.run(`UPDATE ${this.table} SET state = 'committed' WHERE subject = $1 AND key = $2`, [
      subject,
      key,
    ]);
  }

  async keepAnswer(
    tx: Transaction,
    subject: string,
    key: string,
    answer: { status: number; headers: Record<string, string>; body: string },
  ): Promise<void> {
    await tx.run(
      `UPDATE ${this.table} SET state = 'answered', status = $3, headers = $4::jsonb, body = $5 WHERE subject = $1 AND key = $2`,
      [subject, key, answer.status, JSON.stringify(answer.headers), answer.body],
    );
  }

  /** Only what left no trace: a request that failed after a commit of its own is never carried out again. */
  async release(tx: Transaction, subject: string, key: string): Promise<void> {
    await tx.run(`DELETE FROM ${this.table} WHERE subject = $1 AND key = $2 AND state = 'running'`, [
      subject,
      key,
    ]);
  }

  async prune(tx: Transaction): Promise<void> {
    await tx.run(
      `DELETE FROM ${this.table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${this.table} WHERE created_at < now() - interval '1 day' LIMIT 500))`,
    );
  }
}
