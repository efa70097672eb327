import { nextFeedStep } from './follower.js';

const head = { epoch: 5, version: 10, pruned: 4 };

describe('what a follower of a feed needs next', () => {
  it.each([
    ['a snapshot, when it knows nothing', undefined, 'snapshot'],
    ['a snapshot, when the tombstones it missed are gone', { epoch: 5, version: 3 }, 'snapshot'],
    ['a snapshot, in a new epoch, whatever the version', { epoch: 4, version: 99 }, 'snapshot'],
    ['the changes since', { epoch: 5, version: 4 }, 'changes'],
    ['nothing, when it has the head', { epoch: 5, version: 10 }, 'nothing'],
    ['nothing, when it is already beyond: it never goes back', { epoch: 5, version: 12 }, 'nothing'],
  ] as const)('%s', (_name, known, step) => expect(nextFeedStep(known, head)).toBe(step));
});
