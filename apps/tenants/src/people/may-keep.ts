import type { Role } from '@switchyard/contracts';
import type { UserRow } from './user.store.js';

/** From the least; each can do what those before it can. */
export const tenantRanks: readonly Role[] = ['Viewer', 'TenantUser', 'TenantAdmin'];

/** What acts in somebody's name when they are not there: a robot, a trust rule. */
export interface Delegate {
  role: Role;
  tenant_id: string | null;
  publisher_id: string | null;
}

/** Whether it can do no more than the person who made it, or was shown its secret. */
export function mayKeep(
  user: Pick<UserRow, 'role' | 'status' | 'tenant_id' | 'publishers'>,
  delegate: Delegate,
): boolean {
  if (user.status !== 'Active') return false;
  if (user.role === 'PlatformAdmin') return true;
  if (delegate.publisher_id !== null)
    return user.role === 'PluginDeveloper' && user.publishers.includes(delegate.publisher_id);
  return (
    delegate.tenant_id === user.tenant_id &&
    tenantRanks.indexOf(delegate.role) <= tenantRanks.indexOf(user.role)
  );
}
