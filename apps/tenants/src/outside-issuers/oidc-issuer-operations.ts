import type { CreateOidcIssuer, OidcIssuer, UpdateOidcIssuer } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import { conflict, notFound } from '@switchyard/errors';
import { requireMatch, type EdgeCall, type IfMatch } from '@switchyard/service';
import type { z } from 'zod';
import { audited } from '@switchyard/service';
import type { RevocationTerms } from '../people/revocations.js';
import { refuseTokensOfRule } from '../trust-rules/refuse-tokens-of-rule.js';
import { forgetTrustRule } from '../trust-rules/trust-rule-operations.js';
import { lockTrustRulesIn } from '../trust-rules/trust-rule.store.js';
import {
  deleteOidcIssuer,
  insertOidcIssuer,
  lockOidcIssuer,
  saveOidcIssuer,
  type OidcIssuerRow,
} from './oidc-issuer.store.js';

export async function createOidcIssuer(
  tx: Transaction,
  call: EdgeCall,
  input: z.output<typeof CreateOidcIssuer>,
): Promise<OidcIssuerRow> {
  const { issuerId: issuer_id, ...rest } = input;
  const row = await insertOidcIssuer(tx, { issuer_id, ...rest });
  if (!row) throw conflict(`An outside issuer "${issuer_id}", or one at ${input.issuer}, exists`);
  await audited(tx, call, {
    tenant: null,
    action: 'oidc-issuer.created',
    subject: issuer_id,
    details: { issuer: row.issuer, audience: row.audience, enabled: row.enabled },
  });
  return row;
}

export async function updateOidcIssuer(
  tx: Transaction,
  call: EdgeCall,
  issuerId: string,
  input: z.output<typeof UpdateOidcIssuer>,
  terms: RevocationTerms & { ifMatch: IfMatch },
): Promise<OidcIssuerRow> {
  const before = await mustLock(tx, issuerId);
  requireMatch(terms.ifMatch, before.version);
  const row = await saveOidcIssuer(tx, issuerId, {
    name: input.name ?? before.name,
    audience: input.audience ?? before.audience,
    enabled: input.enabled ?? before.enabled,
  });
  // What was exchanged on other terms counts no longer.
  if ((before.enabled && !row.enabled) || before.audience !== row.audience)
    for (const rule of await lockTrustRulesIn(tx, issuerId))
      await refuseTokensOfRule(tx, rule.rule_id, terms, rule.status);
  await audited(tx, call, {
    tenant: null,
    action: 'oidc-issuer.updated',
    subject: issuerId,
    details: { changed: Object.keys(input), enabled: row.enabled, audience: row.audience },
  });
  return row;
}

export async function removeOidcIssuer(
  tx: Transaction,
  call: EdgeCall,
  issuerId: string,
  terms: RevocationTerms,
): Promise<OidcIssuerRow> {
  const row = await mustLock(tx, issuerId);
  for (const rule of await lockTrustRulesIn(tx, issuerId))
    await forgetTrustRule(tx, call, rule, terms, { reason: 'its issuer was deleted', issuerId });
  await deleteOidcIssuer(tx, issuerId);
  await audited(tx, call, {
    tenant: null,
    action: 'oidc-issuer.deleted',
    subject: issuerId,
    details: { issuer: row.issuer },
  });
  return row;
}

async function mustLock(tx: Transaction, issuerId: string): Promise<OidcIssuerRow> {
  const row = await lockOidcIssuer(tx, issuerId);
  if (!row) throw notFound('Outside issuer', issuerId);
  return row;
}

export const oidcIssuerView = (row: OidcIssuerRow): z.output<typeof OidcIssuer> => ({
  issuerId: row.issuer_id,
  name: row.name,
  issuer: row.issuer,
  audience: row.audience,
  enabled: row.enabled,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
});
