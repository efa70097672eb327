import type { DeployedSetInput, RouteEndpointsInput } from '@switchyard/contracts';
import type { ObservedInstance } from '../orchestrators/orchestrator.js';
import type { KeptSet } from './set.store.js';

/** What others are told of a set's instances: gateways where to ask, health what to look at. */
export interface SetPublication {
  readonly endpoints: RouteEndpointsInput;
  readonly deployed: DeployedSetInput;
}

export function setPublication(
  set: KeptSet,
  instances: readonly ObservedInstance[],
  leaving: ReadonlySet<string>,
): SetPublication {
  const isReady = ({ instanceId, ready }: ObservedInstance): boolean =>
    ready && set.fate !== 'draining' && !leaving.has(instanceId);
  return {
    endpoints: {
      instances: instances.flatMap((instance) => {
        const address = instance.addresses?.data;
        return address ? [{ instanceId: instance.instanceId, address, ready: isReady(instance) }] : [];
      }),
    },
    deployed: {
      setId: set.set_id,
      deploymentId: set.deployment_id,
      tenantId: set.tenant_id,
      environment: set.environment,
      pluginId: set.plugin_id,
      version: set.semantic_version,
      resources: { maxCpu: set.resources.maxCpu, maxMemoryMB: set.resources.maxMemoryMB },
      healthCheck: set.health_check,
      moving: set.moving,
      instances: instances.map((instance) => ({
        instanceId: instance.instanceId,
        address: instance.addresses?.data ?? null,
        protocol: instance.addresses?.protocol ?? null,
        ready: isReady(instance),
        state: instance.state,
        reason: instance.reason?.slice(0, 2_000) ?? null,
        usage: instance.usage ? { cpu: instance.usage.cpu, memoryMB: instance.usage.memoryMB } : null,
      })),
    },
  };
}
