import { createHash } from 'node:crypto';
import type { ServiceDatabase } from '@switchyard/database';
import { createTestDatabase, type TestDatabase } from '@switchyard/testing';
import { auditSchema, listAudit, recordAudit, sealAudit, verifyAudit, type AuditEntry } from './index.js';

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

describe('verifying a chain', () => {
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
  /** The same from the tenant's transaction and the platform's. */
  const verify = async (tenant: string) => {
    const own = await tenants.withTenant(tenant, (tx) => verifyAudit(tx, tenant));
    expect(await tenants.withPlatform('verify', (tx) => verifyAudit(tx, tenant))).toEqual(own);
    return own;
  };

  it('finds nothing wrong with an empty chain', async () => {
    const nothing = {
      valid: true,
      checked: 0,
      unsealed: 0,
      lastSequence: 0,
      lastHash: null,
      firstBroken: null,
      problem: null,
    };
    expect(await verify('nobody')).toEqual({ tenantId: 'nobody', ...nothing });
    expect(await tenants.withPlatform('verify', (tx) => verifyAudit(tx, null))).toEqual({
      tenantId: null,
      ...nothing,
    });
  });

  it('tells how far a whole chain goes and how much waits', async () => {
    const tenant = await sealed(1_203); // more than two pages
    await record(tenant, 1, 2);
    expect(await verify(tenant)).toMatchObject({
      valid: true,
      checked: 1_203,
      lastSequence: 1_203,
      unsealed: 2,
      problem: null,
    });
    await seal();
  });

  it("verifies the platform's own chain beside those of tenants", async () => {
    await record(null, 1, 2, 3);
    await sealed();
    expect(await tenants.withPlatform('verify', (tx) => verifyAudit(tx, null))).toMatchObject({
      valid: true,
      checked: 3,
      tenantId: null,
    });
  });

  it('can be done by an outsider with nothing but the list', async () => {
    const tenant = await sealed();
    const { entries } = await tenants.withTenant(tenant, (tx) => listAudit(tx, { limit: 100, offset: 0 }));
    const inOrder = entries.toSorted((a, b) => Number(a.sequence) - Number(b.sequence));
    const hashOf = (e: AuditEntry, previous: string) =>
      createHash('sha256')
        .update(
          JSON.stringify([
            ...[
              previous,
              `tenant:${tenant}`,
              e.sequence,
              e.entryId,
              e.tenantId,
              e.action,
              e.outcome,
              e.actor,
              e.actorKind,
            ],
            ...[e.subject, e.address, e.traceId, e.details, e.count, e.occurredAt],
          ]),
        )
        .digest('hex');
    let previous = '0'.repeat(64);
    for (const e of inOrder) expect((previous = hashOf(e, previous))).toBe(e.hash);
    expect((await verify(tenant)).lastHash).toBe(previous);
  });

  it('is not held up by an orphan in the queue', async () => {
    await db.look(`INSERT INTO audit.unsealed (entry_id, chain) VALUES (gen_random_uuid(), 'tenant:orphan')`);
    const tenant = await sealed();
    expect(await verify(tenant)).toMatchObject({ valid: true, checked: 6, unsealed: 0 });
  });

  it('finds what the sealer itself could do with its rights', async () => {
    const tenant = await sealed();
    await record(tenant, 7);
    await tenants.withPlatform('seal', (tx) =>
      tx.run('DELETE FROM audit.unsealed WHERE chain = $1', [`tenant:${tenant}`]),
    );
    expect(await verify(tenant)).toMatchObject({
      firstBroken: 7,
      problem: expect.stringContaining('missing seal: '),
    });
    await tenants.withPlatform('seal', (tx) =>
      tx.run(
        `INSERT INTO audit.seals SELECT 'tenant:elsewhere', 1, entry_id, sha256('x') FROM audit.entries WHERE tenant_id = $1 AND actor = 'ann-7'`,
        [tenant],
      ),
    );
    expect(await verify(tenant)).toMatchObject({
      firstBroken: 7,
      problem: expect.stringContaining('missing seal: '),
    });
  });
});
