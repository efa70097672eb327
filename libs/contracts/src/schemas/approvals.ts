import { z } from 'zod';
import { timestamp } from './common.js';
import { environments } from './routing.js';

export const approverRoles = ['TenantAdmin', 'PlatformAdmin'] as const;
export type ApproverRole = (typeof approverRoles)[number];

export const mostApprovals = 5;

const approvals = z.number().int().min(0).max(mostApprovals).meta({
  description: 'How many people, never the one who asks for the deployment; 0: none',
});
const roles = z.array(z.enum(approverRoles)).min(1).max(approverRoles.length);
const uniqueRoles = roles.refine((value) => new Set(value).size === value.length, {
  message: 'must not name a role twice',
});

const ApprovalRule = z.object({ approvals, roles });
export type ApprovalRule = z.output<typeof ApprovalRule>;
const PutApprovalRule = z.strictObject({
  approvals,
  roles: uniqueRoles.default([...approverRoles]).meta({ description: 'Who may approve' }),
});

const inEach = <Rule extends z.ZodType>(rule: Rule) =>
  Object.fromEntries(environments.map((environment) => [environment, rule])) as Record<
    (typeof environments)[number],
    Rule
  >;

export const ApprovalPolicy = z.object({
  tenantId: z.string(),
  environments: z.object(inEach(ApprovalRule)),
  updatedAt: timestamp.nullable(),
  updatedBy: z.string().nullable(),
});

/** The whole of it: an environment that is left out needs no approval. */
export const PutApprovalPolicy = z.strictObject({
  environments: z.strictObject(inEach(PutApprovalRule.optional())),
});

/** Of one deployment, as the policy was when it was asked for. */
export const DeploymentApprovals = z.object({
  required: z.number().int(),
  missing: z.number().int(),
  roles: z.array(z.enum(approverRoles)),
  expiresAt: timestamp,
  given: z.array(
    z.object({
      approvedBy: z.string(),
      role: z.enum(approverRoles),
      approvedAt: timestamp,
      comment: z.string().nullable(),
    }),
  ),
});
