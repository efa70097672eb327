import fc from 'fast-check';
import { fairShare, planLeases, type LeaseRow } from './plan-leases.js';

const members = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 12 });

describe('leases of partitions', () => {
  it('shares add up to all partitions and differ by one at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), members, (partitions, all) => {
        const shares = all.map((me) => fairShare(partitions, all, me));
        expect(shares.reduce((sum, n) => sum + n, 0)).toBe(partitions);
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('come to rest with every partition owned, whoever comes, leaves or dies', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 32 }),
        fc.array(members, { minLength: 1, maxLength: 4 }),
        (partitions, generations) => {
          let rows: LeaseRow[] = Array.from({ length: partitions }, (_, partition) => ({
            partition,
            owner: null,
            free: true,
          }));
          for (const alive of generations) {
            rows = rows.map((row) => ({ ...row, free: row.owner === null || !alive.includes(row.owner) }));
            for (let round = 0; round < 2; round += 1)
              for (const me of alive) {
                const { release, acquire } = planLeases(rows, alive, me);
                rows = rows.map((row) => {
                  if (release.includes(row.partition)) return { ...row, owner: null, free: true };
                  return acquire.includes(row.partition) ? { ...row, owner: me, free: false } : row;
                });
              }
            for (const me of alive)
              expect(rows.filter((row) => row.owner === me)).toHaveLength(fairShare(partitions, alive, me));
          }
        },
      ),
    );
  });

  it('who is no member any more gives everything back', () => {
    const rows = [{ partition: 0, owner: 'a', free: false }];
    expect(planLeases(rows, ['b'], 'a')).toEqual({ release: [0], acquire: [] });
  });
});
