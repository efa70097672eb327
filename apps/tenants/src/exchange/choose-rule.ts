import { tenantRanks } from '../people/may-keep.js';
import { matchesClaims } from '../trust-rules/matches-claims.js';
import type { TrustRuleRow } from '../trust-rules/trust-rule.store.js';

export interface WantedOwner {
  publisherId?: string | undefined;
  tenantId?: string | undefined;
}

type Rule = Pick<TrustRuleRow, 'role' | 'tenant_id' | 'publisher_id' | 'claims'>;

export type Choice<R extends Rule> =
  | { kind: 'rule'; rule: R }
  | { kind: 'none' }
  /** Each owner trusts the token, and nobody said which is meant. */
  | { kind: 'ambiguous'; publishers: string[]; tenants: string[] };

/** The rule that a token is exchanged by. Of one owner's several it is the mightiest, and of those the first. */
export function chooseRule<R extends Rule>(
  rules: readonly R[],
  claims: Readonly<Record<string, unknown>>,
  { publisherId, tenantId }: WantedOwner,
): Choice<R> {
  const named = publisherId !== undefined || tenantId !== undefined;
  const fitting = rules.filter(
    (rule) =>
      (!named || rule.publisher_id === (publisherId ?? null)) &&
      (!named || rule.tenant_id === (tenantId ?? null)) &&
      matchesClaims(rule.claims, claims),
  );
  const publishers = distinct(fitting.map((rule) => rule.publisher_id));
  const tenants = distinct(fitting.map((rule) => rule.tenant_id));
  if (publishers.length + tenants.length > 1) return { kind: 'ambiguous', publishers, tenants };
  const [rule] = fitting.toSorted((a, b) => tenantRanks.indexOf(b.role) - tenantRanks.indexOf(a.role));
  return rule ? { kind: 'rule', rule } : { kind: 'none' };
}

const distinct = (ids: readonly (string | null)[]): string[] =>
  [...new Set(ids)].filter((id) => id !== null).toSorted();
