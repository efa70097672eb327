import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '@switchyard/database';

/** The folder of one-machine mode, held by one platform at a time. */
export interface Home {
  path(...parts: string[]): string;
  release(): Promise<void>;
}

export async function openHome(folder: string): Promise<Home> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const lock = join(folder, 'platform.pid');
  if (!(await take(lock))) {
    const holder = await readFile(lock, 'utf8').catch(() => '');
    if (await lives(holder))
      throw new Error(
        `another platform (process ${parseInt(holder)}) uses ${folder}; stop it, or set SWITCHYARD_HOME to another folder`,
      );
    // Its owner was killed before it could tidy up.
    await rm(lock, { force: true });
    if (!(await take(lock))) throw new Error(`another platform was started on ${folder} at the same moment`);
  }
  return {
    path: (...parts) => join(folder, ...parts),
    release: () => rm(lock, { force: true }),
  };
}

/** Written beside and linked: whoever finds the lock finds its owner in it. */
async function take(lock: string): Promise<boolean> {
  const own = `${lock}.${randomBytes(6).toString('hex')}`;
  await writeFile(own, `${process.pid} ${await startOf(process.pid)}`, { mode: 0o600 });
  try {
    await link(own, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

/** A process id is given out again after a reboot, and always the same in a container: the start time tells them apart. */
async function lives(holder: string): Promise<boolean> {
  const [pid = NaN, start] = holder.split(' ').map(Number);
  return pid > 0 && pid !== process.pid && isAlive(pid) && (await startOf(pid)) === start;
}

/** In clock ticks since the boot; 0 where there is no /proc to tell. */
async function startOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 0);
}
