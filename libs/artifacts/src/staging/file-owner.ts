import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Where a process id means the same process: one boot of one machine, and one container on it. */
const place = createHash('sha256')
  .update(
    [
      hostname(),
      orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
      orEmpty(() => readlinkSync('/proc/self/ns/pid')),
    ].join('\n'),
  )
  .digest('hex')
  .slice(0, 12);

/** A name that nobody else has, and that tells whose file it is. */
export const ownedName = (): string => `${place}-${process.pid}-${startOf(process.pid)}-${randomUUID()}`;

/** Only what a process of this very place left can be told to be left; of any other its age has to speak. */
export function isOrphan(name: string): boolean {
  const [, where, pid, start] = /^([0-9a-f]{12})-(\d+)-(\d+)-/.exec(name) ?? [];
  if (where !== place) return false;
  if (!isAlive(Number(pid))) return true;
  // The id may have been given out again. What cannot be read says nothing.
  const now = startOf(Number(pid));
  return now !== 0 && now !== Number(start);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** In clock ticks since the boot; 0 where nothing tells. */
function startOf(pid: number): number {
  const stat = orEmpty(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 0);
}

function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
