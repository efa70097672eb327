import { publisherIdOf } from '@switchyard/contracts';
import { containing, listPage, type Page, type PageOf, type Transaction } from '@switchyard/database';
import { conflict } from '@switchyard/errors';

export interface PublisherRow {
  publisher_id: string;
  name: string;
  description: string | null;
  member_count: number;
  version: number;
  created_at: Date;
  updated_at: Date;
}

/** Members are counted: a deleted user takes the membership along without a word here. */
const columns =
  'p.*, (SELECT count(*)::int FROM tenants.publisher_members m WHERE m.publisher_id = p.publisher_id) AS member_count';

/** Another one has the name, or the id that the name would make: people could not tell the two apart. */
const looksAlike = `o.publisher_id <> $1 AND (lower(o.name) = lower($2) OR o.publisher_id IN (lower($2), $4))`;

/** Undefined when the id or the name is taken. */
export const insertPublisher = (
  tx: Transaction,
  publisher: Pick<PublisherRow, 'publisher_id' | 'name' | 'description'>,
): Promise<PublisherRow | undefined> =>
  tx.one<PublisherRow>(
    `INSERT INTO tenants.publishers AS p (publisher_id, name, description)
     SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT FROM tenants.publishers o WHERE ${looksAlike})
     ON CONFLICT DO NOTHING RETURNING ${columns}`,
    [publisher.publisher_id, publisher.name, publisher.description, publisherIdOf(publisher.name) ?? null],
  );

export const findPublisher = (tx: Transaction, publisherId: string): Promise<PublisherRow | undefined> =>
  tx.one<PublisherRow>(`SELECT ${columns} FROM tenants.publishers p WHERE publisher_id = $1`, [publisherId]);

export const lockPublisher = (tx: Transaction, publisherId: string): Promise<PublisherRow | undefined> =>
  tx.one<PublisherRow>(`SELECT ${columns} FROM tenants.publishers p WHERE publisher_id = $1 FOR UPDATE`, [
    publisherId,
  ]);

/** `only` narrows the list to these ids: a developer's own. */
export function listPublisherRows(
  tx: Transaction,
  filter: { search?: string | undefined; only?: readonly string[] | undefined },
  page: Page,
): Promise<PageOf<PublisherRow>> {
  const where = [
    ...(filter.only ? [{ sql: 'publisher_id = ANY(?)', values: [filter.only] }] : []),
    ...(filter.search
      ? [
          {
            sql: '(name ILIKE ? OR publisher_id ILIKE ?)',
            values: [containing(filter.search), containing(filter.search)],
          },
        ]
      : []),
  ];
  return listPage<PublisherRow>(
    tx,
    { columns, from: 'tenants.publishers p', where, createdAt: 'created_at', id: 'publisher_id' },
    page,
  );
}

/** Undefined when another publisher has the name. */
export async function savePublisher(
  tx: Transaction,
  publisherId: string,
  change: Pick<PublisherRow, 'name' | 'description'>,
): Promise<PublisherRow | undefined> {
  return await tx.one<PublisherRow>(
    `UPDATE tenants.publishers p SET name = $2, description = $3, version = version + 1, updated_at = now()
     WHERE publisher_id = $1 AND NOT EXISTS (SELECT FROM tenants.publishers o WHERE ${looksAlike})
     RETURNING ${columns}`,
    [publisherId, change.name, change.description, publisherIdOf(change.name) ?? null],
  );
}

export interface MemberRow {
  user_id: string;
  username: string;
  added_at: Date;
}

export async function addMember(
  tx: Transaction,
  publisherId: string,
  userId: string,
): Promise<{ added: boolean; row: MemberRow }> {
  const added = await tx.run(
    'INSERT INTO tenants.publisher_members (publisher_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    [publisherId, userId],
  );
  const row = await tx.one<MemberRow>(
    `SELECT ${memberColumns} FROM ${members} WHERE m.publisher_id = $1 AND m.user_id = $2`,
    [publisherId, userId],
  );
  if (!row) throw new Error('the member vanished while the publisher was locked');
  return { added: added > 0, row };
}

export async function removeMember(tx: Transaction, publisherId: string, userId: string): Promise<boolean> {
  const removed = await tx.run(
    'DELETE FROM tenants.publisher_members WHERE publisher_id = $1 AND user_id = $2',
    [publisherId, userId],
  );
  return removed > 0;
}

/** The ids of the publishers that the user was a member of. */
export async function leaveAllPublishers(tx: Transaction, userId: string): Promise<string[]> {
  const left = await tx.query<{ publisher_id: string }>(
    'DELETE FROM tenants.publisher_members WHERE user_id = $1 RETURNING publisher_id',
    [userId],
  );
  return left.map(({ publisher_id }) => publisher_id);
}

const members = 'tenants.publisher_members m JOIN tenants.users u USING (user_id)';
const memberColumns = 'user_id, u.username, m.added_at';

export const listMemberRows = (
  tx: Transaction,
  publisherId: string,
  page: Page,
): Promise<PageOf<MemberRow>> =>
  listPage<MemberRow>(
    tx,
    {
      columns: memberColumns,
      from: members,
      where: [{ sql: 'm.publisher_id = ?', values: [publisherId] }],
      createdAt: 'm.added_at',
      id: 'user_id',
    },
    page,
  );

export interface PublisherKeyRow {
  key_id: string;
  name: string;
  public_key: string;
  created_at: Date;
  revoked_at: Date | null;
}

/** All of them travel together to whoever checks signatures. */
const mostKeys = 100;

export async function mustHaveRoomForKey(tx: Transaction, publisherId: string): Promise<void> {
  const known = await tx.one<{ n: number }>(
    'SELECT count(*)::int AS n FROM tenants.publisher_keys WHERE publisher_id = $1',
    [publisherId],
  );
  if ((known?.n ?? 0) >= mostKeys)
    throw conflict(`The publisher has ${mostKeys} keys, revoked ones included: more are not kept`);
}

/** Undefined when the publisher has the key already. */
export const insertPublisherKey = (
  tx: Transaction,
  publisherId: string,
  key: Pick<PublisherKeyRow, 'key_id' | 'name' | 'public_key'>,
): Promise<PublisherKeyRow | undefined> =>
  tx.one<PublisherKeyRow>(
    'INSERT INTO tenants.publisher_keys (key_id, publisher_id, name, public_key) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING *',
    [key.key_id, publisherId, key.name, key.public_key],
  );

export const listPublisherKeyRows = (
  tx: Transaction,
  publisherId: string,
  page: Page,
): Promise<PageOf<PublisherKeyRow>> =>
  listPage<PublisherKeyRow>(
    tx,
    {
      columns: '*',
      from: 'tenants.publisher_keys',
      where: [{ sql: 'publisher_id = ?', values: [publisherId] }],
      createdAt: 'created_at',
      id: 'key_id',
    },
    page,
  );

export const revokePublisherKey = (
  tx: Transaction,
  publisherId: string,
  keyId: string,
): Promise<PublisherKeyRow | undefined> =>
  tx.one<PublisherKeyRow>(
    'UPDATE tenants.publisher_keys SET revoked_at = coalesce(revoked_at, now()) WHERE publisher_id = $1 AND key_id = $2 RETURNING *',
    [publisherId, keyId],
  );
