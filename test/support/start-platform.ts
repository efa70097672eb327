import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestDatabase } from '@switchyard/testing';
import { Client } from './client.js';
import { createPlatformDatabase } from './platform-database.js';

const root = new URL('../..', import.meta.url).pathname;

/** So high that no suite meets a limit it is not about; one suite proves the defaults. */
export const raisedLimits = {
  RATE_LIMIT_READS: '100000',
  RATE_LIMIT_WRITES: '100000',
  RATE_LIMIT_SIGN_INS: '100000',
};

export const demoAdmin = { username: 'admin@example.com', password: 'Admin123!' };

export interface RunningPlatform {
  url: string;
  database: TestDatabase;
  /** The master keys, as the platform's own: a second platform on the database needs the same. */
  keyringFile: string;
  /** Signed in as the demo account: a PlatformAdmin. */
  admin: Client;
  anonymous: Client;
  signIn: (username: string, password: string) => Promise<Client>;
  /** All that it wrote so far. */
  output(): string;
  child: ChildProcess;
  stop(): Promise<void>;
}

/** The platform as a process of its own, on a database of its own: what `npm start` runs. */
export async function startPlatform(env: Record<string, string> = {}): Promise<RunningPlatform> {
  const database = await createPlatformDatabase();
  try {
    const platform = await start(database, env);
    return {
      ...platform,
      async stop() {
        await platform.stop();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** One more process on the database of the first, as when it is scaled out; stop it before the first. */
export const startReplica = (
  of: Pick<RunningPlatform, 'database' | 'keyringFile'>,
  env: Record<string, string> = {},
): Promise<RunningPlatform> => start(of.database, { KEYRING_FILE: of.keyringFile, ...env });

async function start(database: TestDatabase, env: Record<string, string>): Promise<RunningPlatform> {
  const home = await mkdtemp(join(tmpdir(), 'switchyard-home-'));
  const child = spawn(process.execPath, ['--enable-source-maps', 'dist/apps/platform/main.js'], {
    cwd: root,
    env: {
      PATH: process.env['PATH'],
      SWITCHYARD_HOME: home,
      DATABASE_URL: database.adminUrl,
      DATABASE_ROLE_SECRET: database.roleSecret,
      DATABASE_CONNECTIONS: '5',
      PASSWORD_COST: '12',
      PORT: '0',
      DEMO: 'account',
      LOG_LEVEL: 'error',
      // What a test puts up for the platform to ask has no certificate.
      OUTBOUND_ALLOW: '127.0.0.1',
      ...raisedLimits,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const ready = /ready at (http:\/\/\S+)/.exec(output);
      if (ready?.[1]) resolve(ready[1]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`the platform ended with ${String(code)}: ${output}`)));
  });
  const anonymous = new Client(url);
  const signIn = async (username: string, password: string) => {
    const { status, body } = await anonymous.post('/api/v1/authentication/login', { username, password });
    if (status !== 200) throw new Error(`sign-in as ${username} answered ${status}: ${JSON.stringify(body)}`);
    return anonymous.with((body as { token: string }).token);
  };
  return {
    url,
    database,
    keyringFile: env['KEYRING_FILE'] ?? join(home, 'keyring.json'),
    anonymous,
    admin: await signIn(demoAdmin.username, demoAdmin.password),
    signIn,
    child,
    output: () => output,
    async stop() {
      await end(child);
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await exited;
}
