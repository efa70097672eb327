import { approverRoles, environments, type ApprovalRule, type EnvironmentName } from '@switchyard/contracts';

/** By environment; one that is left out needs no approval. */
export type Rules = Readonly<Partial<Record<EnvironmentName, ApprovalRule>>>;

const none: ApprovalRule = { approvals: 0, roles: [...approverRoles] };

export const ruleIn = (rules: Rules, environment: EnvironmentName): ApprovalRule =>
  rules[environment] ?? none;

export const rulesIn = (rules: Rules): Record<EnvironmentName, ApprovalRule> =>
  Object.fromEntries(environments.map((environment) => [environment, ruleIn(rules, environment)])) as Record<
    EnvironmentName,
    ApprovalRule
  >;
