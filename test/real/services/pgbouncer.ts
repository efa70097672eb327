import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolePassword, serviceRole, services } from '@switchyard/database';
import { eventually, type TestDatabase } from '@switchyard/testing';
import pg from 'pg';
import { freePort, startProcess } from '../../lifecycle/support/start-process.js';

export function hasPgBouncer(): boolean {
  try {
    execFileSync('pgbouncer', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export interface Pooler {
  /** The administrator's connection, through the pooler. */
  url: string;
  stop(): Promise<void>;
}

/** A transaction pooler before the database, with as few connections as make clients share them. */
export async function startPgBouncer(database: TestDatabase, poolSize: number): Promise<Pooler> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-pgbouncer-'));
  await chmod(folder, 0o755);
  const direct = new URL(database.adminUrl);
  const port = await freePort();
  const users = [
    [direct.username, direct.password],
    ...services.map((service) => [serviceRole(service), rolePassword(database.roleSecret, service)]),
  ];
  const file = (name: string) => join(folder, name);
  await writeFile(file('users'), users.map(([name, password]) => `"${name}" "${password}"\n`).join(''));
  await writeFile(
    file('ini'),
    `[databases]
* = host=${direct.hostname} port=${direct.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${file('users')}
pool_mode = transaction
default_pool_size = ${poolSize}
max_client_conn = 500
`,
  );
  const pooler = startProcess(
    [...(process.getuid?.() === 0 ? ['-u', 'nobody'] : []), file('ini')],
    {},
    { command: 'pgbouncer' },
  );
  const url = new URL(direct);
  url.port = String(port);
  await eventually(async () => {
    const client = new pg.Client({ connectionString: url.href });
    await client.connect().catch((error: unknown) => {
      throw new Error(`${(error as Error).message}: ${pooler.output()}`);
    });
    await client.end();
  });
  return {
    url: url.href,
    async stop() {
      await pooler.end('SIGKILL');
      await rm(folder, { recursive: true });
    },
  };
}
