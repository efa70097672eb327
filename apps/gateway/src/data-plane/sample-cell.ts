import { latencyBoundsMs, latencyBucketOf, type SlotSample } from '@switchyard/contracts';

export type FailureKind = keyof SlotSample['failures'];
export type SampleLabels = Pick<
  SlotSample,
  'tenantId' | 'environment' | 'pluginId' | 'deploymentId' | 'setId' | 'slot' | 'instanceId'
>;

const nothing = () => ({
  requests: 0,
  errors: 0,
  statuses: [0, 0, 0, 0, 0] as [number, number, number, number, number],
  failures: { refused: 0, reset: 0, timeout: 0 },
  clientAborts: 0,
  ejections: 0,
  latency: { counts: new Array<number>(latencyBoundsMs.length + 1).fill(0), sumMs: 0 },
});

/** Counts what attempts at one instance came to, until a flush takes the counts away. */
export class SampleCell {
  private counts = nothing();
  private isDirty = false;

  constructor(
    readonly labels: SampleLabels,
    private readonly onDirty: (cell: SampleCell) => void,
  ) {}

  answered(status: number, milliseconds: number | undefined): void {
    const { counts } = this;
    counts.requests += 1;
    const place = Math.min(4, Math.max(0, Math.floor(status / 100) - 1));
    counts.statuses[place] = (counts.statuses[place] ?? 0) + 1;
    if (status >= 500) counts.errors += 1;
    if (milliseconds !== undefined) {
      const bucket = latencyBucketOf(milliseconds);
      counts.latency.counts[bucket] = (counts.latency.counts[bucket] ?? 0) + 1;
      counts.latency.sumMs += milliseconds;
    }
    this.touch();
  }

  /** An attempt that no answer came of. */
  failed(kind: FailureKind): void {
    this.counts.requests += 1;
    this.counts.errors += 1;
    this.counts.failures[kind] += 1;
    this.touch();
  }

  /** An answer that began well, was counted as such and broke off. */
  brokeOff(): void {
    // A flush may have taken the request away meanwhile.
    if (this.counts.requests === 0) this.counts.requests += 1;
    if (this.counts.errors < this.counts.requests) this.counts.errors += 1;
    this.counts.failures.reset += 1;
    this.touch();
  }

  abortedByClient(): void {
    this.counts.clientAborts += 1;
    this.touch();
  }

  ejected(): void {
    this.counts.ejections += 1;
    this.touch();
  }

  take(): SlotSample {
    const sample = { ...this.labels, ...this.counts };
    this.counts = nothing();
    this.isDirty = false;
    return sample;
  }

  private touch(): void {
    if (this.isDirty) return;
    this.isDirty = true;
    this.onDirty(this);
  }
}
