import type { Transaction } from '@switchyard/database';
import type { Rules } from './rules.js';

export interface ApprovalPolicyRow {
  tenant_id: string;
  version: number;
  rules: Rules;
  updated_at: Date | null;
  updated_by: string | null;
}

/** A tenant that never said anything needs no approvals. */
const unwritten = (tenantId: string): ApprovalPolicyRow => ({
  tenant_id: tenantId,
  version: 0,
  rules: {},
  updated_at: null,
  updated_by: null,
});

export async function findApprovalPolicy(tx: Transaction, tenantId: string): Promise<ApprovalPolicyRow> {
  const row = await tx.one<ApprovalPolicyRow>(
    'SELECT * FROM deployments.approval_policies WHERE tenant_id = $1',
    [tenantId],
  );
  return row ?? unwritten(tenantId);
}

/** Undefined when somebody else has written it since. */
export const saveApprovalPolicy = (
  tx: Transaction,
  before: ApprovalPolicyRow,
  { rules, by }: { rules: Rules; by: string },
): Promise<ApprovalPolicyRow | undefined> =>
  tx.one<ApprovalPolicyRow>(
    `INSERT INTO deployments.approval_policies AS p (tenant_id, version, rules, updated_by) VALUES ($1, $2, $3::jsonb, $4)
     ON CONFLICT (tenant_id) DO UPDATE SET version = excluded.version, rules = excluded.rules, updated_by = excluded.updated_by, updated_at = now()
       WHERE p.version = excluded.version - 1 RETURNING *`,
    [before.tenant_id, before.version + 1, JSON.stringify(rules), by],
  );
