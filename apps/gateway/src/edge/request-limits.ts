import type { BudgetName, Route } from '@switchyard/contracts';
import { addressGroup, type Identity } from '@switchyard/auth';
import type { KnownTenant } from '../known/known-state.js';

export interface LimitBudget {
  key: string;
  limit: number;
  windowSeconds: number;
}

export interface LimitDecision {
  allowed: boolean;
  limit: number;
  remaining: number;
  /** Unix seconds. */
  resetAt: number;
}

/** Takes one from every budget, or from none; decides at once when it can. */
export interface RequestLimits {
  takeAll(budgets: readonly LimitBudget[]): LimitDecision | Promise<LimitDecision>;
}

export type Budgets = Readonly<Record<BudgetName, number>>;

/** What a request is counted against: its caller and endpoint, and its tenant. */
export function budgetsOf(
  route: Route,
  caller: { identity: Identity | null; address: string },
  budgets: Budgets,
  tenantOf: (id: string) => KnownTenant | undefined,
): LimitBudget[] {
  const { identity } = caller;
  const who = identity?.subject ?? `address:${addressGroup(caller.address)}`;
  const own = { key: `${route.id}:${who}`, limit: budgets[route.limit], windowSeconds: 60 };
  const tenant = identity?.tenant;
  const known = tenant ? tenantOf(tenant) : undefined;
  return tenant && known
    ? [own, { key: `tenant:${tenant}`, limit: known.maxRequestsPerMinute, windowSeconds: 60 }]
    : [own];
}

export function limitHeaders({ limit, remaining, resetAt }: LimitDecision): [string, string][] {
  return [
    ['x-ratelimit-limit', String(limit)],
    ['x-ratelimit-remaining', String(remaining)],
    ['x-ratelimit-reset', String(resetAt)],
  ];
}
