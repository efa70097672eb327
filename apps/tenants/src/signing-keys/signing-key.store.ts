import type { PublicJwk } from '@switchyard/auth';
import type { Transaction } from '@switchyard/database';

export interface SigningKeyRow {
  kid: string;
  private_key_sealed: string;
  public_jwk: PublicJwk;
  created_at: Date;
  activates_at: Date | null;
  retires_at: Date | null;
}

/** Locks the whole set: two replicas never rotate at once. */
export async function lockSigningKeys(tx: Transaction): Promise<SigningKeyRow[]> {
  await tx.query('LOCK TABLE tenants.signing_keys IN EXCLUSIVE MODE');
  return await listSigningKeys(tx);
}

export const listSigningKeys = (tx: Transaction): Promise<SigningKeyRow[]> =>
  tx.query<SigningKeyRow>('SELECT * FROM tenants.signing_keys ORDER BY created_at');

export const insertSigningKey = (tx: Transaction, key: SigningKeyRow): Promise<number> =>
  tx.run('INSERT INTO tenants.signing_keys VALUES ($1, $2, $3::jsonb, $4, $5, $6)', [
    key.kid,
    key.private_key_sealed,
    JSON.stringify(key.public_jwk),
    key.created_at,
    key.activates_at,
    key.retires_at,
  ]);

export const markSigningKey = (
  tx: Transaction,
  kid: string,
  column: 'activates_at' | 'retires_at',
  at: Date,
): Promise<number> => tx.run(`UPDATE tenants.signing_keys SET ${column} = $2 WHERE kid = $1`, [kid, at]);

export const deleteSigningKey = (tx: Transaction, kid: string): Promise<number> =>
  tx.run('DELETE FROM tenants.signing_keys WHERE kid = $1', [kid]);
