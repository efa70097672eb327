import { ownerRole, platformRole, serviceRole, services } from '@switchyard/database';

const every = services.map(serviceRole).join(', ');
const everyPlatform = services.map(platformRole).join(', ');
const reader = serviceRole('tenants');
const sealer = platformRole('tenants');

const ownTenant = `tenant_id = (SELECT current_setting('switchyard.tenant', true))`;
const ownChain = `chain = (SELECT 'tenant:' || current_setting('switchyard.tenant', true))`;

/** What a service may choose of an entry: not its id, not its time. */
const given = 'tenant_id, action, outcome, actor, actor_kind, subject, address, trace_id, details, count';

/** Every service adds, tenants reads, its platform role seals; nobody has a right to change an entry or a seal. */
export const auditRights: readonly string[] = [
  ...['entries', 'unsealed', 'seals', 'heads'].flatMap((table) => [
    `ALTER TABLE audit.${table} ENABLE ROW LEVEL SECURITY`,
    `ALTER TABLE audit.${table} FORCE ROW LEVEL SECURITY`,
    `CREATE POLICY tenant_reads ON audit.${table} FOR SELECT TO ${reader} USING (${table === 'entries' ? ownTenant : ownChain})`,
    `CREATE POLICY platform_reads ON audit.${table} FOR SELECT TO ${sealer} USING (true)`,
    `GRANT SELECT ON audit.${table} TO ${reader}, ${sealer}`,
  ]),

  `CREATE POLICY tenant_adds ON audit.entries FOR INSERT TO ${every} WITH CHECK (${ownTenant})`,
  `CREATE POLICY platform_adds ON audit.entries FOR INSERT TO ${everyPlatform} WITH CHECK (true)`,
  `GRANT INSERT (${given}) ON audit.entries TO ${every}, ${everyPlatform}`,

  `CREATE POLICY queue ON audit.unsealed FOR INSERT TO ${ownerRole} WITH CHECK (true)`,
  `CREATE POLICY sealed ON audit.unsealed FOR DELETE TO ${sealer} USING (true)`,
  `GRANT DELETE ON audit.unsealed TO ${sealer}`,

  `CREATE POLICY append ON audit.seals FOR INSERT TO ${sealer} WITH CHECK (true)`,
  `GRANT INSERT ON audit.seals TO ${sealer}`,

  `CREATE POLICY begin ON audit.heads FOR INSERT TO ${sealer} WITH CHECK (true)`,
  `CREATE POLICY move ON audit.heads FOR UPDATE TO ${sealer} USING (true) WITH CHECK (true)`,
  `GRANT INSERT, UPDATE ON audit.heads TO ${sealer}`,
];
