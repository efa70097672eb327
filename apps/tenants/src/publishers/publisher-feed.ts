import type { Transaction } from '@switchyard/database';
import { feedPut } from '@switchyard/events';

/** What the registry knows of every publisher: its name, and the keys that signatures are checked with. */
export const publisherFeed = 'tenants.publishers';

/** After each change of a publisher or its keys, in the same transaction. */
export async function tellRegistry(tx: Transaction, publisherId: string): Promise<void> {
  const publisher = await tx.one<{ name: string }>(
    'SELECT name FROM tenants.publishers WHERE publisher_id = $1',
    [publisherId],
  );
  if (!publisher) throw new Error(`publisher ${publisherId} vanished while it was changed`);
  const keys = await tx.query<{ key_id: string; public_key: string; revoked_at: Date | null }>(
    'SELECT key_id, public_key, revoked_at FROM tenants.publisher_keys WHERE publisher_id = $1 ORDER BY created_at',
    [publisherId],
  );
  await feedPut(tx, publisherFeed, publisherId, {
    name: publisher.name,
    keys: keys.map(({ key_id, public_key, revoked_at }) => ({
      keyId: key_id,
      publicKey: public_key,
      revokedAt: revoked_at?.toISOString() ?? null,
    })),
  });
}
