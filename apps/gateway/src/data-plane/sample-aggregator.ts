import type { SampleBatch, SlotSample } from '@switchyard/contracts';
import { SampleCell, type SampleLabels } from './sample-cell.js';
import type { SampleSink } from './sample-sink.js';

export interface SampleAggregatorOptions {
  gatewayId: string;
  sink: SampleSink;
  clock: () => number;
  onFailure: (error: unknown) => void;
  /** While a candidate has traffic: how fast a breach of its can be known. */
  quickMs?: number;
  slowMs?: number;
}

const mostSamples = 10_000;
const retryMs = 1_000;

/** Gathers what attempts came to and sends it in batches; memory grows with instances, never with requests. */
export class SampleAggregator {
  private dirty: SampleCell[] = [];
  private unsent: SampleBatch | undefined;
  private sequence = 0;
  private since: number;
  private timer: NodeJS.Timeout | undefined;
  private dueAt = Infinity;
  private sending: Promise<void> | undefined;
  private closed = false;

  constructor(private readonly options: SampleAggregatorOptions) {
    this.since = options.clock();
  }

  cell(labels: SampleLabels): SampleCell {
    return new SampleCell(labels, (cell) => this.add(cell));
  }

  /** Sends all there is; false when the sink failed and it is kept for the next time. */
  async flush(): Promise<boolean> {
    this.unschedule();
    while (this.sending) await this.sending;
    const work = this.sendAll();
    this.sending = work.then(
      () => undefined,
      () => undefined,
    );
    try {
      await work;
      return true;
    } catch (error) {
      this.options.onFailure(error);
      this.schedule(retryMs);
      return false;
    } finally {
      this.sending = undefined;
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.flush();
    this.unschedule();
  }

  private add(cell: SampleCell): void {
    this.dirty.push(cell);
    const { quickMs = 100, slowMs = 5_000 } = this.options;
    this.schedule(cell.labels.slot === 'candidate' && !this.unsent ? quickMs : slowMs);
  }

  private schedule(inMs: number): void {
    const at = this.options.clock() + inMs;
    if (this.closed || at >= this.dueAt) return;
    clearTimeout(this.timer);
    this.dueAt = at;
    this.timer = setTimeout(() => void this.flush(), inMs).unref();
  }

  private unschedule(): void {
    clearTimeout(this.timer);
    this.dueAt = Infinity;
  }

  /** What is still unsent goes first and alone: numbers are given once. */
  private async sendAll(): Promise<void> {
    for (let more = true; more;) {
      const batch = this.unsent ?? this.nextBatch();
      if (!batch) return;
      this.unsent = batch;
      await this.options.sink.send(batch);
      this.unsent = undefined;
      more = this.dirty.length > 0;
    }
  }

  private nextBatch(): SampleBatch | undefined {
    if (this.dirty.length === 0) return undefined;
    const samples: SlotSample[] = this.dirty.splice(0, mostSamples).map((cell) => cell.take());
    const from = this.since;
    this.since = this.options.clock();
    this.sequence += 1;
    return { gatewayId: this.options.gatewayId, sequence: this.sequence, from, to: this.since, samples };
  }
}
