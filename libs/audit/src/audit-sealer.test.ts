import { ServiceDatabase } from '@switchyard/database';
import { createTestDatabase, eventually, type TestDatabase } from '@switchyard/testing';
import { AuditSealer, auditSchema, recordAudit, verifyAudit } from './index.js';

const anHour = 3_600_000;

describe('the sealer', () => {
  let db: TestDatabase;
  let tenants: ServiceDatabase;
  const errors: string[] = [];
  const logger = { error: (_: object, message: string) => void errors.push(message) };
  beforeAll(async () => {
    db = await createTestDatabase([auditSchema]);
    tenants = db.open('tenants');
  });
  beforeEach(() => (errors.length = 0));
  afterAll(() => db.close());

  const record = (tenant: string, entries = 1) =>
    tenants.withTenant(tenant, async (tx) => {
      const entry = { tenant, action: 'test', outcome: 'Success', actor: 'ann', actorKind: 'user' } as const;
      for (let i = 0; i < entries; i += 1) await recordAudit(tx, entry);
    });
  const isSealed = (tenant: string, entries: number) =>
    eventually(async () => {
      const found = await tenants.withTenant(tenant, (tx) => verifyAudit(tx, tenant));
      expect(found).toMatchObject({ valid: true, checked: entries, unsealed: 0 });
    });

  it('seals what it finds at the start, batch after batch without waiting', async () => {
    await record('start', 25);
    const sealer = new AuditSealer({ database: tenants, logger, batch: 4, pollMs: anHour });
    sealer.start();
    await isSealed('start', 25);
    await sealer.stop();
  });

  it('seals after a hint', async () => {
    const sealer = new AuditSealer({ database: tenants, logger, pollMs: anHour });
    sealer.start();
    for (let n = 1; n <= 5; n += 1) {
      await record('hint');
      sealer.hint();
      await isSealed('hint', n);
    }
    await sealer.stop();
  });

  it('seals without a hint', async () => {
    const sealer = new AuditSealer({ database: tenants, logger, pollMs: 20 });
    sealer.start();
    await record('poll');
    await isSealed('poll', 1);
    await sealer.stop();
    expect(errors).toEqual([]);
  });

  it('several share the work without an error', async () => {
    const sealers = [1, 2, 3].map(() => new AuditSealer({ database: tenants, logger, batch: 3, pollMs: 5 }));
    for (const sealer of sealers) sealer.start();
    await Promise.all(Array.from({ length: 30 }, (_, i) => record(`shared-${i % 3}`, 3)));
    for (const i of [0, 1, 2]) await isSealed(`shared-${i}`, 30);
    await Promise.all(sealers.map((sealer) => sealer.stop()));
    expect(errors).toEqual([]);
  });

  it('says what fails, tries again and goes on when it works', async () => {
    await db.look('ALTER TABLE audit.heads RENAME TO heads_elsewhere');
    const sealer = new AuditSealer({ database: tenants, logger, pollMs: 5 });
    sealer.start();
    await record('failing');
    await eventually(() => expect(errors.length).toBeGreaterThan(2));
    expect(new Set(errors)).toEqual(new Set(['sealing the audit log failed and will be tried again']));
    await db.look('ALTER TABLE audit.heads_elsewhere RENAME TO heads');
    await isSealed('failing', 1);
    await sealer.stop();
  });

  it('a hint does not make it hurry while the database is away, and it stops at once all the same', async () => {
    const away = new ServiceDatabase({ service: 'tenants', url: 'postgres://nobody@127.0.0.1:1/none' });
    const sealer = new AuditSealer({ database: away, logger, pollMs: anHour });
    sealer.start();
    await eventually(() => expect(errors).toHaveLength(1));
    for (let i = 0; i < 100; i += 1) sealer.hint();
    await sealer.stop();
    await away.close();
    expect(errors).toHaveLength(1);
  });

  it('may be stopped before it was started, and twice', async () => {
    const sealer = new AuditSealer({ database: tenants, logger });
    await sealer.stop();
    await sealer.stop();
  });
});
