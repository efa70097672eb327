import type { CreateTenantTrustRule, TrustRule } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import { AppError, conflict, notFound } from '@switchyard/errors';
import { identityOf, newId, type EdgeCall } from '@switchyard/service';
import type { z } from 'zod';
import { audited } from '@switchyard/service';
import { findOidcIssuer } from '../outside-issuers/oidc-issuer.store.js';
import { mustStillCount, type RevocationTerms } from '../people/revocations.js';
import { anchorOf, identifyingClaims } from './anchor.js';
import { refuseTokensOfRule } from './refuse-tokens-of-rule.js';
import {
  countTrustRules,
  deleteTrustRule,
  insertTrustRule,
  lockTrustRule,
  type ShownTrustRuleRow,
  type TrustRuleOwner,
  type TrustRuleRow,
} from './trust-rule.store.js';

/** An exchange compares its token with each rule that could mean it: nobody makes that many. */
const mostRules = 100;

export type NewRule = Omit<z.output<typeof CreateTenantTrustRule>, 'role'> & { role: TrustRuleRow['role'] };

export async function createTrustRule(
  tx: Transaction,
  call: EdgeCall,
  owner: TrustRuleOwner,
  input: NewRule,
): Promise<ShownTrustRuleRow> {
  const who = identityOf(call);
  await mustStillCount(tx, who);
  const anchor = mustNameSomebody(input.claims);
  const issuer = await findOidcIssuer(tx, input.issuerId);
  if (!issuer)
    throw new AppError('VALIDATION_ERROR', `There is no outside issuer "${input.issuerId}"`, {
      details: [{ field: 'issuerId', message: 'is not known', received: input.issuerId }],
    });
  if ((await countTrustRules(tx, owner)) >= mostRules)
    throw conflict(`There are ${mostRules} trust rules already; delete one that nobody uses`);
  const row = await insertTrustRule(tx, {
    rule_id: newId('rule'),
    name: input.name,
    issuer_id: issuer.issuer_id,
    role: input.role,
    tenant_id: owner.kind === 'tenant' ? owner.id : null,
    publisher_id: owner.kind === 'publisher' ? owner.id : null,
    claims: input.claims,
    anchor,
    created_by: who.username,
    created_by_id: who.subject,
  });
  if (!row)
    throw conflict(`There is a trust rule "${input.name}" already`, [
      { field: 'name', message: 'is taken', received: input.name },
    ]);
  await audited(tx, call, {
    tenant: row.tenant_id,
    action: 'trust-rule.created',
    subject: row.name,
    details: { ruleId: row.rule_id, issuerId: row.issuer_id, role: row.role, claims: row.claims },
  });
  return { ...row, issuer: issuer.issuer, audience: issuer.audience, issuer_enabled: issuer.enabled };
}

function mustNameSomebody(claims: Readonly<Record<string, string>>): string {
  const anchor = anchorOf(claims);
  if (anchor !== undefined) return anchor;
  throw new AppError('VALIDATION_ERROR', 'The rule would trust strangers: it does not say whom it means', {
    details: [
      {
        field: 'claims',
        message: 'must hold one of these, without a wildcard up to its first slash',
        received: Object.keys(claims),
        allowed: identifyingClaims,
      },
    ],
  });
}

export async function removeTrustRule(
  tx: Transaction,
  call: EdgeCall,
  owner: TrustRuleOwner,
  ruleId: string,
  terms: RevocationTerms,
): Promise<void> {
  const row = await lockTrustRule(tx, owner, ruleId);
  if (!row) throw notFound('Trust rule', ruleId);
  await forgetTrustRule(tx, call, row, terms);
}

export async function forgetTrustRule(
  tx: Transaction,
  call: EdgeCall,
  row: TrustRuleRow,
  terms: RevocationTerms,
  details: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await refuseTokensOfRule(tx, row.rule_id, terms, 'Disabled');
  await deleteTrustRule(tx, row.rule_id);
  await audited(tx, call, {
    tenant: row.tenant_id,
    action: 'trust-rule.deleted',
    subject: row.name,
    details: { ruleId: row.rule_id, ...details },
  });
}

export const trustRuleView = (row: ShownTrustRuleRow): z.output<typeof TrustRule> => ({
  ruleId: row.rule_id,
  name: row.name,
  issuerId: row.issuer_id,
  issuer: row.issuer,
  audience: row.audience,
  role: row.role,
  tenantId: row.tenant_id,
  publisherId: row.publisher_id,
  claims: row.claims,
  status: row.status === 'Active' && !row.issuer_enabled ? 'IssuerDisabled' : row.status,
  createdBy: row.created_by,
  createdAt: row.created_at.toISOString(),
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
});
