import type { SampleBatch } from '@switchyard/contracts';

/** Where samples go. A batch whose sending failed comes again with the same number. */
export interface SampleSink {
  send(batch: SampleBatch): Promise<void>;
}
