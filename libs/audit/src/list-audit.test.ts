import { AuditList } from '@switchyard/contracts';
import type { ServiceDatabase } from '@switchyard/database';
import { createTestDatabase, type TestDatabase } from '@switchyard/testing';
import {
  auditSchema,
  listAudit,
  recordAudit,
  sealAudit,
  type AuditListQuery,
  type AuditRecord,
} from './index.js';

const entry = {
  tenant: 'acme',
  action: 'tenant.created',
  outcome: 'Success',
  actor: 'ann',
  actorKind: 'user',
} as const;

const recorded: AuditRecord[] = [
  { ...entry, tenant: null, action: 'tenant.created', subject: 'acme' },
  { ...entry, action: 'tenant.updated', details: { from: { a: 1 }, to: null } },
  { ...entry, action: 'tenants.other', actor: 'bob' },
  { ...entry, action: 'tenant' },
  {
    ...entry,
    action: 'sign-in',
    outcome: 'Refused',
    actor: '',
    actorKind: 'anonymous',
    address: '::1',
    traceId: 'abc',
    count: 7,
  },
  { ...entry, tenant: 'globex', action: 'tenant.updated' },
];

describe('listing the audit log', () => {
  let db: TestDatabase;
  let tenants: ServiceDatabase;
  beforeAll(async () => {
    db = await createTestDatabase([auditSchema]);
    tenants = db.open('tenants');
    for (const record of recorded) await tenants.withPlatform('write', (tx) => recordAudit(tx, record));
    await tenants.withPlatform('seal', (tx) => sealAudit(tx, { batch: 5 }));
  });
  afterAll(() => db.close());

  const all = (query: Partial<AuditListQuery> = {}) =>
    tenants.withPlatform('read', (tx) => listAudit(tx, { limit: 20, offset: 0, ...query }));
  const own = (tenant: string, query: Partial<AuditListQuery> = {}) =>
    tenants.withTenant(tenant, (tx) => listAudit(tx, { limit: 20, offset: 0, ...query }));
  const actions = ({ entries }: { entries: { action: string }[] }) => entries.map((each) => each.action);

  it('answers what was recorded, newest first, as the contract has it', async () => {
    const list = await all();
    expect(AuditList.parse(list)).toEqual(list);
    expect(list).toMatchObject({ total: 6, limit: 20, offset: 0, nextCursor: null });
    expect(list.entries.map(({ sequence, hash, entryId, occurredAt, ...rest }) => rest)).toEqual(
      recorded.toReversed().map(({ tenant, ...rest }) => ({
        ...{ subject: null, address: null, traceId: null, details: {}, count: 1 },
        ...rest,
        tenantId: tenant,
      })),
    );
  });

  it('tells the place and hash of what is sealed, and of the rest that it waits', async () => {
    const { entries } = await all();
    expect(entries.map((each) => each.sequence)).toEqual([null, 4, 3, 2, 1, 1]);
    for (const { sequence, hash } of entries)
      expect(hash).toEqual(sequence === null ? null : expect.stringMatching(/^[0-9a-f]{64}$/));
  });

  it("shows a tenant's transaction its own entries, whatever it asks for", async () => {
    expect(actions(await own('globex'))).toEqual(['tenant.updated']);
    expect((await own('acme')).total).toBe(4);
    expect(await own('acme', { tenant: 'globex' })).toMatchObject({ entries: [], total: 0 });
    expect(await own('acme', { tenant: null })).toMatchObject({ entries: [], total: 0 });
  });

  it.each<[string, Partial<AuditListQuery>, string[]]>([
    ['a tenant', { tenant: 'globex' }, ['tenant.updated']],
    ['the platform itself', { tenant: null }, ['tenant.created']],
    ['an action', { action: 'tenant.updated' }, ['tenant.updated', 'tenant.updated']],
    ['a group of actions', { action: 'tenant.' }, ['tenant.updated', 'tenant.updated', 'tenant.created']],
    ['the beginning of an action without the dot', { action: 'tenan' }, []],
    ['an actor', { actor: 'bob' }, ['tenants.other']],
    ['an outcome', { outcome: 'Refused' }, ['sign-in']],
    ['several', { tenant: 'acme', actor: 'ann', action: 'tenant.' }, ['tenant.updated']],
    ['what matches nothing', { actor: "'; --" }, []],
    [
      'times outside of everything',
      { since: '0000-01-01T00:00:00Z', until: '9999-12-31T23:59:59-23:00', outcome: 'Refused' },
      ['sign-in'],
    ],
  ])('filters by %s', async (_, query, expected) => {
    const list = await all(query);
    expect(actions(list)).toEqual(expected);
    expect(list.total).toBe(expected.length);
  });

  it('since includes its instant, until does not, both to the microsecond', async () => {
    const { entries } = await all();
    const at = entries[2]!.occurredAt;
    expect((await all({ since: at })).entries).toEqual(entries.slice(0, 3));
    expect((await all({ until: at })).entries).toEqual(entries.slice(3));
  });

  it('goes on by cursor from where a page ended, though more is recorded meanwhile', async () => {
    const before = await all({ tenant: 'acme' });
    const seen: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page = await all({ tenant: 'acme', limit: 2, cursor });
      if (cursor === undefined)
        await tenants.withTenant('acme', (tx) => recordAudit(tx, { ...entry, action: 'later' }));
      seen.push(...page.entries);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(before.entries);
    expect((await all({ tenant: 'acme', limit: 2, offset: 1 })).entries).toEqual(before.entries.slice(0, 2));
    await expect(all({ cursor: 'nonsense' })).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
  });

  it('holds an entry of whoever has a name that could not be stored or indexed', async () => {
    const name = Array.from({ length: 100_000 }, (_, i) => String.fromCharCode((i * 7919) % 65_536)).join('');
    const record = {
      ...entry,
      tenant: 'initech',
      action: name,
      actor: name,
      subject: name,
      details: { [name]: name },
    };
    await tenants.withTenant('initech', (tx) => recordAudit(tx, record));
    expect(await own('initech')).toMatchObject({ total: 1 });
  });
});
