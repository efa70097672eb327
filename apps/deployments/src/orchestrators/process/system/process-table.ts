import { readdirSync, readFileSync, statSync } from 'node:fs';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  readonly uid: number;
  /** Since the boot; with the id it names one process for ever. */
  readonly startTicks: number;
  readonly cpuTicks: number;
}

/** All that run now. What has ended and only waits for its parent to notice is left out. */
export function readProcessTable(): ReadonlyMap<number, ProcessEntry> {
  const table = new Map<number, ProcessEntry>();
  for (const name of readdirSync('/proc')) {
    const entry = /^\d+$/.test(name) ? readProcess(Number(name)) : undefined;
    if (entry) table.set(entry.pid, entry);
  }
  return table;
}

export function readProcess(pid: number): ProcessEntry | undefined {
  const stat = readOrNothing(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name stands in brackets and may hold anything, brackets too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = '', ...rest] = fields;
  if ('ZXx'.includes(state)) return undefined;
  const field = (number: number): number => Number(rest[number - 4]);
  try {
    return {
      pid,
      parent: field(4),
      session: field(6),
      uid: statSync(`/proc/${pid}`).uid,
      startTicks: field(22),
      cpuTicks: field(14) + field(15),
    };
  } catch {
    return undefined;
  }
}

/** What only it holds: pages of files are shared with others and can be dropped. */
export function memoryBytes(pid: number): number {
  const status = readOrNothing(`/proc/${pid}/status`) ?? '';
  let kilobytes = 0;
  for (const [, amount] of status.matchAll(/^(?:RssAnon|RssShmem|VmSwap):\s*(\d+) kB$/gm))
    kilobytes += Number(amount);
  return kilobytes * 1024;
}

/** As it was started with; empty when it may not be read. */
export function environmentOf(pid: number): readonly string[] {
  return (readOrNothing(`/proc/${pid}/environ`) ?? '').split('\0');
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
