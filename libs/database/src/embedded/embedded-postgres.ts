import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, openSync, closeSync } from 'node:fs';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { findBinaries } from './binaries.js';
import { answers, isAlive, isServerOf, stopServer } from './server-process.js';
import { chooseLaunch, type Launch } from './unprivileged.js';

export interface EmbeddedPostgresOptions {
  /** Holds the cluster, its log and the superuser's password. */
  folder: string;
  onProgress?: (step: string) => void;
  /** Trades durability for speed: for tests only. */
  throwaway?: boolean;
}

export interface EmbeddedPostgres {
  /** The superuser's connection, on loopback. */
  url: string;
  stop(): Promise<void>;
}

const superuser = 'switchyard_admin';
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '120',
  shared_buffers: '64MB',
  max_wal_size: '512MB',
  password_encryption: 'scram-sha-256',
  log_min_messages: 'warning',
};
const throwawaySettings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '400',
};

/**
 * Starts PostgreSQL from npm on the folder, or adopts one that a killed platform left running there. It is
 * detached, so that Ctrl-C reaches only us and we stop it after our own work is done.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const progress = options.onProgress ?? (() => undefined);
  const data = join(options.folder, 'data');
  const binaries = await findBinaries();
  await mkdir(options.folder, { recursive: true });
  const adopted = await adopt(options.folder, data);
  if (adopted) {
    progress('found PostgreSQL still running and took it over');
    return adopted;
  }
  const launch = chooseLaunch([options.folder, binaries.postgres], data);
  if (!existsSync(join(data, 'PG_VERSION'))) {
    progress('making the database (first start only)');
    await initialise(options.folder, data, binaries.initdb, launch);
  }
  progress('starting PostgreSQL');
  return await launchServer(options, data, binaries.postgres, launch);
}

const passwordFile = (folder: string): string => join(folder, 'superuser-password');
const urlFor = (port: number, password: string): string =>
  `postgres://${superuser}:${password}@127.0.0.1:${port}/postgres`;

async function initialise(folder: string, data: string, initdb: string, launch: Launch): Promise<void> {
  await rm(data, { recursive: true, force: true });
  const password = randomBytes(24).toString('hex');
  const making = `${data}.making`;
  await rm(making, { recursive: true, force: true });
  await mkdir(making, { mode: 0o700 });
  await writeFile(passwordFile(folder), password, { mode: 0o600 });
  const given = join(folder, 'initdb-password');
  await writeFile(given, password, { mode: 0o600 });
  if (launch.kind === 'other-user')
    for (const path of [making, given]) await chown(path, launch.uid, launch.gid);
  try {
    const args = [
      '-D',
      making,
      '-U',
      superuser,
      '--pwfile',
      given,
      '-A',
      'scram-sha-256',
      '-E',
      'UTF8',
      '--locale=C',
      // Sorts by code point and still knows the case of every letter.
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-instructions',
    ];
    await finished(run(initdb, args, launch, 'pipe'), 'initdb');
  } finally {
    await rm(given, { force: true });
  }
  // Only a finished cluster has the name that the next start looks for.
  await rename(making, data);
}

async function launchServer(
  options: EmbeddedPostgresOptions,
  data: string,
  postgres: string,
  launch: Launch,
  attempts = 3,
): Promise<EmbeddedPostgres> {
  const password = await readFile(passwordFile(options.folder), 'utf8');
  const port = await freePort();
  const all = { ...settings, ...(options.throwaway ? throwawaySettings : {}) };
  const log = openSync(join(options.folder, 'postgres.log'), 'a', 0o600);
  const args = [
    '-D',
    data,
    '-p',
    String(port),
    ...Object.entries(all).flatMap(([k, v]) => ['-c', `${k}=${v}`]),
  ];
  const child = run(postgres, args, launch, log);
  closeSync(log);
  child.unref();
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid ?? 0));
  });
  const server = running(urlFor(port, password), pid);
  try {
    await answers(server.url, pid, 30_000);
    return server;
  } catch (error) {
    const stopped = !isAlive(pid);
    await server.stop();
    // Somebody took the port meanwhile, or a killed server's last process still held the folder.
    if (stopped && attempts > 1) return await launchServer(options, data, postgres, launch, attempts - 1);
    throw new Error(
      `PostgreSQL did not start: ${(error as Error).message}; see ${join(options.folder, 'postgres.log')}`,
      { cause: error },
    );
  }
}

function run(command: string, args: string[], launch: Launch, output: 'pipe' | number): ChildProcess {
  const namespaced = launch.kind === 'user-namespace';
  return spawn(
    namespaced ? 'unshare' : command,
    namespaced ? ['--user', '--map-user=1000', '--map-group=1000', command, ...args] : args,
    {
      detached: true,
      stdio: ['ignore', output, output],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
      ...(launch.kind === 'other-user' ? { uid: launch.uid, gid: launch.gid } : {}),
    },
  );
}

async function finished(child: ChildProcess, name: string): Promise<void> {
  const end = (): void => void child.kill();
  process.once('exit', end);
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await new Promise<void>((resolve, reject) => {
    child.once('close', () => process.off('exit', end));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${name} failed (${String(code)}): ${output.slice(-2000)}`)),
    );
  });
}

/** A server that a killed platform left: taken over if it answers, stopped if not. */
async function adopt(folder: string, data: string): Promise<EmbeddedPostgres | undefined> {
  const lock = join(data, 'postmaster.pid');
  const lines = await readFile(lock, 'utf8').then(
    (t) => t.split('\n'),
    () => undefined,
  );
  const [pid, port] = [Number(lines?.[0]), Number(lines?.[3])];
  if (!pid) return undefined;
  if (!isServerOf(pid, data)) {
    // PostgreSQL would take whoever has this process id now for a server that lives.
    await rm(lock, { force: true });
    return undefined;
  }
  const url = urlFor(port, await readFile(passwordFile(folder), 'utf8').catch(() => ''));
  try {
    await answers(url, pid, 15_000);
    return running(url, pid);
  } catch {
    await stopServer(pid);
    return undefined;
  }
}

/** However this process ends, short of being killed, the server does not outlive it. */
function running(url: string, pid: number): EmbeddedPostgres {
  const last = (): void => {
    if (isAlive(pid)) process.kill(pid, 'SIGINT');
  };
  process.once('exit', last);
  return {
    url,
    async stop() {
      await stopServer(pid);
      process.off('exit', last);
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
