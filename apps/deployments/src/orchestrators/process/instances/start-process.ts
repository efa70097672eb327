import { spawn } from 'node:child_process';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import type { InstanceFolder } from './instance-folder.js';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface StartOptions {
  readonly command: Command;
  readonly folder: InstanceFolder;
  readonly uid: number | null;
  /** What it reads from descriptor 3. */
  readonly config: unknown;
  readonly output: FileHandle;
  readonly maxFileBytes: number;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface StartedProcess {
  readonly pid: number;
  readonly exited: Promise<ProcessExit>;
}

/**
 * No core dumps, no endless files, and rather this than the platform when memory runs out. `exec` keeps the process id; 127 is
 * what a shell answers for a command that it cannot find.
 */
const LIMITED = `ulimit -c 0; ulimit -f "$1" 2>/dev/null
echo 500 2>/dev/null >/proc/self/oom_score_adj
shift; exec "$@"`;
const FILE_BLOCK = 512;

/** Starts it in a session of its own, so that it outlives this process. */
export async function startProcess(options: StartOptions): Promise<StartedProcess> {
  const { command, folder, uid, output, maxFileBytes } = options;
  const config = await unnamedFile(folder, uid, JSON.stringify(options.config));
  try {
    const blocks = Math.ceil(maxFileBytes / FILE_BLOCK);
    const child = spawn('/bin/sh', ['-c', LIMITED, 'sh', String(blocks), command.file, ...command.args], {
      cwd: command.cwd,
      env: command.environment,
      detached: true,
      stdio: ['ignore', output.fd, output.fd, config.fd],
      ...(uid === null ? {} : { uid, gid: uid }),
    });
    child.unref();
    const exited = new Promise<ProcessExit>((resolve) =>
      child.once('exit', (code, signal) => resolve({ code, signal })),
    );
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    return { pid: child.pid ?? 0, exited };
  } finally {
    await config.close();
  }
}

/** Only who holds its descriptor can read it, and it is gone with the last of them: secrets do not stay on the disk. */
async function unnamedFile(folder: InstanceFolder, uid: number | null, content: string): Promise<FileHandle> {
  const writing = await open(folder.config, 'w', 0o600);
  try {
    await writing.writeFile(content);
    // A runner's command may open it again as /proc/self/fd/3.
    if (uid !== null) await writing.chown(uid, uid);
    return await open(folder.config, 'r');
  } finally {
    await writing.close();
    await unlink(folder.config);
  }
}
