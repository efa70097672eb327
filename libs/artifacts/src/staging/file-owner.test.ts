import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isOrphan, ownedName } from './file-owner.js';

const { pid } = process;
const [place = '', , start = '', ...rest] = ownedName().split('-');
const named = (changes: { place?: string; pid?: number; start?: string }): string =>
  [changes.place ?? place, changes.pid ?? pid, changes.start ?? start, ...rest].join('-');

describe('a file on its way, by its name', () => {
  it("is nobody else's, and no orphan while its process lives", () => {
    expect(ownedName()).not.toBe(ownedName());
    expect(isOrphan(ownedName())).toBe(false);
  });

  it('is an orphan when its process is gone', async () => {
    const child = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' });
    await once(child, 'exit');
    expect(isOrphan(named({ pid: child.pid ?? 0 }))).toBe(true);
  });

  it('is an orphan when another process has its id now', () => {
    expect(isOrphan(named({ start: String(Number(start) + 1) }))).toBe(true);
  });

  it('is left alone when it was made in another place, or by something that names no owner', () => {
    expect(isOrphan(named({ place: '0'.repeat(12), pid: 4_000_000 }))).toBe(false);
    for (const name of ['old.part', '4000000-1234.part', '']) expect(isOrphan(name)).toBe(false);
  });
});
