import { readFile } from 'node:fs/promises';
import { writeAtomically } from '../system/write-atomically.js';

/** What a later platform needs to take an instance over. */
export interface InstanceRecord {
  readonly instanceId: string;
  readonly setId: string;
  /** `null`: the platform's own. */
  readonly uid: number | null;
  readonly phase: 'Starting' | 'Ready' | 'Stopping' | 'Crashed' | 'Ended';
  readonly process: ProcessIdentity | null;
  /** For a runner's command. */
  readonly port: number | null;
  /** Which of its two addresses a runner's command answers on. */
  readonly answersOn: 'socket' | 'port';
  readonly crashes: number;
  readonly crashesInARow: number;
  readonly restarts: number;
  readonly lastExit: {
    readonly at: string;
    readonly code: number | null;
    readonly signal: string | null;
    readonly reason: string;
  } | null;
}

export interface ProcessIdentity {
  readonly pid: number;
  readonly startTicks: number;
  readonly bootId: string;
  readonly startedAt: string;
}

export async function readInstanceRecord(path: string): Promise<InstanceRecord | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as InstanceRecord;
  } catch {
    // Cut off before it was written: then nothing was started, or the search for owned processes finds it.
    return undefined;
  }
}

export const writeInstanceRecord = (path: string, record: InstanceRecord): Promise<void> =>
  writeAtomically(path, JSON.stringify(record));
