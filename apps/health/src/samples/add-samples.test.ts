import { latencyBoundsMs } from '@switchyard/contracts';
import { noSamples, samplesSince } from '@switchyard/rollout';
import fc from 'fast-check';
import { addSamples } from './add-samples.js';

const buckets = latencyBoundsMs.length + 1;
const anySample = fc.record({
  requests: fc.nat(1_000),
  errors: fc.nat(1_000),
  latency: fc.record({
    counts: fc.array(fc.nat(1_000), { minLength: buckets, maxLength: buckets }),
    sumMs: fc.nat(1_000_000),
  }),
});

describe('counting samples in', () => {
  it('comes to the same in any order', () => {
    fc.assert(
      fc.property(fc.array(anySample, { maxLength: 8 }), (samples) => {
        expect(samples.toReversed().reduce(addSamples, noSamples)).toEqual(
          samples.reduce(addSamples, noSamples),
        );
      }),
    );
  });

  it('is undone by what the engine takes as the beginning of a stage', () => {
    fc.assert(
      fc.property(anySample, anySample, (before, sample) => {
        const baseline = addSamples(noSamples, before);
        expect(samplesSince(baseline, addSamples(baseline, sample))).toEqual(sample);
      }),
    );
  });
});
