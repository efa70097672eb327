import type { Identity } from '@switchyard/auth';
import { publisherIdOf, publisherRequested } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import { AppError } from '@switchyard/errors';
import { publish, readFeedEntry, type Follow, type Following } from '@switchyard/events';

/** Written by the tenants service: names, and the keys that signatures are checked with. */
export const publisherFeed = 'tenants.publishers';

export interface PublisherKey {
  keyId: string;
  /** Ed25519, in PEM. */
  publicKey: string;
  revokedAt: string | null;
}

export interface KnownPublisher {
  name: string;
  keys: PublisherKey[];
}

/** What the registry knows of publishers: followed, and looked up at the source where a moment matters. */
export class KnownPublishers {
  private readonly known = new Map<string, KnownPublisher>();
  private readonly following: Following;

  constructor(follow: Follow) {
    this.following = follow(publisherFeed, undefined, {
      onSnapshot: (entries) => {
        this.known.clear();
        for (const { key, data } of entries) this.known.set(key, data as KnownPublisher);
      },
      onChange: ({ key, data }) => void this.known.set(key, data as KnownPublisher),
      onGone: (key) => void this.known.delete(key),
    });
  }

  /** For what is shown: a rename may be a second late. */
  nameOf(publisherId: string): string {
    return this.known.get(publisherId)?.name ?? publisherId;
  }

  /** Asked for a moment ago: until the feed brings it, it has the name it was asked for with. */
  expect(publisherId: string, name: string): void {
    if (!this.known.has(publisherId)) this.known.set(publisherId, { name, keys: [] });
  }

  idsNamed(nameOrId: string): string[] {
    const wanted = nameOrId.toLowerCase();
    return [...this.known]
      .filter(([id, { name }]) => id === wanted || name.toLowerCase() === wanted)
      .map(([id]) => id);
  }

  /** As it is committed now: a key that was revoked a moment ago is revoked. */
  async keysOf(tx: Transaction, publisherId: string): Promise<PublisherKey[]> {
    return ((await readFeedEntry(tx, publisherFeed, publisherId)) as KnownPublisher | undefined)?.keys ?? [];
  }

  stop(): void {
    this.following.stop();
  }
}

interface Publisher {
  id: string;
  name: string;
}

/** Which publisher the caller registers for; a PlatformAdmin's unknown one is made. */
export async function publisherFor(
  tx: Transaction,
  who: Identity,
  named: string | undefined,
): Promise<Publisher> {
  const field = 'publisher';
  if (named === undefined) {
    const [only, ...others] = who.publishers;
    if (only === undefined || others.length > 0)
      throw new AppError('VALIDATION_ERROR', 'The publisher has to be named', {
        details: [
          {
            field,
            message: only === undefined ? 'is required' : 'is required: you belong to several',
            ...(who.publishers.length > 0 ? { allowed: who.publishers } : {}),
          },
        ],
      });
    return { id: only, name: (await findPublisher(tx, only))?.name ?? only };
  }
  const found = await findPublisher(tx, named);
  if (who.role === 'PlatformAdmin') return found ?? (await requestPublisher(tx, named));
  if (found && who.publishers.includes(found.id)) return found;
  throw new AppError('FORBIDDEN', `You do not belong to a publisher "${named}"`, {
    details: [{ field, message: 'is not yours', received: named, allowed: who.publishers }],
  });
}

/** By name or id, at the source: a publisher that was made a moment ago is found. */
async function findPublisher(tx: Transaction, nameOrId: string): Promise<Publisher | undefined> {
  return await tx.one<Publisher & { rank: number }>(
    `SELECT key AS id, data->>'name' AS name, (key <> $2)::int AS rank FROM events.feed_rows
       WHERE feed = $1 AND NOT gone AND (key = $2 OR lower(data->>'name') = $2)
     UNION ALL SELECT publisher_id, name, 2 FROM registry.requested_publishers WHERE publisher_id = $2 OR lower(name) = $2
     ORDER BY rank LIMIT 1`,
    [publisherFeed, nameOrId.toLowerCase()],
  );
}

async function requestPublisher(tx: Transaction, name: string): Promise<Publisher> {
  const id = idFromName(name);
  const known = await findPublisher(tx, id);
  if (known) return mustBeNamed(known, id, name);
  const made = await tx.run(
    'INSERT INTO registry.requested_publishers (publisher_id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    [id, name],
  );
  if (made === 0) {
    const quicker = await findPublisher(tx, id);
    if (quicker) return mustBeNamed(quicker, id, name);
  }
  await publish(tx, publisherRequested, { tenant: null, key: id, data: { publisherId: id, name } });
  return { id, name };
}

/** Somebody else may have asked for the very same publisher at the same moment. */
function mustBeNamed(publisher: Publisher, id: string, name: string): Publisher {
  if (publisher.name.toLowerCase() === name.toLowerCase()) return publisher;
  throw new AppError(
    'CONFLICT',
    `The publisher "${publisher.name}" has the id "${id}" that "${name}" would get`,
    {
      details: [
        {
          field: 'publisher',
          message: 'name an existing one, or create one with an id of its own',
          allowed: [publisher.name],
        },
      ],
    },
  );
}

function idFromName(name: string): string {
  const id = publisherIdOf(name);
  if (id !== undefined) return id;
  throw new AppError('VALIDATION_ERROR', 'No id can be made from the name of the publisher', {
    details: [{ field: 'publisher', message: 'create the publisher with an id first', received: name }],
  });
}
