import { readFileSync } from 'node:fs';

const [AT_PAGESZ, AT_CLKTCK] = [6n, 17n];

export interface Machine {
  readonly bootId: string;
  readonly pageBytes: number;
  readonly ticksPerSecond: number;
}

/** What the kernel told this process of the units that it counts in. */
export function readMachine(): Machine {
  const vector = readFileSync('/proc/self/auxv');
  const entries = new Map<bigint, bigint>();
  for (let at = 0; at + 16 <= vector.length; at += 16)
    entries.set(vector.readBigUInt64LE(at), vector.readBigUInt64LE(at + 8));
  return {
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    pageBytes: Number(entries.get(AT_PAGESZ) ?? 4096n),
    ticksPerSecond: Number(entries.get(AT_CLKTCK) ?? 100n),
  };
}
