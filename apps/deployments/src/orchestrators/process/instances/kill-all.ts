import { setTimeout as pause } from 'node:timers/promises';
import { ProcessIndex } from '../system/process-index.js';
import type { ProcessEntry } from '../system/process-table.js';

const ATTEMPTS = 100;
const PAUSE_MS = 20;

/**
 * Kills what `find` finds until it finds nothing: what is killed may just have started another one. Answers whether that came
 * about; a process that waits for a dead disk cannot be killed.
 */
export async function killAll(find: (index: ProcessIndex) => readonly ProcessEntry[]): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const found = find(new ProcessIndex());
    if (found.length === 0) return true;
    for (const { pid } of found) signal(pid, 'SIGKILL');
    await pause(PAUSE_MS);
  }
  return false;
}

/** Who is gone needs none. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
