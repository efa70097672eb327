import { importSigningKey, type SigningKey } from '@switchyard/auth';
import { loadKeyring, open } from '@switchyard/secrets';
import type { RunningPlatform } from './start-platform.js';

interface KeyRow {
  kid: string;
  private_key_sealed: string;
  created_at: Date;
}

/** The key that the platform signs with: what an attacker would have who had stolen both the database and the keyring. */
export async function stolenSigningKey({ database, keyringFile }: RunningPlatform): Promise<SigningKey> {
  const [row] = await database.look<KeyRow>(
    'SELECT * FROM tenants.signing_keys WHERE retires_at IS NULL ORDER BY activates_at DESC NULLS LAST LIMIT 1',
  );
  if (!row) throw new Error('the platform has no signing key');
  const pem = open(await loadKeyring(keyringFile), row.private_key_sealed, row.kid).toString('utf8');
  return importSigningKey(pem, row.created_at.getTime());
}

/** What a token says, without asking whether it is true. */
export const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>;
