import type { Identity } from '@switchyard/auth';
import type { ServiceDatabase, Transaction } from '@switchyard/database';
import { eventsSchema } from '@switchyard/events';
import { createTestDatabase, type TestDatabase } from '@switchyard/testing';
import { registrySchema } from '../schema.js';
import { publisherFor } from './known-publishers.js';

const admin = { role: 'PlatformAdmin', publishers: [] } as unknown as Identity;

describe('a publisher that a PlatformAdmin names for the first time', () => {
  let database: TestDatabase;
  let own: ServiceDatabase;
  beforeAll(async () => {
    database = await createTestDatabase([eventsSchema, registrySchema]);
    own = database.open('registry');
    await ask('Acme');
  });
  afterAll(() => database.close());

  const ask = (name: string, beside: (tx: Transaction) => Transaction = (tx) => tx) =>
    own.withPlatform('test', (tx) => publisherFor(beside(tx), admin, name));

  /** Its first look was before somebody else's commit. */
  const lookedTooEarly = (tx: Transaction): Transaction => {
    let looks = 0;
    return new Proxy(tx, {
      get: (of, name) => {
        if (name === 'one' && (looks += 1) === 1) return async () => undefined;
        const value: unknown = Reflect.get(of, name);
        return typeof value === 'function' ? (value.bind(of) as unknown) : value;
      },
    });
  };

  it('is the one that somebody else asked for at the same moment', async () => {
    expect(await ask('Acme', lookedTooEarly)).toMatchObject({ id: 'acme', name: 'Acme' });
    expect(await ask('ACME', lookedTooEarly)).toMatchObject({ id: 'acme', name: 'Acme' });
  });

  it('is refused when another one has the id that it would get', async () => {
    await expect(ask('Acme!')).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});
