import type { ServiceDatabase, Transaction } from '@switchyard/database';
import { createTestDatabase, type TestDatabase } from '@switchyard/testing';
import fc from 'fast-check';
import { auditSchema, listAudit, recordAudit, sealAudit, verifyAudit } from './index.js';

const text = fc.string({ unit: 'binary', maxLength: 12 });
const anyEntry = fc.record({
  chain: fc.constantFrom('a', 'b', null),
  actor: text,
  subject: fc.option(text),
  details: fc.dictionary(text, fc.jsonValue(), { maxKeys: 3 }),
  count: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
});
const anyTransaction = fc.record({
  entries: fc.array(anyEntry, { maxLength: 6 }),
  end: fc.constantFrom('commit', 'commit late', 'roll back'),
});

/** Holds a transaction open until the test lets it go on. */
function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

describe('sealing', () => {
  let db: TestDatabase;
  let tenants: ServiceDatabase;
  let run = 0;
  beforeAll(async () => {
    db = await createTestDatabase([auditSchema]);
    tenants = db.open('tenants', 16);
  });
  afterAll(() => db.close());

  const seal = (batch: number) => tenants.withPlatform('seal', (tx) => sealAudit(tx, { batch }));
  const sealAll = async (batch: number) => {
    while ((await seal(batch)) > 0);
  };
  const record = (tx: Transaction, tenant: string | null, mark: string) =>
    recordAudit(tx, { tenant, action: 'test', outcome: 'Success', actor: mark, actorKind: 'user' });

  it('loses and doubles nothing, whoever writes, rolls back, commits late or seals at the same time', async () => {
    let platformEntries = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyTransaction, { maxLength: 8 }),
        fc.integer({ min: 1, max: 7 }),
        async (transactions, batch) => {
          run += 1;
          const nameOf = (chain: string | null) => (chain === null ? null : `run-${run}-${chain}`);
          const late = gate();
          const committed: Promise<unknown>[] = [];
          const writing = transactions.map(({ entries, end }) => {
            const written = gate();
            const done = tenants.withPlatform('write', async (tx) => {
              for (const { chain, ...entry } of entries)
                await recordAudit(tx, {
                  ...entry,
                  tenant: nameOf(chain),
                  action: 'test',
                  outcome: 'Success',
                  actorKind: 'user',
                });
              written.open();
              if (end === 'commit late') await late.opened;
              if (end === 'roll back') throw new Error('rolled back');
            });
            committed.push(done.catch((error: Error) => expect(error.message).toBe('rolled back')));
            return written.opened;
          });
          await Promise.all([...writing, sealAll(batch), sealAll(batch)]);
          late.open();
          await Promise.all([...committed, sealAll(batch), sealAll(batch)]);
          await Promise.all([sealAll(batch), sealAll(batch)]);

          const expected = (of: string | null) =>
            transactions
              .filter((t) => t.end !== 'roll back')
              .flatMap((t) => t.entries.filter((e) => e.chain === of)).length;
          platformEntries += expected(null);
          for (const [chain, count] of [
            ['a', expected('a')],
            ['b', expected('b')],
            [null, platformEntries],
          ] as const)
            expect(
              await tenants.withPlatform('verify', (tx) => verifyAudit(tx, nameOf(chain))),
            ).toMatchObject({
              problem: null,
              checked: count,
              lastSequence: count,
              unsealed: 0,
            });
        },
      ),
      { numRuns: 60 },
    );
    const [{ doubled }] = (await db.look<{ doubled: number }>(
      'SELECT (count(*) - count(DISTINCT entry_id))::int AS doubled FROM audit.seals',
    )) as [{ doubled: number }];
    expect(doubled).toBe(0);
  });

  it('passes over what is not committed and takes it later', async () => {
    const late = gate();
    const written = gate();
    const slow = tenants.withTenant('late', async (tx) => {
      await record(tx, 'late', 'slow');
      written.open();
      await late.opened;
    });
    await written.opened;
    await tenants.withTenant('late', (tx) => record(tx, 'late', 'quick'));
    await sealAll(10);
    late.open();
    await slow;
    await sealAll(10);
    const { entries } = await tenants.withTenant('late', (tx) => listAudit(tx, { limit: 10, offset: 0 }));
    expect(entries.map((entry) => [entry.actor, entry.sequence]).toSorted()).toEqual([
      ['quick', 1],
      ['slow', 2],
    ]);
  });

  it('gives the places back when its transaction fails', async () => {
    await tenants.withTenant('again', (tx) => record(tx, 'again', 'one'));
    const failing = tenants.withPlatform('seal', async (tx) => {
      expect(await sealAudit(tx, { batch: 10 })).toBe(1);
      throw new Error('the process died');
    });
    await expect(failing).rejects.toThrow('died');
    expect(await seal(10)).toBe(1);
    expect(await tenants.withTenant('again', (tx) => verifyAudit(tx, 'again'))).toMatchObject({
      valid: true,
      checked: 1,
      lastSequence: 1,
    });
  });

  it('keeps a tenant that is called like the chain of the platform apart from it', async () => {
    const before = await tenants.withPlatform('verify', (tx) => verifyAudit(tx, null));
    await tenants.withTenant('platform', (tx) => record(tx, 'platform', 'one'));
    await sealAll(10);
    expect(await tenants.withTenant('platform', (tx) => verifyAudit(tx, 'platform'))).toMatchObject({
      valid: true,
      checked: 1,
    });
    expect(await tenants.withPlatform('verify', (tx) => verifyAudit(tx, null))).toEqual(before);
  });
});
