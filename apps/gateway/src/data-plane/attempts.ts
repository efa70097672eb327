import { AppError } from '@switchyard/errors';
import type { Admitted } from './admission.js';
import type { Instance } from './instance.js';
import type { RouteTable } from './route-table.js';
import type { SampleAggregator } from './sample-aggregator.js';
import type { FailureKind, SampleCell } from './sample-cell.js';

type Target = Pick<Admitted, 'installation' | 'slot'>;

export interface AttemptsParts {
  table: RouteTable;
  samples: SampleAggregator;
  clock: () => number;
  observe: (status: number) => void;
}

/** Chooses instances, counts what comes of it, and takes those out that keep failing. */
export class Attempts {
  constructor(private readonly parts: AttemptsParts) {}

  /** Throws the answer when there is none: it is the gateway's own, and no error of the slot. */
  choose({ installation, slot }: Target): Instance {
    const { pluginId, concurrencyPerInstance } = installation.policy;
    const set = this.parts.table.set(slot.setId);
    const chosen = set?.choose(this.parts.clock(), concurrencyPerInstance ?? Infinity);
    if (chosen) return chosen;
    const why = set?.hasReady
      ? `"${pluginId}" has as many requests under way as it may have`
      : `"${pluginId}" has no instance that is ready`;
    throw new AppError('SERVICE_UNAVAILABLE', why, { retryAfter: 1 });
  }

  /** Another one of the same slot; the same one only where a connection broke and there is no other. */
  chooseAgain({ installation, slot }: Target, failed: Instance, kind: FailureKind): Instance | undefined {
    const most = installation.policy.concurrencyPerInstance ?? Infinity;
    return this.parts.table.set(slot.setId)?.choose(this.parts.clock(), most, failed, kind === 'reset');
  }

  leave(instance: Instance): void {
    this.parts.table.leave(instance);
  }

  cellOf({ installation, slot }: Target, instance: Instance): SampleCell {
    const known = instance.cells[slot.name];
    if (known?.labels.deploymentId === slot.deploymentId) return known;
    const { tenantId, environment, pluginId } = installation.policy;
    const { deploymentId, setId, name } = slot;
    const labels = { tenantId, environment, pluginId, deploymentId, setId, slot: name };
    const cell = this.parts.samples.cell({ ...labels, instanceId: instance.instanceId });
    instance.cells[name] = cell;
    return cell;
  }

  answered(
    target: Target,
    instance: Instance,
    cell: SampleCell | undefined,
    status: number,
    milliseconds: number | undefined,
  ): void {
    this.parts.observe(status);
    cell?.answered(status, milliseconds);
    if (status >= 500) this.takeOut(target, instance, cell);
    else instance.succeeded(this.parts.clock());
  }

  failed(target: Target, instance: Instance, cell: SampleCell | undefined, kind: FailureKind): void {
    // One that was told to go is no failure of its release.
    if (!instance.ready) return;
    cell?.failed(kind);
    this.takeOut(target, instance, cell);
  }

  brokeOff(target: Target, instance: Instance, cell: SampleCell | undefined): void {
    if (!instance.ready) return;
    cell?.brokeOff();
    this.takeOut(target, instance, cell);
  }

  private takeOut({ installation }: Target, instance: Instance, cell: SampleCell | undefined): void {
    const { ejection } = installation.policy;
    if (!instance.failed(ejection)) return;
    const now = this.parts.clock();
    if (!this.parts.table.set(instance.setId)?.mayEject(now)) return;
    instance.eject(now, ejection);
    cell?.ejected();
  }
}
