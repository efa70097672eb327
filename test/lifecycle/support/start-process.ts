import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { isAlive } from '@switchyard/database';
import { eventually } from '@switchyard/testing';

const root = new URL('../../..', import.meta.url).pathname;

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A process of Switchyard, as somebody starts it. */
export interface StartedProcess {
  pid: number;
  ended: Promise<Ended>;
  output(): string;
  /** Waits for it to be written; fails at once when the process ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Signals it and waits for its end. */
  end(signal?: NodeJS.Signals): Promise<Ended>;
  /** As a terminal does: to the process and to everything that it started in its group. */
  endGroup(signal: NodeJS.Signals): Promise<Ended>;
}

export interface StartOptions {
  command?: string;
  /** Runs as the leader of a process group. */
  group?: boolean;
}

/** Only what a test gives: nothing of its own environment reaches the process. */
export function startProcess(
  args: readonly string[],
  env: Record<string, string | undefined>,
  { command = process.execPath, group = false }: StartOptions = {},
): StartedProcess {
  const { PATH, HOME } = process.env;
  const child: ChildProcess = spawn(command, args, {
    cwd: root,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: group,
  });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const pid = child.pid ?? 0;
  let over: Ended | undefined;
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => {
      over = { code, signal };
      resolve(over);
    });
  });
  const signalled = async (target: number, signal: NodeJS.Signals): Promise<Ended> => {
    if (!over) process.kill(target, signal);
    return await ended;
  };
  return {
    pid,
    ended,
    output: () => output,
    async says(pattern) {
      let found: RegExpExecArray | null = null;
      await eventually(() => {
        found = pattern.exec(output);
        if (!found && !over) throw new Error(`nothing like ${String(pattern)} in: ${output}`);
      }, 60_000);
      if (!found) throw new Error(`it ended (${JSON.stringify(over)}) and had said: ${output}`);
      return found;
    },
    end: (signal = 'SIGTERM') => signalled(pid, signal),
    endGroup: (signal) => signalled(-pid, signal),
  };
}

/** Every process whose command line or environment names the text, beside this one. */
export function processesNaming(text: string): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && isAlive(pid))
    .map((pid) => ({ pid, command: read(pid, 'cmdline'), environment: read(pid, 'environ') }))
    .filter(({ command, environment }) => command.includes(text) || environment.includes(text))
    .map(({ pid, command }) => ({ pid, command }));
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** Below those that the system hands out by itself, so that nobody gets it before its owner is started again. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 15_000 + Math.floor(Math.random() * 15_000);
    if (await isFree(port)) return port;
  }
}

export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
