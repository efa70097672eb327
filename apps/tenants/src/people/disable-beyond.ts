import type { Transaction } from '@switchyard/database';
import type { audited } from '@switchyard/service';
import { tellGateways } from '../robots/robot-operations.js';
import { lockRobotsOf, saveRobot } from '../robots/robot.store.js';
import { refuseTokensOfRule } from '../trust-rules/refuse-tokens-of-rule.js';
import { lockTrustRulesOf } from '../trust-rules/trust-rule.store.js';
import { mayKeep, type Delegate } from './may-keep.js';
import type { RevocationTerms } from './revocations.js';
import type { UserRow } from './user.store.js';

type AuditEntry = Parameters<typeof audited>[2];

/**
 * Whoever lost rights would keep them in what they made: in robots whose secrets they were shown, in rules that trust
 * their own repository. After `refuseTokensOf`, so that nothing further of theirs is on its way.
 */
export async function disableBeyond(
  tx: Transaction,
  user: UserRow,
  terms: RevocationTerms,
  audit: (entry: AuditEntry) => Promise<void>,
): Promise<void> {
  const beyond = (delegate: Delegate) => !mayKeep(user, delegate);
  const told = (delegate: Delegate & { name: string }, action: string) =>
    audit({
      tenant: delegate.tenant_id,
      action,
      subject: delegate.name,
      details: { reason: 'beyond the rights of its creator', creator: user.username },
    });
  for (const robot of (await lockRobotsOf(tx, user.user_id)).filter(beyond)) {
    const row = await saveRobot(tx, robot.robot_id, { ...robot, status: 'Disabled' });
    await told(row, 'robot.disabled');
    await tellGateways(tx, row);
  }
  for (const rule of (await lockTrustRulesOf(tx, user.user_id)).filter(beyond)) {
    await refuseTokensOfRule(tx, rule.rule_id, terms, 'Disabled');
    await told(rule, 'trust-rule.disabled');
  }
}
