import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, openSync, closeSync } from 'node:fs';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { findBinaries } from './binaries.js';
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
  const launch = chooseLaunch([options.folder, binaries.postgres]);
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
  const given = join(folder, `initdb-password-${process.pid}`);
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
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.unref();
  const url = urlFor(port, password);
  await Promise.race([
    answers(url),
    exited.then(() =>
      Promise.reject(
        new Error(`PostgreSQL stopped at its start; see ${join(options.folder, 'postgres.log')}`),
      ),
    ),
  ]);
  return { url, stop: () => stopServer(child.pid ?? 0) };
}

function run(command: string, args: string[], launch: Launch, output: 'pipe' | number): ChildProcess {
  const namespaced = launch.kind === 'user-namespace';
  return spawn(
    namespaced ? 'unshare' : command,
    namespaced ? ['--user', '--map-user=1000', '--map-group=1000', command, ...args] : args,
    {
      detached: true,
      stdio: ['ignore', output, output],
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
      ...(launch.kind === 'other-user' ? { uid: launch.uid, gid: launch.gid } : {}),
    },
  );
}

async function finished(child: ChildProcess, name: string): Promise<void> {
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${name} failed (${String(code)}): ${output.slice(-2000)}`)),
    );
  });
}

async function adopt(folder: string, data: string): Promise<EmbeddedPostgres | undefined> {
  const lines = await readFile(join(data, 'postmaster.pid'), 'utf8').then(
    (t) => t.split('\n'),
    () => undefined,
  );
  const [pid, port] = [Number(lines?.[0]), Number(lines?.[3])];
  if (!pid || !isAlive(pid)) return undefined;
  const password = await readFile(passwordFile(folder), 'utf8').catch(() => '');
  const url = urlFor(port, password);
  if (
    !port ||
    !(await answers(url, 15_000).then(
      () => true,
      () => false,
    ))
  )
    return undefined;
  return { url, stop: () => stopServer(pid) };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

async function gone(pid: number, patience: number): Promise<boolean> {
  for (const until = Date.now() + patience; isAlive(pid); await pause(25))
    if (Date.now() > until) return false;
  return true;
}

/** SIGINT is PostgreSQL's fast shutdown; what does not end in time is ended hard and recovers at the next start. */
async function stopServer(pid: number): Promise<void> {
  if (!pid || !isAlive(pid)) return;
  process.kill(pid, 'SIGINT');
  if (await gone(pid, 10_000)) return;
  process.kill(pid, 'SIGQUIT');
  await gone(pid, 5_000);
}

async function answers(url: string, patience = 30_000): Promise<void> {
  const until = Date.now() + patience;
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
    try {
      await client.connect();
      await client.query('SELECT 1');
      return;
    } catch (error) {
      if (Date.now() > until || (error as { code?: string }).code === '28P01') throw error;
    } finally {
      await client.end().catch(() => undefined);
    }
    await pause(50);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
