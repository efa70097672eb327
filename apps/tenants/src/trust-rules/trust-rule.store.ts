import type { Role } from '@switchyard/contracts';
import { listPage, type Page, type PageOf, type Transaction } from '@switchyard/database';

export interface TrustRuleRow {
  rule_id: string;
  name: string;
  issuer_id: string;
  role: Exclude<Role, 'PlatformAdmin'>;
  tenant_id: string | null;
  publisher_id: string | null;
  claims: Record<string, string>;
  /** Where an exchange looks for it. */
  anchor: string;
  status: 'Active' | 'Disabled';
  /** Rises whenever what was exchanged by it so far stops to count. */
  token_generation: number;
  created_by: string;
  created_by_id: string;
  created_at: Date;
  last_used_at: Date | null;
}

/** With what its issuer asks for. */
export type ShownTrustRuleRow = TrustRuleRow & {
  issuer: string;
  audience: string;
  issuer_enabled: boolean;
};

export type NewTrustRule = Omit<TrustRuleRow, 'status' | 'token_generation' | 'created_at' | 'last_used_at'>;

export type TrustRuleOwner = { kind: 'tenant'; id: string } | { kind: 'publisher'; id: string };

const ownerColumn = (owner: TrustRuleOwner) => (owner.kind === 'tenant' ? 'tenant_id' : 'publisher_id');

/** Undefined when the owner has a rule of that name. */
export const insertTrustRule = (tx: Transaction, rule: NewTrustRule): Promise<TrustRuleRow | undefined> =>
  tx.one<TrustRuleRow>(
    `INSERT INTO tenants.trust_rules (rule_id, name, issuer_id, role, tenant_id, publisher_id, claims, anchor, created_by, created_by_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING *`,
    [
      rule.rule_id,
      rule.name,
      rule.issuer_id,
      rule.role,
      rule.tenant_id,
      rule.publisher_id,
      JSON.stringify(rule.claims),
      rule.anchor,
      rule.created_by,
      rule.created_by_id,
    ],
  );

export async function countTrustRules(tx: Transaction, owner: TrustRuleOwner): Promise<number> {
  const row = await tx.one<{ n: number }>(
    `SELECT count(*)::int AS n FROM tenants.trust_rules WHERE ${ownerColumn(owner)} = $1`,
    [owner.id],
  );
  return row?.n ?? 0;
}

export const lockTrustRule = (
  tx: Transaction,
  owner: TrustRuleOwner,
  ruleId: string,
): Promise<TrustRuleRow | undefined> =>
  tx.one<TrustRuleRow>(
    `SELECT * FROM tenants.trust_rules WHERE ${ownerColumn(owner)} = $1 AND rule_id = $2 FOR UPDATE`,
    [owner.id, ruleId],
  );

export const lockTrustRulesOf = (tx: Transaction, userId: string): Promise<TrustRuleRow[]> =>
  tx.query<TrustRuleRow>(
    `SELECT * FROM tenants.trust_rules WHERE created_by_id = $1 AND status = 'Active' ORDER BY rule_id FOR UPDATE`,
    [userId],
  );

export const lockTrustRulesIn = (tx: Transaction, issuerId: string): Promise<TrustRuleRow[]> =>
  tx.query<TrustRuleRow>(
    'SELECT * FROM tenants.trust_rules WHERE issuer_id = $1 ORDER BY rule_id FOR UPDATE',
    [issuerId],
  );

export const trustRulesOfTenant = (tx: Transaction, tenantId: string): Promise<TrustRuleRow[]> =>
  tx.query<TrustRuleRow>('SELECT * FROM tenants.trust_rules WHERE tenant_id = $1 ORDER BY rule_id', [
    tenantId,
  ]);

export function listTrustRuleRows(
  tx: Transaction,
  owner: TrustRuleOwner,
  page: Page,
): Promise<PageOf<ShownTrustRuleRow>> {
  const where = [{ sql: `r.${ownerColumn(owner)} = ?`, values: [owner.id] }];
  return listPage<ShownTrustRuleRow>(
    tx,
    {
      columns: 'r.*, i.issuer, i.audience, i.enabled AS issuer_enabled',
      from: 'tenants.trust_rules r JOIN tenants.oidc_issuers i USING (issuer_id)',
      where,
      createdAt: 'r.created_at',
      id: 'r.rule_id',
    },
    page,
  );
}

/** The rules that could mean a token with these anchors, the oldest first. */
export const trustRulesAt = (
  tx: Transaction,
  issuerId: string,
  anchors: readonly string[],
): Promise<TrustRuleRow[]> =>
  tx.query<TrustRuleRow>(
    `SELECT * FROM tenants.trust_rules WHERE issuer_id = $1 AND anchor = ANY($2) AND status = 'Active' ORDER BY created_at, rule_id`,
    [issuerId, anchors],
  );

/** Locks it until the token is issued; undefined when it was disabled or deleted meanwhile. */
export const markTrustRuleUsed = (tx: Transaction, ruleId: string): Promise<TrustRuleRow | undefined> =>
  tx.one<TrustRuleRow>(
    `UPDATE tenants.trust_rules SET last_used_at = now() WHERE rule_id = $1 AND status = 'Active' RETURNING *`,
    [ruleId],
  );

export async function raiseGeneration(
  tx: Transaction,
  ruleId: string,
  status: TrustRuleRow['status'],
): Promise<number> {
  const row = await tx.one<{ token_generation: number }>(
    'UPDATE tenants.trust_rules SET token_generation = token_generation + 1, status = $2 WHERE rule_id = $1 RETURNING token_generation',
    [ruleId, status],
  );
  if (!row) throw new Error(`trust rule ${ruleId} vanished before its tokens were refused`);
  return row.token_generation;
}

export const deleteTrustRule = (tx: Transaction, ruleId: string): Promise<number> =>
  tx.run('DELETE FROM tenants.trust_rules WHERE rule_id = $1', [ruleId]);
