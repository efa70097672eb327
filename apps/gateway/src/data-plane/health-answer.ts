import type { Admitted } from './admission.js';
import type { RouteTable } from './route-table.js';

/** What `GET /app/{plugin}/` answers for a plugin that has nothing at its root. */
export function healthAnswer(table: RouteTable, { installation, slot }: Admitted, now: number): object {
  const { pluginId, environment } = installation.policy;
  const instances = table.set(slot.setId)?.instances ?? [];
  const ready = instances.filter((instance) => instance.ready);
  const serving = ready.filter((instance) => instance.ejectedUntil <= now);
  return {
    plugin: pluginId,
    environment,
    version: slot.version ?? null,
    status: serving.length === 0 ? 'unhealthy' : serving.length < instances.length ? 'degraded' : 'healthy',
    instances: { total: instances.length, ready: serving.length },
  };
}
