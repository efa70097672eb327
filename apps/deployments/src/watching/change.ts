import type { DeploymentStatus, EnvironmentName } from '@switchyard/contracts';

/** What happened to a deployment, as it was committed. */
export interface Change {
  readonly version: number;
  readonly tenantId: string;
  readonly deploymentId: string;
  readonly environment: EnvironmentName;
  readonly pluginId: string;
  /** null: it was not there. */
  readonly statusBefore: DeploymentStatus | null;
  /** null: it is no longer there. */
  readonly statusAfter: DeploymentStatus | null;
  /** As lists show it. */
  readonly object: Readonly<Record<string, unknown>>;
}

/** What a watch is about; undefined: all. */
export interface WatchFilter {
  /** The caller's own tenant; null: they belong to none and see all. */
  readonly own: string | null;
  readonly tenantId?: string | undefined;
  readonly environment?: EnvironmentName | undefined;
  readonly pluginId?: string | undefined;
  readonly status?: DeploymentStatus | undefined;
}

const allows = (wanted: string | null | undefined, is: string): boolean => wanted == null || wanted === is;

/**
 * What whoever watches is told of a change; null: nothing. A deployment that comes to the status that is asked for is ADDED
 * to what they know, and one that leaves it is DELETED from it.
 */
export function tellingOf(change: Change, filter: WatchFilter): 'ADDED' | 'MODIFIED' | 'DELETED' | null {
  if (!allows(filter.own, change.tenantId) || !allows(filter.tenantId, change.tenantId)) return null;
  if (!allows(filter.environment, change.environment) || !allows(filter.pluginId, change.pluginId))
    return null;
  const has = (status: DeploymentStatus | null): boolean => status !== null && allows(filter.status, status);
  const [was, is] = [has(change.statusBefore), has(change.statusAfter)];
  if (is) return was ? 'MODIFIED' : 'ADDED';
  return was ? 'DELETED' : null;
}
