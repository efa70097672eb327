import { stageBars } from './stage-bars.js';

const stages = [10, 50, 100];
const full = '█'.repeat(30);
const half = '█'.repeat(15) + '░'.repeat(15);
const empty = '░'.repeat(30);

describe('stageBars', () => {
  it('shows what is over, what runs and how far it is, and what is to come', () => {
    expect(stageBars(stages, { status: 'InProgress', reason: null }, { weight: 50, share: 0.5 })).toEqual([
      `   10 %  ${full}  passed`,
      `   50 %  ${half}  under traffic`,
      `  100 %  ${empty}`,
    ]);
  });

  it('is full at the end, with the reason', () => {
    const lines = stageBars(stages, { status: 'Completed', reason: 'all well' }, { weight: 100, share: 1 });
    expect(lines).toEqual([
      ...stages.map((s) => `  ${String(s).padStart(3)} %  ${full}  passed`),
      '  all well',
    ]);
  });

  it('stops at the stage that failed', () => {
    const lines = stageBars(stages, { status: 'RolledBack', reason: 'too many' }, { weight: 10, share: 0.5 });
    expect(lines).toEqual([
      `   10 %  ${half}  failed`,
      `   50 %  ${empty}`,
      `  100 %  ${empty}`,
      '  too many',
    ]);
  });

  it('never overflows when a stage takes longer', () => {
    expect(stageBars(stages, { status: 'InProgress', reason: null }, { weight: 10, share: 3 })[0]).toContain(
      full,
    );
  });

  it('is empty before the first stage', () => {
    expect(stageBars(stages, { status: 'Pending', reason: null }, { weight: 0, share: 0 })).toEqual(
      stages.map((s) => `  ${String(s).padStart(3)} %  ${empty}`),
    );
  });
});
