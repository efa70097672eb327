import { createTestDatabase, type TestDatabase } from '@switchyard/testing';
import { auditSchema, listAudit, recordAudit, sealAudit, verifyAudit } from './index.js';

describe('sealing', () => {
  let db: TestDatabase;
  beforeAll(async () => (db = await createTestDatabase([auditSchema])));
  afterAll(() => db.close());

  it('chains what was recorded', async () => {
    const tenants = db.open('tenants');
    await tenants.withTenant('acme', (tx) =>
      recordAudit(tx, {
        tenant: 'acme',
        action: 'a.b',
        outcome: 'Success',
        actor: 'x\0',
        actorKind: 'user',
        details: { b: 1e-7, a: ['\0', '\\u0000'] },
      }),
    );
    expect(await tenants.withPlatform('t', (tx) => sealAudit(tx, { batch: 10 }))).toBe(1);
    console.log(
      await tenants.withTenant('acme', (tx) => listAudit(tx, { limit: 5, offset: 0, action: 'a.' })),
    );
    expect(await tenants.withTenant('acme', (tx) => verifyAudit(tx, 'acme'))).toMatchObject({
      valid: true,
      checked: 1,
    });
  });
});
