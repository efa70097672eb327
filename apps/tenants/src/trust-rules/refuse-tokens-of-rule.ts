import type { Transaction } from '@switchyard/database';
import { endOfTokens, revoke, type RevocationTerms } from '../people/revocations.js';
import { raiseGeneration, type TrustRuleRow } from './trust-rule.store.js';

/** The subject of every token that is exchanged by the rule. */
export const subjectOfRule = (ruleId: string): string => `trust:${ruleId}`;

/**
 * From now on nothing counts that was exchanged by the rule so far. Waits for an exchange that is on its way, which
 * holds the rule's row.
 */
export async function refuseTokensOfRule(
  tx: Transaction,
  ruleId: string,
  terms: RevocationTerms,
  status: TrustRuleRow['status'],
): Promise<void> {
  const generation = await raiseGeneration(tx, ruleId, status);
  await revoke(tx, { kind: 'subject', id: subjectOfRule(ruleId), generation, until: endOfTokens(terms) });
}
