import fc from 'fast-check';
import { afterCheck, neverChecked, type CheckOutcome } from './after-check.js';

const thresholds = { failureThreshold: 3, successThreshold: 2 };
const outcome = (passed: boolean): CheckOutcome => ({ passed, reason: passed ? null : 'no answer' });
const after = (outcomes: string) =>
  [...outcomes].reduce((state, each) => afterCheck(state, outcome(each === '+'), thresholds), neverChecked);

describe('an instance, healthy after 2 passed checks and unhealthy after 3 failed ones', () => {
  it.each([
    ['', 'Unknown'],
    ['+', 'Unknown'],
    ['++', 'Healthy'],
    ['+-+', 'Unknown'],
    ['--', 'Unknown'],
    ['---', 'Unhealthy'],
    ['++--', 'Healthy'],
    ['++--+--', 'Healthy'],
    ['++---', 'Unhealthy'],
    ['---+', 'Unhealthy'],
    ['---+-+', 'Unhealthy'],
    ['---++', 'Healthy'],
  ])('is, after %s, %s', (outcomes, verdict) => expect(after(outcomes).verdict).toBe(verdict));

  it('says why while it fails, and nothing when all is well', () => {
    expect(after('++-')).toMatchObject({ failures: 1, reason: 'no answer' });
    expect(after('++-++')).toMatchObject({ failures: 0, reason: null });
  });

  it('changes only by so many checks in a row that say the same', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 40 }), (outcomes) => {
        let state = neverChecked;
        const passes: boolean[] = [];
        for (const passed of outcomes) {
          const before = state.verdict;
          state = afterCheck(state, outcome(passed), thresholds);
          passes.push(passed);
          const inRow = passes.length - 1 - passes.lastIndexOf(!passed);
          expect(state.failures).toBe(passed ? 0 : inRow);
          if (state.verdict !== before)
            expect(inRow).toBe(passed ? thresholds.successThreshold : thresholds.failureThreshold);
        }
      }),
    );
  });

  it('stays the very same while it says the same', () => {
    const well = after('++');
    expect(afterCheck(well, outcome(true), thresholds)).toEqual(well);
  });
});
