import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from '../../support/client.js';
import { raisedLimits } from '../../support/start-platform.js';
import { processesNaming, startProcess, type StartedProcess, type StartOptions } from './start-process.js';

export interface PlatformHome {
  folder: string;
  path(...parts: string[]): string;
  /** Starts the platform on it, with its database inside. */
  start(env?: Record<string, string>, options?: StartOptions & { args?: string[] }): StartedProcess;
  /** What still runs on it. */
  left(): { pid: number; command: string }[];
  /** A home like this one, of its own: saves the time of making a database. */
  copy(): Promise<PlatformHome>;
  remove(): Promise<void>;
}

const run = promisify(execFile);

/** An empty folder for one-machine mode; `mode` is that of the folder above it. */
export async function makeHome(mode = 0o755): Promise<PlatformHome> {
  const above = await mkdtemp(join(tmpdir(), 'switchyard-lifecycle-'));
  await chmod(above, mode);
  const folder = join(above, 'home');
  const left = () => processesNaming(folder);
  return {
    folder,
    path: (...parts) => join(folder, ...parts),
    start: (env = {}, { args = ['dist/apps/platform/main.js'], ...options } = {}) =>
      startProcess(
        args,
        { SWITCHYARD_HOME: folder, PORT: '0', DEMO: 'account', PASSWORD_COST: '12', ...raisedLimits, ...env },
        options,
      ),
    left,
    async copy() {
      const other = await makeHome(mode);
      await run('cp', ['-a', folder, other.folder]);
      return other;
    },
    async remove() {
      for (const { pid } of left()) process.kill(pid, 'SIGKILL');
      await rm(above, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
}

/** Where the platform answers, once it says so. */
export async function readyAt(platform: StartedProcess): Promise<Client> {
  const [, url = ''] = await platform.says(/ready at (http:\S+)/);
  return new Client(url);
}

export async function signInAt(client: Client, username = 'admin@example.com', password = 'Admin123!') {
  const { status, body } = await client.post('/api/v1/authentication/login', { username, password });
  return { status, client: client.with((body as { token?: string }).token ?? '') };
}

export async function tenantsAt(client: Client): Promise<string[]> {
  const { body } = await client.get('/api/v1/tenants');
  return (body as { tenants: { tenantId: string }[] }).tenants.map((tenant) => tenant.tenantId);
}
