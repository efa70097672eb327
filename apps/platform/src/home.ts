import { mkdir, open, readFile, rm, type FileHandle } from 'node:fs/promises';
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
  const handle = await take(lock);
  await handle.writeFile(String(process.pid));
  await handle.close();
  return {
    path: (...parts) => join(folder, ...parts),
    release: () => rm(lock, { force: true }),
  };
}

async function take(lock: string): Promise<FileHandle> {
  try {
    return await open(lock, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const pid = Number(await readFile(lock, 'utf8').catch(() => ''));
  if (pid && pid !== process.pid && isAlive(pid))
    throw new Error(
      `another platform (process ${pid}) uses ${lock.replace(/[^/\\]*$/, '')}; stop it, or set SWITCHYARD_HOME to another folder`,
    );
  // Its owner was killed before it could tidy up.
  await rm(lock, { force: true });
  return await open(lock, 'wx', 0o600);
}
