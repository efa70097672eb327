import type { Transaction } from '@switchyard/database';
import { notFound } from '@switchyard/errors';
import { identityOf, type EdgeCall } from '@switchyard/service';
import { findPublisher, lockPublisher, type PublisherRow } from './publisher.store.js';

/** The publisher, for a platform admin or one of its members; for anybody else it does not exist. */
export const mustSee = (tx: Transaction, call: EdgeCall, publisherId: string): Promise<PublisherRow> =>
  forMembers(tx, call, publisherId, findPublisher);

/** The same, locked until what is done to it is done. */
export const mustManage = (tx: Transaction, call: EdgeCall, publisherId: string): Promise<PublisherRow> =>
  forMembers(tx, call, publisherId, lockPublisher);

async function forMembers(
  tx: Transaction,
  call: EdgeCall,
  publisherId: string,
  read: typeof findPublisher,
): Promise<PublisherRow> {
  const who = identityOf(call);
  const publisher = await read(tx, publisherId);
  // The membership as it is now, not as the token remembers it.
  const member =
    who.role === 'PlatformAdmin' ||
    (who.kind === 'robot' && who.publishers.includes(publisherId)) ||
    (await tx.one('SELECT 1 FROM tenants.publisher_members WHERE publisher_id = $1 AND user_id = $2', [
      publisherId,
      who.subject,
    ]));
  if (!publisher || !member) throw notFound('Publisher', publisherId);
  return publisher;
}
