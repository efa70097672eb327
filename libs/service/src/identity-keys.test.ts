import { createTestDatabase, type TestDatabase } from '@switchyard/testing';
import { eventsSchema } from '@switchyard/events';
import { createLogger } from '@switchyard/observability';
import { announceIdentityKey, IdentityKeys, identityKeyFeed } from './identity-keys.js';

const hour = 3_600_000;
const logger = createLogger({ level: 'silent', name: 'test' });

describe('the keys that gateways announce', () => {
  let database: TestDatabase;
  beforeAll(async () => (database = await createTestDatabase([eventsSchema])));
  afterAll(() => database.close());

  const listed = async () =>
    (
      await database.look<{ key: string }>('SELECT key FROM events.feed_rows WHERE feed = $1 AND NOT gone', [
        identityKeyFeed('gateway'),
      ])
    ).map(({ key }) => key);

  it('stay listed while their gateway lives, however long, and go with it', async () => {
    let now = Date.now();
    const announce = () => announceIdentityKey(database.open('gateway', 2), () => now, logger);
    const living = await announce();
    const killed = await announce();
    now += 23 * hour;
    await living.renew();
    now += 2 * hour;
    const young = await announce();
    expect((await listed()).sort()).toEqual([living.key.kid, young.key.kid].sort());
    expect(await listed()).not.toContain(killed.key.kid);
    await living.withdraw();
    await young.withdraw();
    expect(await listed()).toEqual([]);
    await killed.withdraw();
  });

  it('are found by all that come at once, before the list was read; unknown ones do not make us look for ever', async () => {
    const announced = await announceIdentityKey(database.open('gateway', 2), Date.now, logger);
    const registry = database.open('registry', 2);
    const keys = new IdentityKeys('gateway', () => ({ at: undefined, stop: () => undefined }), registry);
    const now = Date.now();
    const found = await Promise.all(Array.from({ length: 10 }, () => keys.look(announced.key.kid, now)));
    expect(found).toEqual(Array(10).fill(true));
    for (let i = 0; i < 30; i += 1) expect(await keys.look(`unknown-${i}`, now)).toBe(false);
    const other = await announceIdentityKey(database.open('gateway', 2), Date.now, logger);
    expect(await keys.look(other.key.kid, now)).toBe(false);
    expect(await keys.look(other.key.kid, now + 1_000)).toBe(true);
    await announced.withdraw();
    await other.withdraw();
  });
});
