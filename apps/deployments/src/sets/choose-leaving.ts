import type { InstanceState, ObservedInstance } from '../orchestrators/orchestrator.js';

const worth: Readonly<Record<InstanceState, number>> = { Crashed: 0, Starting: 1, Ready: 2, Stopping: 3 };

/** Which instances of a set are too many: those that are worth least, and of equals the youngest. The same question gets the same answer. */
export function chooseLeaving(instances: readonly ObservedInstance[], desired: number): ReadonlySet<string> {
  const running = instances.filter(({ state }) => state !== 'Stopping');
  const order = running.toSorted(
    (a, b) =>
      worth[a.state] - worth[b.state] ||
      (b.startedAt?.getTime() ?? 0) - (a.startedAt?.getTime() ?? 0) ||
      a.instanceId.localeCompare(b.instanceId),
  );
  return new Set(order.slice(0, Math.max(0, running.length - desired)).map(({ instanceId }) => instanceId));
}
