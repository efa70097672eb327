import type { Role } from '@switchyard/contracts';
import type { UserRow } from '../people/user.store.js';
import type { RobotRow } from './robot.store.js';

/** From the least; each can do what those before it can. */
const ranks: readonly Role[] = ['Viewer', 'TenantUser', 'TenantAdmin'];

/** Whether a robot can do no more than the person who was shown its secret. */
export function mayKeepRobot(
  user: Pick<UserRow, 'role' | 'status' | 'tenant_id' | 'publishers'>,
  robot: Pick<RobotRow, 'role' | 'tenant_id' | 'publisher_id'>,
): boolean {
  if (user.status !== 'Active') return false;
  if (user.role === 'PlatformAdmin') return true;
  if (robot.publisher_id !== null)
    return user.role === 'PluginDeveloper' && user.publishers.includes(robot.publisher_id);
  return robot.tenant_id === user.tenant_id && ranks.indexOf(robot.role) <= ranks.indexOf(user.role);
}
