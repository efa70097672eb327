import fc from 'fast-check';
import { partitionOf, partitions } from './partition-of.js';
import { planLeases } from './plan-leases.js';

const all = Array.from({ length: partitions }, (_, at) => at);

describe('sharing out partitions', () => {
  it('gives a lone worker all', () =>
    expect(planLeases([], all, 1, partitions)).toEqual({ take: all, release: [] }));

  it('ends, in a few rounds and in any order, with each held by one and nobody above the fair share', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.nat(19), { minLength: partitions, maxLength: partitions }),
        (workers, begin) => {
          const holders: (number | undefined)[] = begin.map((holder) =>
            holder < workers ? holder : undefined,
          );
          for (let round = 0; round < 3; round += 1)
            for (let worker = 0; worker < workers; worker += 1) {
              const mine = all.filter((partition) => holders[partition] === worker);
              const free = all.filter((partition) => holders[partition] === undefined);
              const { take, release } = planLeases(mine, free, workers, partitions);
              for (const partition of release) holders[partition] = undefined;
              for (const partition of take) holders[partition] = worker;
            }
          expect(holders).not.toContain(undefined);
          const most = Math.ceil(partitions / workers);
          for (let worker = 0; worker < workers; worker += 1)
            expect(holders.filter((holder) => holder === worker).length).toBeLessThanOrEqual(most);
        },
      ),
    );
  });

  it('spreads sets over all of them', () => {
    const counts = new Array<number>(partitions).fill(0);
    for (let set = 0; set < 1_600; set += 1) counts[partitionOf(`set-${set}`)]! += 1;
    for (const count of counts) expect(count).toBeGreaterThan(50);
  });
});
