import type { Transaction } from '@switchyard/database';
import type { audited } from '../audit/audited.js';
import type { UserRow } from '../people/user.store.js';
import { mayKeepRobot } from './may-keep-robot.js';
import { tellGateways } from './robot-operations.js';
import { lockRobotsOf, saveRobot } from './robot.store.js';

type AuditEntry = Parameters<typeof audited>[2];

/**
 * Whoever lost rights would keep them in the robots whose secrets they were shown. After `refuseTokensOf`, so that no
 * further robot of theirs is on its way.
 */
export async function disableRobotsBeyond(
  tx: Transaction,
  user: UserRow,
  audit: (entry: AuditEntry) => Promise<void>,
): Promise<void> {
  for (const robot of await lockRobotsOf(tx, user.user_id)) {
    if (mayKeepRobot(user, robot)) continue;
    const row = await saveRobot(tx, robot.robot_id, { ...robot, status: 'Disabled' });
    await audit({
      tenant: row.tenant_id,
      action: 'robot.disabled',
      subject: row.name,
      details: { reason: 'beyond the rights of its creator', creator: user.username },
    });
    await tellGateways(tx, row);
  }
}
