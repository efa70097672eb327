import type { AppError } from '@switchyard/errors';
import { FairTurns } from './fair-turns.js';

/** Work that is done when the test says so. */
function held() {
  let finish = (): void => undefined;
  const done = new Promise<void>((resolve) => (finish = resolve));
  return { done, finish };
}

describe('taking turns', () => {
  const limits = { perCaller: 4, inTotal: 6, longestWaitMs: 60_000 };
  let begun: string[];
  beforeEach(() => {
    begun = [];
  });

  const ask = (turns: FairTurns, caller: string, name = caller, until: Promise<void> = Promise.resolve()) =>
    turns.admit(caller, (inTurn) =>
      inTurn(async () => {
        begun.push(name);
        await until;
        return name;
      }),
    );
  const unavailable = expect.objectContaining({
    code: 'SERVICE_UNAVAILABLE',
    headers: { 'retry-after': '5' },
  }) as AppError;

  it('lets callers in by turns, whoever asked how often before', async () => {
    const turns = new FairTurns(limits);
    const first = held();
    const all = [
      ask(turns, 'greedy', 'greedy 1', first.done),
      ask(turns, 'greedy', 'greedy 2'),
      ask(turns, 'greedy', 'greedy 3'),
      ask(turns, 'greedy', 'greedy 4'),
      ask(turns, 'modest'),
      ask(turns, 'late'),
    ];
    first.finish();
    await Promise.all(all);
    expect(begun).toEqual(['greedy 1', 'greedy 2', 'modest', 'late', 'greedy 3', 'greedy 4']);
  });

  it('does one thing at a time', async () => {
    const turns = new FairTurns(limits);
    const first = held();
    const all = [ask(turns, 'a', 'a', first.done), ask(turns, 'b')];
    expect(begun).toEqual([]);
    await Promise.resolve();
    await Promise.resolve();
    expect(begun).toEqual(['a']);
    first.finish();
    expect(await Promise.all(all)).toEqual(['a', 'b']);
  });

  it('refuses what is too much of one caller, and of all, and takes more once that is done', async () => {
    const turns = new FairTurns(limits);
    const first = held();
    const greedy = Array.from({ length: 4 }, () => ask(turns, 'greedy', 'greedy', first.done));
    await expect(ask(turns, 'greedy')).rejects.toEqual(unavailable);
    const others = [ask(turns, 'b'), ask(turns, 'c')];
    await expect(ask(turns, 'd')).rejects.toEqual(unavailable);
    first.finish();
    await Promise.all([...greedy, ...others]);
    expect(await ask(turns, 'd')).toBe('d');
    expect(await ask(turns, 'greedy')).toBe('greedy');
  });

  it('refuses what waited too long, and goes on with the others', async () => {
    const turns = new FairTurns({ ...limits, longestWaitMs: 10 });
    const first = held();
    const slow = ask(turns, 'slow', 'slow', first.done);
    await expect(ask(turns, 'b')).rejects.toEqual(unavailable);
    first.finish();
    await slow;
    expect(await ask(turns, 'c')).toBe('c');
    expect(begun).toEqual(['slow', 'c']);
  });

  it('goes on after work that failed, whether in its turn or before', async () => {
    const turns = new FairTurns(limits);
    const failing = turns.admit('a', (inTurn) => inTurn(() => Promise.reject(new Error('in turn'))));
    await expect(failing).rejects.toThrow('in turn');
    await expect(turns.admit('a', () => Promise.reject(new Error('before')))).rejects.toThrow('before');
    expect(await ask(turns, 'a')).toBe('a');
  });
});
