import { readFileSync } from 'node:fs';
import pg from 'pg';

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether a process id from a file still means the server on that folder: after a reboot it may be anybody's. */
export function isServerOf(pid: number, data: string): boolean {
  if (!isAlive(pid)) return false;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(data);
  } catch {
    // No /proc here: PostgreSQL itself refuses a second server on a folder.
    return true;
  }
}

/** Waits until the server takes connections, for as long as it lives. */
export async function answers(url: string, pid: number, patience: number): Promise<void> {
  for (const until = Date.now() + patience; ; await pause(50)) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
    try {
      await client.connect();
      await client.query('SELECT 1');
      return;
    } catch (error) {
      if (!isAlive(pid)) throw new Error('it stopped', { cause: error });
      if (Date.now() > until || (error as { code?: string }).code === '28P01') throw error;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

async function gone(pid: number, patience: number): Promise<boolean> {
  for (const until = Date.now() + patience; isAlive(pid); await pause(25))
    if (Date.now() > until) return false;
  return true;
}

/** SIGINT is PostgreSQL's fast shutdown; what does not end in time is ended hard and recovers at the next start. */
export async function stopServer(pid: number): Promise<void> {
  for (const [signal, patience] of [
    ['SIGINT', 10_000],
    ['SIGQUIT', 5_000],
  ] as const) {
    if (!isAlive(pid)) return;
    process.kill(pid, signal);
    if (await gone(pid, patience)) return;
  }
}
