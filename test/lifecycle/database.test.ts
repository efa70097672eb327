import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { serviceUrl, startEmbeddedPostgres, type EmbeddedPostgres } from '@switchyard/database';
import { createTestDatabase, eventually } from '@switchyard/testing';
import pg from 'pg';
import { Client } from '../support/client.js';
import { raisedLimits } from '../support/start-platform.js';
import { startProcess, type StartedProcess } from './support/start-process.js';

const run = promisify(execFile);
const root = new URL('../..', import.meta.url).pathname;

describe('processes on one database', () => {
  it('all become ready when they are started at once on an empty one, and stay within their connections', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'switchyard-database-'));
    const database = await createTestDatabase([]);
    const common = {
      DATABASE_URL: database.adminUrl,
      DATABASE_ROLE_SECRET: database.roleSecret,
      DATABASE_CONNECTIONS: '3',
      KEYRING_FILE: join(folder, 'keyring.json'),
      ARTIFACT_DIR: join(folder, 'artifacts'),
      PASSWORD_COST: '12',
      PORT: '0',
      DEMO: 'account',
      ...raisedLimits,
    };
    const platforms = [1, 2, 3].map((n) =>
      startProcess(['dist/apps/platform/main.js'], { ...common, SWITCHYARD_HOME: join(folder, String(n)) }),
    );
    const services = ['tenants', 'registry', 'deployments', 'health', 'tenants', 'registry', 'health'].map(
      (name) =>
        startProcess([`dist/apps/${name}/main.js`], {
          ...common,
          INSTANCE_DIR: join(folder, 'run'),
          REGISTRY_URL: 'http://127.0.0.1:9',
        }),
    );
    const urls = await Promise.all([
      ...platforms.map(async (each) => (await each.says(/ready at (http:\S+)/))[1] ?? ''),
      ...services.map(async (each) => (await each.says(/"url":"(http:[^"]+)"/))[1] ?? ''),
    ]);
    for (const url of urls)
      await eventually(async () => expect((await new Client(url).get('/health/ready')).status).toBe(200));
    const connections = await database.look<{ n: number }>(
      'SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    expect(connections[0]?.n).toBeLessThanOrEqual(platforms.length * (5 * 3 + 1) + services.length * (3 + 1));
    const ends = await Promise.all([...platforms, ...services].map((each) => each.end()));
    for (const end of ends) expect(end).toEqual({ code: 0, signal: null });
    await database.close();
    await rm(folder, { recursive: true });
  }, 90_000);
});

describe('on a server whose administrator makes the roles', () => {
  const secret = 'what the roles are made from';
  let folder: string;
  let server: EmbeddedPostgres;
  let migratorUrl: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'switchyard-server-'));
    await chmod(folder, 0o755);
    server = await startEmbeddedPostgres({ folder: join(folder, 'postgres'), throwaway: true });
    await asAdministrator(
      `CREATE ROLE switcher LOGIN PASSWORD 'its own' NOSUPERUSER NOCREATEROLE NOCREATEDB`,
    );
    await asAdministrator('CREATE DATABASE switchyard OWNER switcher');
    const url = new URL(server.url);
    url.username = 'switcher';
    url.password = 'its own';
    url.pathname = '/switchyard';
    migratorUrl = url.href;
  });
  afterAll(async () => {
    await Promise.all(started.map((process) => process.end('SIGKILL')));
    await server.stop();
    await rm(folder, { recursive: true });
  });

  async function asAdministrator(sql: string): Promise<void> {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  }

  const started: StartedProcess[] = [];
  const start = (script: string, env: Record<string, string> = {}): StartedProcess => {
    const process = startProcess([`dist/apps/${script}/main.js`], {
      SWITCHYARD_HOME: join(folder, 'home'),
      KEYRING_FILE: join(folder, 'keyring.json'),
      ARTIFACT_DIR: join(folder, 'artifacts'),
      DATABASE_URL: migratorUrl,
      DATABASE_ROLE_SECRET: secret,
      PASSWORD_COST: '12',
      PORT: '0',
      ...env,
    });
    started.push(process);
    return process;
  };

  async function refusalOf(process: StartedProcess): Promise<string> {
    expect(await process.ended).toMatchObject({ code: 1 });
    return process.output();
  }

  it('names the command that prints the roles while they are missing', async () => {
    expect(await refusalOf(start('platform'))).toContain(
      'the database user may not create roles; create them beforehand with the statements that `npm run database:roles` prints',
    );
  });

  it('names the grant that is missing when only the roles were made', async () => {
    await asAdministrator(await printedRoles({ DATABASE_ROLE_SECRET: secret }));
    expect(await refusalOf(start('platform'))).toContain(
      'let an administrator run GRANT switchyard_owner TO "switcher"',
    );
    await asAdministrator('GRANT switchyard_owner TO switcher');
  });

  it('brings the database up to date with no right but to own it', async () => {
    const platform = start('platform');
    const [, url = ''] = await platform.says(/ready at (http:\S+)/);
    expect((await new Client(url).get('/health/ready')).status).toBe(200);
    await platform.end();
  });

  it('lets a service sign in as its own role, which can change no schema', async () => {
    const url = serviceUrl(migratorUrl, secret, 'registry');
    const registry = start('registry', { DATABASE_URL: url });
    const [, address = ''] = await registry.says(/"url":"(http:[^"]+)"/);
    expect((await new Client(address).get('/health/ready')).status).toBe(200);
    await registry.end();
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await expect(client.query('CREATE TABLE registry.own (id int)')).rejects.toThrow('permission denied');
    await expect(client.query('SET ROLE switchyard_owner')).rejects.toThrow('permission denied');
    await client.end();
  });

  it("refuses to run a service in another's role", async () => {
    const url = serviceUrl(migratorUrl, secret, 'registry');
    for (const script of ['platform', 'health'])
      expect(await refusalOf(start(script, { DATABASE_URL: url }))).toContain(
        'DATABASE_URL signs in as switchyard_registry, but this process runs',
      );
  });

  it('says so when the passwords were made from another secret', async () => {
    const message =
      'the database refuses the role switchyard_registry: its password was made from another DATABASE_ROLE_SECRET';
    expect(await refusalOf(start('registry', { DATABASE_ROLE_SECRET: 'another' }))).toContain(message);
    const own = serviceUrl(migratorUrl, 'another', 'registry');
    expect(await refusalOf(start('registry', { DATABASE_URL: own }))).toContain(message);
  });

  it('refuses to work while a role may pass row-level security, and names each', async () => {
    const roles = ['switchyard_owner', 'switchyard_registry', 'switchyard_registry_platform'];
    for (const role of roles) await asAdministrator(`ALTER ROLE ${role} BYPASSRLS`);
    const own = serviceUrl(migratorUrl, secret, 'registry');
    const tries = [migratorUrl, own].map((url) => refusalOf(start('registry', { DATABASE_URL: url })));
    for (const refusal of await Promise.all(tries)) {
      expect(refusal).toContain('these database roles must have neither SUPERUSER nor BYPASSRLS');
      for (const role of roles) expect(refusal).toContain(role);
    }
    for (const role of roles) await asAdministrator(`ALTER ROLE ${role} NOBYPASSRLS`);
  });

  it('also works for a migrator that may create roles, as on a rented server', async () => {
    await asAdministrator('DROP DATABASE switchyard WITH (FORCE)');
    await asAdministrator(
      (await printedRoles({ DATABASE_ROLE_SECRET: secret }))
        .replace(/^(?!CREATE).*$/gm, '')
        .replace(/^CREATE ROLE (\S+) .*$/gm, 'DROP ROLE $1;'),
    );
    await asAdministrator('ALTER ROLE switcher CREATEROLE');
    await asAdministrator('CREATE DATABASE switchyard OWNER switcher');
    const platform = start('platform');
    await platform.says(/ready at/);
    await platform.end();
  });
});

async function printedRoles(env: Record<string, string>): Promise<string> {
  const { PATH } = process.env;
  const { stdout } = await run(process.execPath, ['scripts/database-roles.mjs'], {
    cwd: root,
    env: { PATH, ...env },
  });
  return stdout;
}
