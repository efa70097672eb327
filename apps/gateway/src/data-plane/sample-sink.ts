import type { SampleBatch } from '@switchyard/contracts';

/** Where samples go. A batch whose sending failed comes again with the same number. */
export interface SampleSink {
  send(batch: SampleBatch): Promise<void>;
}

export interface SamplesTo {
  sink: SampleSink;
  /** While a candidate has traffic: how fast a breach of its can be known; 100 ms when left out. */
  quickMs?: number;
  /** Otherwise; 5 s when left out. */
  slowMs?: number;
}
