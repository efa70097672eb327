import { Controller, Inject } from '@nestjs/common';
import { environments, routes, type ApprovalPolicy, type EnvironmentName } from '@switchyard/contracts';
import { ServiceDatabase } from '@switchyard/database';
import { AppError, notFound } from '@switchyard/errors';
import {
  audited,
  Handles,
  identityOf,
  Input,
  requireMatch,
  type HandlerInput,
  type HandlerOutput,
} from '@switchyard/service';
import type { z } from 'zod';
import { findTenant } from '../accepting/tenant-terms.store.js';
import { findApprovalPolicy, saveApprovalPolicy, type ApprovalPolicyRow } from './approval-policy.store.js';
import { ruleIn, rulesIn } from './rules.js';

@Controller()
export class ApprovalPolicyController {
  constructor(@Inject(ServiceDatabase) private readonly database: ServiceDatabase) {}

  @Handles(routes.getApprovalPolicy)
  async get(
    @Input() { params, setVersion }: HandlerInput<typeof routes.getApprovalPolicy>,
  ): HandlerOutput<typeof routes.getApprovalPolicy> {
    const { tenantId } = params;
    const policy = await this.database.withTenant(tenantId, async (tx) => {
      if (!(await findTenant(tx, tenantId))) throw notFound('Tenant', tenantId);
      return await findApprovalPolicy(tx, tenantId);
    });
    setVersion(policy.version);
    return policyView(policy);
  }

  @Handles(routes.putApprovalPolicy)
  async put(
    @Input() { params, body, call, ifMatch, setVersion }: HandlerInput<typeof routes.putApprovalPolicy>,
  ): HandlerOutput<typeof routes.putApprovalPolicy> {
    const { tenantId } = params;
    const policy = await this.database.withTenant(tenantId, async (tx) => {
      if (!(await findTenant(tx, tenantId))) throw notFound('Tenant', tenantId);
      const before = await findApprovalPolicy(tx, tenantId);
      requireMatch(ifMatch, before.version);
      const saved = await saveApprovalPolicy(tx, before, {
        rules: body.environments,
        by: identityOf(call).username,
      });
      if (!saved) throw new AppError('PRECONDITION_FAILED', 'Somebody else changed it at this moment');
      await audited(tx, call, {
        tenant: tenantId,
        action: 'approval-policy.changed',
        subject: tenantId,
        details: changesOf(before, saved),
      });
      return saved;
    });
    setVersion(policy.version);
    return policyView(policy);
  }
}

const policyView = (row: ApprovalPolicyRow): z.output<typeof ApprovalPolicy> => ({
  tenantId: row.tenant_id,
  environments: rulesIn(row.rules),
  updatedAt: row.updated_at?.toISOString() ?? null,
  updatedBy: row.updated_by,
});

/** `{ Production: 'from 2 by TenantAdmin to 0' }`: who looks for who took approvals away finds it. */
function changesOf(before: ApprovalPolicyRow, after: ApprovalPolicyRow): Record<string, string> {
  const told = (row: ApprovalPolicyRow, environment: EnvironmentName): string => {
    const { approvals, roles } = ruleIn(row.rules, environment);
    return approvals === 0 ? '0' : `${approvals} by ${roles.join(' or ')}`;
  };
  return Object.fromEntries(
    environments.flatMap((each) => {
      const [from, to] = [told(before, each), told(after, each)];
      return from === to ? [] : [[each, `from ${from} to ${to}`]];
    }),
  );
}
