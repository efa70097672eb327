import { BoundedGate } from './bounded-gate.js';

const newGate = (concurrency: number, waiting: number) =>
  new BoundedGate(concurrency, waiting, () => new Error('full'));

describe('BoundedGate', () => {
  it('never runs more than it may, and serves in the order of arrival', async () => {
    const gate = newGate(2, 100);
    const served: number[] = [];
    let running = 0;
    let most = 0;
    const task = (id: number) => async () => {
      most = Math.max(most, (running += 1));
      served.push(id);
      await Promise.resolve();
      running -= 1;
    };
    await Promise.all(Array.from({ length: 20 }, (_, id) => gate.run(task(id))));
    expect(most).toBe(2);
    expect(served).toEqual(Array.from({ length: 20 }, (_, id) => id));
  });

  it('frees its place when a task fails', async () => {
    const gate = newGate(1, 0);
    await expect(gate.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await gate.run(() => Promise.resolve('next'))).toBe('next');
  });

  it('turns away at once when the line is full', async () => {
    const gate = newGate(1, 1);
    const open: (() => void)[] = [];
    const hold = () => new Promise<void>((resolve) => open.push(resolve));
    const [first, second] = [gate.run(hold), gate.run(hold)];
    await expect(gate.run(hold)).rejects.toThrow('full');
    open[0]?.();
    await first;
    open[1]?.();
    await second;
  });
});
