import type { ServiceDatabase } from '@switchyard/database';
import { createTestDatabase, type TestDatabase } from '@switchyard/testing';
import type { EntryRow } from './entry-row.js';
import { auditSchema, recordAudit, sealAudit, verifyAudit } from './index.js';
import { sealHash } from './seal-hash.js';

/** Another value for each column; a new column has to be here, and to be sealed. */
const changes: Record<string, string> = {
  entry_id: 'gen_random_uuid()',
  tenant_id: `'someone-else'`,
  action: `action || '.'`,
  outcome: `'Refused'`,
  actor: `'bob'`,
  actor_kind: `'robot'`,
  subject: 'NULL',
  address: `''`,
  trace_id: `upper(trace_id)`,
  details: `jsonb_set(details, '{big}', '12345678901234567892')`,
  count: 'count + 1',
  occurred_at: `occurred_at + interval '1 microsecond'`,
};

const entry = (tenant: string | null, n: number) =>
  ({
    tenant,
    action: 'plugin.enabled',
    outcome: 'Success',
    actor: `ann-${n}`,
    actorKind: 'user',
    subject: '',
    address: '192.0.2.1',
    traceId: 'abc',
    details: { n },
  }) as const;

const forged: EntryRow = {
  entry_id: '00000000-0000-4000-8000-000000000000',
  tenant_id: null,
  action: 'forged',
  outcome: 'Success',
  actor: 'eve',
  actor_kind: 'user',
  subject: null,
  address: null,
  trace_id: null,
  details: '{}',
  count: 1,
  occurred_at: '2026-01-01T00:00:00.000000Z',
};

describe('tampering as an administrator', () => {
  let db: TestDatabase;
  let tenants: ServiceDatabase;
  let chains = 0;
  beforeAll(async () => {
    db = await createTestDatabase([auditSchema]);
    tenants = db.open('tenants');
  });
  afterAll(() => db.close());

  const record = (tenant: string | null, ...ns: number[]) =>
    tenants.withPlatform('write', async (tx) => {
      for (const n of ns) await recordAudit(tx, entry(tenant, n));
    });
  const seal = () => tenants.withPlatform('seal', (tx) => sealAudit(tx, { batch: 10_000 }));
  const sealed = async (length = 6): Promise<string> => {
    const tenant = `tenant-${(chains += 1)}`;
    await record(tenant, ...Array.from({ length }, (_, i) => i + 1));
    await seal();
    return tenant;
  };
  /** As an administrator who has switched off what would refuse it. */
  const tamper = (statements: string) =>
    db.look(`SET session_replication_role = replica; BEGIN; ${statements}; COMMIT`);
  const entryAt = (tenant: string, n: number) =>
    `entry_id = (SELECT entry_id FROM audit.seals WHERE chain = 'tenant:${tenant}' AND sequence = ${n})`;
  const sealAt = (tenant: string, n: number) => `chain = 'tenant:${tenant}' AND sequence = ${n}`;
  /** The same from the tenant's transaction and the platform's. */
  const verify = async (tenant: string) => {
    const own = await tenants.withTenant(tenant, (tx) => verifyAudit(tx, tenant));
    expect(await tenants.withPlatform('verify', (tx) => verifyAudit(tx, tenant))).toMatchObject({
      firstBroken: own.firstBroken,
      checked: own.checked,
    });
    return own;
  };

  it('has a change for every column', async () => {
    const columns = await db.look<{ name: string }>(
      `SELECT column_name AS name FROM information_schema.columns WHERE table_schema = 'audit' AND table_name = 'entries'`,
    );
    expect(columns.map((column) => column.name).toSorted()).toEqual(Object.keys(changes).toSorted());
  });

  it.each(Object.entries(changes))('finds a changed %s', async (column, value) => {
    const tenant = await sealed();
    await tamper(`UPDATE audit.entries SET ${column} = ${value} WHERE ${entryAt(tenant, 3)}`);
    const problem = expect.stringMatching(/^(changed|missing) entry: /);
    expect(await verify(tenant)).toMatchObject({
      valid: false,
      checked: 2,
      firstBroken: 3,
      lastSequence: 6,
      problem,
    });
  });

  it('finds a number that JavaScript could not tell from the one before', async () => {
    const tenant = `tenant-${(chains += 1)}`;
    await record(tenant, 1);
    await tamper(
      `UPDATE audit.entries SET details = '{"big": 12345678901234567891}' WHERE tenant_id = '${tenant}'`,
    );
    await seal();
    expect(await verify(tenant)).toMatchObject({ valid: true });
    await tamper(
      `UPDATE audit.entries SET details = '{"big": 12345678901234567892}' WHERE tenant_id = '${tenant}'`,
    );
    expect(await verify(tenant)).toMatchObject({ firstBroken: 1 });
  });

  it('finds a date moved to before our era', async () => {
    const tenant = await sealed();
    await tamper(
      `UPDATE audit.entries SET occurred_at = to_timestamp(to_char(occurred_at, 'YYYY-MM-DD HH24:MI:SS.US') || ' BC', 'YYYY-MM-DD HH24:MI:SS.US BC') WHERE ${entryAt(tenant, 3)}`,
    );
    expect(await verify(tenant)).toMatchObject({ firstBroken: 3 });
  });

  const forge = (t: string) =>
    `DELETE FROM audit.seals WHERE entry_id = '${forged.entry_id}'; DELETE FROM audit.entries WHERE entry_id = '${forged.entry_id}';
     INSERT INTO audit.entries (entry_id, tenant_id, action, outcome, actor, actor_kind, details, count, occurred_at)
     VALUES ('${forged.entry_id}', '${t}', 'forged', 'Success', 'eve', 'user', '{}', 1, '${forged.occurred_at}')`;

  /** Seals 2 and 5 trade what is named: their entries, or their places. */
  const swap = (chain: string, traded: 'entries' | 'places') => `
    CREATE TEMP TABLE traded ON COMMIT DROP AS
      SELECT a.chain, a.sequence, b.entry_id, ${traded === 'entries' ? 'a' : 'b'}.hash FROM audit.seals AS a JOIN audit.seals AS b
      ON a.chain = b.chain AND a.sequence + b.sequence = 7 WHERE a.chain = 'tenant:${chain}' AND a.sequence IN (2, 5);
    DELETE FROM audit.seals WHERE chain = 'tenant:${chain}' AND sequence IN (2, 5);
    INSERT INTO audit.seals SELECT * FROM traded`;

  /** An entry of another's making with a seal as 4; the rest moves down. */
  const slipIn = (t: string, hash: string) => `
    UPDATE audit.seals SET sequence = sequence + 1000 WHERE chain = 'tenant:${t}' AND sequence > 3;
    UPDATE audit.seals SET sequence = sequence - 999 WHERE chain = 'tenant:${t}' AND sequence > 1000;
    ${forge(t)};
    INSERT INTO audit.seals SELECT 'tenant:${t}', 4, entry_id, ${hash} FROM audit.entries WHERE tenant_id = '${t}' AND action = 'forged';
    UPDATE audit.heads SET sequence = 7 WHERE chain = 'tenant:${t}'`;

  it.each<[string, (tenant: string) => string, number, string]>([
    ['an entry deleted', (t) => `DELETE FROM audit.entries WHERE ${entryAt(t, 4)}`, 4, 'missing entry: '],
    [
      'a seal deleted',
      (t) => `DELETE FROM audit.seals WHERE ${sealAt(t, 4)}`,
      4,
      'missing seal: after 3 comes 5',
    ],
    [
      'the first seal deleted',
      (t) => `DELETE FROM audit.seals WHERE ${sealAt(t, 1)}`,
      1,
      'missing seal: after 0 comes 2',
    ],
    [
      'an entry deleted with its seal',
      (t) =>
        `DELETE FROM audit.entries WHERE ${entryAt(t, 4)}; DELETE FROM audit.seals WHERE ${sealAt(t, 4)}`,
      4,
      'missing seal: ',
    ],
    [
      'an entry deleted with its seal and the rest moved up',
      (t) => `DELETE FROM audit.entries WHERE ${entryAt(t, 4)}; DELETE FROM audit.seals WHERE ${sealAt(t, 4)};
        UPDATE audit.seals SET sequence = sequence - 1 WHERE ${sealAt(t, 5)}; UPDATE audit.seals SET sequence = 5 WHERE ${sealAt(t, 6)};
        UPDATE audit.heads SET sequence = 5 WHERE chain = 'tenant:${t}'`,
      4,
      'changed entry: ',
    ],
    [
      'the hash of a seal changed',
      (t) => `UPDATE audit.seals SET hash = sha256('x') WHERE ${sealAt(t, 4)}`,
      4,
      'changed entry: ',
    ],
    ['two entries swapped between their seals', (t) => swap(t, 'entries'), 2, 'wrong order: '],
    ['two seals swapped with their entries', (t) => swap(t, 'places'), 2, 'wrong order: '],
    ['an entry slipped into the middle', (t) => slipIn(t, "sha256('x')"), 4, 'wrong order: '],
    ['an entry added that was never queued', forge, 7, 'missing seal: '],
    [
      'the tail of seals cut',
      (t) => `DELETE FROM audit.seals WHERE chain = 'tenant:${t}' AND sequence > 4`,
      5,
      'tail cut: the chain went to 6',
    ],
    [
      'the tail cut with its entries',
      (t) =>
        `DELETE FROM audit.entries WHERE ${entryAt(t, 6)}; DELETE FROM audit.seals WHERE ${sealAt(t, 6)}`,
      6,
      'tail cut: ',
    ],
    [
      'the tail of seals cut and the head set back',
      (t) => `DELETE FROM audit.seals WHERE ${sealAt(t, 6)};
        UPDATE audit.heads SET sequence = 5, hash = (SELECT hash FROM audit.seals WHERE ${sealAt(t, 5)}) WHERE chain = 'tenant:${t}'`,
      6,
      'missing seal: ',
    ],
    [
      'all seals and the head deleted',
      (t) =>
        `DELETE FROM audit.seals WHERE chain = 'tenant:${t}'; DELETE FROM audit.heads WHERE chain = 'tenant:${t}'`,
      1,
      'missing seal: ',
    ],
    [
      'all seals and entries deleted',
      (t) =>
        `DELETE FROM audit.seals WHERE chain = 'tenant:${t}'; DELETE FROM audit.entries WHERE tenant_id = '${t}'`,
      1,
      'tail cut: ',
    ],
    [
      'the head set back',
      (t) => `UPDATE audit.heads SET sequence = 4 WHERE chain = 'tenant:${t}'`,
      5,
      'changed head: ',
    ],
    ['the head deleted', (t) => `DELETE FROM audit.heads WHERE chain = 'tenant:${t}'`, 1, 'changed head: '],
    [
      'the hash of the head changed',
      (t) => `UPDATE audit.heads SET hash = sha256('x') WHERE chain = 'tenant:${t}'`,
      6,
      'changed head: ',
    ],
    [
      'a seal moved to the chain of another',
      (t) => `UPDATE audit.seals SET chain = 'tenant:elsewhere' WHERE ${sealAt(t, 6)};
        UPDATE audit.heads SET sequence = 5, hash = (SELECT hash FROM audit.seals WHERE ${sealAt(t, 5)}) WHERE chain = 'tenant:${t}';
        UPDATE audit.seals SET sequence = floor(random() * 1e9) WHERE chain = 'tenant:elsewhere'`,
      6,
      'missing seal: ',
    ],
  ])('finds %s', async (_, statements, firstBroken, problem) => {
    const tenant = await sealed();
    await tamper(statements(tenant));
    expect(await verify(tenant)).toMatchObject({
      valid: false,
      firstBroken,
      problem: expect.stringContaining(problem),
    });
  });

  it('finds an entry slipped in by one who can compute a right seal: the next one does not follow from it', async () => {
    const tenant = await sealed();
    const [third] = await db.look<{ hash: string }>(
      `SELECT encode(hash, 'hex') AS hash FROM audit.seals WHERE ${sealAt(tenant, 3)}`,
    );
    const hash = sealHash(third!.hash, `tenant:${tenant}`, 4, { ...forged, tenant_id: tenant });
    await tamper(slipIn(tenant, `decode('${hash}', 'hex')`));
    expect(await verify(tenant)).toMatchObject({ valid: false, checked: 4, firstBroken: 5 });
  });

  it('does not find a chain that was sealed anew: only a hash noted elsewhere tells', async () => {
    const tenant = await sealed();
    const noted = await verify(tenant);
    await tamper(`UPDATE audit.entries SET actor = 'nobody' WHERE ${entryAt(tenant, 6)};
      DELETE FROM audit.seals WHERE chain = 'tenant:${tenant}'; DELETE FROM audit.heads WHERE chain = 'tenant:${tenant}';
      INSERT INTO audit.unsealed (entry_id, chain) SELECT entry_id, 'tenant:${tenant}' FROM audit.entries WHERE tenant_id = '${tenant}' ORDER BY occurred_at`);
    await seal();
    const now = await verify(tenant);
    expect(now).toMatchObject({ valid: true, lastSequence: noted.lastSequence });
    expect(now.lastHash).not.toBe(noted.lastHash);
  });

  it.each(['entries', 'unsealed'])(
    'finds what waited for its seal and was taken out of %s',
    async (table) => {
      const tenant = await sealed();
      await record(tenant, 7);
      await tamper(
        `DELETE FROM audit.${table} WHERE entry_id = (SELECT entry_id FROM audit.entries WHERE tenant_id = '${tenant}' AND actor = 'ann-7')`,
      );
      expect(await verify(tenant)).toMatchObject({
        valid: false,
        firstBroken: 7,
        problem: expect.stringMatching(/^missing (entry|seal): /),
      });
    },
  );
});
