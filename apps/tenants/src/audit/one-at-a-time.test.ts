import { OneAtATime } from './one-at-a-time.js';

const deferred = () => {
  let finish = (_value: string): void => undefined;
  const promise = new Promise<string>((resolve) => (finish = resolve));
  return { promise, finish };
};

describe('one at a time', () => {
  it('shares what is being done, lets others wait, and refuses beyond its bound', async () => {
    const queue = new OneAtATime(2);
    const first = deferred();
    let begun = 0;
    const slow = () => {
      begun += 1;
      return first.promise;
    };
    const one = queue.run('acme', slow);
    const same = queue.run('acme', slow);
    const other = queue.run('globex', async () => `after ${begun}`);
    expect(() => queue.run('third', slow)).toThrow(/being served/);
    first.finish('done');
    expect(await Promise.all([one, same, other])).toEqual(['done', 'done', 'after 1']);
    expect(await queue.run('acme', async () => 'again')).toBe('again');
  });

  it('goes on after a failure', async () => {
    const queue = new OneAtATime(2);
    const failing = queue.run('acme', () => Promise.reject(new Error('no')));
    const next = queue.run('globex', async () => 'yes');
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });
});
