import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';

const ticksPerSecond = 100;

/** CPU seconds a process has used, from the system's own account (Linux). */
export async function cpuSeconds(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

export async function residentMegabytes(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}

/** Runs the load generator beside us and answers what it saw. */
export async function load(options) {
  const script = new URL('load.mjs', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  await new Promise((resolve, reject) =>
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`load ended with ${code}`)))),
  );
  return JSON.parse(output);
}

/** CPU of the server per request, in microseconds, and the latencies beside it. */
export async function cpuPerRequest(pid, options) {
  const before = await cpuSeconds(pid);
  const seen = await load(options);
  const used = (await cpuSeconds(pid)) - before;
  return { ...seen, cpuMicroseconds: (used * 1e6) / seen.requests };
}

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

export function table(title, rows) {
  const width = Math.max(...rows.map((row) => row.name.length));
  console.log(`\n${title}`);
  for (const { name, value, unit } of rows)
    console.log(
      `  ${name.padEnd(width)}  ${typeof value === 'number' ? value.toFixed(value < 10 ? 2 : 1).padStart(10) : String(value).padStart(10)} ${unit}`,
    );
}
