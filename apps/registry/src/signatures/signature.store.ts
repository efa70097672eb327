import type { Transaction } from '@switchyard/database';
import type { VersionRow } from '../versions/version.store.js';

export interface SignatureRow {
  key_id: string;
  signature: string;
  signed_at: Date;
}

type Named = Pick<VersionRow, 'plugin_id' | 'semantic_version'>;

export const saveSignature = (
  tx: Transaction,
  of: Named,
  keyId: string,
  signature: string,
): Promise<number> =>
  tx.run(
    `INSERT INTO registry.signatures AS s (plugin_id, semantic_version, key_id, signature) VALUES ($1, $2, $3, $4)
     ON CONFLICT (plugin_id, semantic_version, key_id) DO UPDATE SET signature = excluded.signature WHERE s.signature <> excluded.signature`,
    [of.plugin_id, of.semantic_version, keyId, signature],
  );

export const listSignatures = (tx: Transaction, of: Named): Promise<SignatureRow[]> =>
  tx.query(
    'SELECT key_id, signature, signed_at FROM registry.signatures WHERE plugin_id = $1 AND semantic_version = $2 ORDER BY signed_at LIMIT 100',
    [of.plugin_id, of.semantic_version],
  );
