import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, connect, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { eventually } from '@switchyard/testing';
import pg from 'pg';
import { makeHome, readyAt, signInAt, tenantsAt, type PlatformHome } from './support/home.js';
import type { StartedProcess } from './support/start-process.js';

/** Started once and stopped: what most of this begins with. */
let made: PlatformHome;
let home: PlatformHome;
beforeAll(async () => {
  made = await makeHome();
  const platform = made.start();
  await ready(platform);
  await platform.end();
});
beforeEach(async () => (home = await made.copy()));
afterEach(() => home.remove());
afterAll(() => made.remove());

async function beginEmpty(mode?: number): Promise<void> {
  await home.remove();
  home = await makeHome(mode);
}

const nothingLeft = () => eventually(() => expect(home.left()).toEqual([]));
const postgresPid = async (): Promise<number> =>
  parseInt(await readFile(home.path('postgres/data/postmaster.pid'), 'utf8'));

async function ready(platform: StartedProcess) {
  const { client } = await signInAt(await readyAt(platform));
  return client;
}

describe('the platform on one machine', () => {
  it('makes its database at the first start, stops it with itself, and finds the data at the next', async () => {
    await beginEmpty();
    const first = home.start();
    const admin = await ready(first);
    expect(first.output()).toContain('making the database (first start only)');
    expect(await admin.post('/api/v1/tenants', { tenantId: 'tenant-kept', name: 'Kept' })).toMatchObject({
      status: 201,
    });
    expect(home.left().map(({ command }) => command)).toEqual(
      expect.arrayContaining([expect.stringContaining('bin/postgres')]),
    );
    expect(await first.end('SIGINT')).toEqual({ code: 0, signal: null });
    expect(home.left()).toEqual([]);

    const second = home.start();
    expect(await tenantsAt(await ready(second))).toEqual(['tenant-kept']);
    expect(second.output()).not.toContain('making the database');
    expect(second.output()).not.toMatch(/"level":"(warn|error)"/);
    expect(await second.end('SIGHUP')).toEqual({ code: 0, signal: null });
    expect(home.left()).toEqual([]);
  });

  it('takes over the database that a killed platform left running, or starts it again after both were killed', async () => {
    const killed = home.start();
    const admin = await ready(killed);
    await admin.post('/api/v1/tenants', { tenantId: 'tenant-kept', name: 'Kept' });
    const orphan = await postgresPid();
    await killed.end('SIGKILL');
    expect(home.left().map(({ pid }) => pid)).toContain(orphan);

    const adopting = home.start();
    expect(await tenantsAt(await ready(adopting))).toEqual(['tenant-kept']);
    expect(adopting.output()).toContain('found PostgreSQL still running and took it over');
    expect(await postgresPid()).toBe(orphan);
    process.kill(orphan, 'SIGKILL');
    await adopting.end('SIGKILL');

    // Whoever has the killed server's process id now is neither taken for it nor stopped.
    const lock = home.path('postgres/data/postmaster.pid');
    await writeFile(lock, (await readFile(lock, 'utf8')).replace(/^\d+/, String(process.pid)));
    const again = home.start();
    expect(await tenantsAt(await ready(again))).toEqual(['tenant-kept']);
    await again.end();
    await nothingLeft();
  });

  it("stops cleanly on a terminal's Ctrl-C, which reaches npm, the platform and all that they started", async () => {
    const platform = home.start({}, { command: 'npm', args: ['start'], group: true });
    await ready(platform);
    await platform.endGroup('SIGINT');
    expect(platform.output()).toContain('stopping');
    await nothingLeft();
    await expect(stat(home.path('platform.pid'))).rejects.toThrow('ENOENT');
  });

  it('leaves nothing when it is stopped during its start, whatever it is doing, and starts again', async () => {
    const steps = [
      /making the database/,
      /starting PostgreSQL/,
      /bringing the database up to date/,
      /starting the services/,
    ];
    const homes = await Promise.all(steps.map((_, n) => (n === 0 ? makeHome() : made.copy())));
    await Promise.all(
      steps.map(async (step, n) => {
        const its = homes[n]!;
        const platform = its.start();
        await platform.says(step);
        expect([step, await platform.end('SIGTERM')]).toEqual([step, { code: 0, signal: null }]);
        await eventually(() => expect(its.left()).toEqual([]));
        const next = its.start();
        await ready(next);
        await next.end();
        await its.remove();
      }),
    );
  });

  it('keeps its secrets to itself', async () => {
    const platform = home.start();
    await ready(platform);
    const modeOf = async (path: string) => ((await stat(home.path(path))).mode & 0o777).toString(8);
    expect(await modeOf('keyring.json')).toBe('600');
    expect(await modeOf('postgres/superuser-password')).toBe('600');
    expect(await modeOf('postgres/postgres.log')).toBe('600');
    expect(await modeOf('postgres/data')).toBe('700');
    expect(await modeOf('postgres/data/pg_hba.conf')).toBe('600');
    expect(await modeOf('platform.pid')).toBe('600');

    const port = Number((await readFile(home.path('postgres/data/postmaster.pid'), 'utf8')).split('\n')[3]);
    const signIn = async (user: string, password?: string) => {
      const client = new pg.Client({
        host: '127.0.0.1',
        port,
        user,
        database: 'postgres',
        ...(password ? { password } : {}),
      });
      await client.connect().finally(() => client.end());
    };
    await expect(signIn('switchyard_admin')).rejects.toThrow(/password/);
    await expect(signIn('switchyard_tenants', 'guessed')).rejects.toThrow(/password authentication failed/);
    const outside = Object.values(networkInterfaces())
      .flat()
      .filter((address) => address?.family === 'IPv4' && !address.internal);
    for (const address of outside) expect(await opens(address?.address ?? '', port)).toBe(false);
    await platform.end();
  });

  it('works in a folder that is closed to others', async () => {
    await beginEmpty(0o700);
    for (const tenants of [[], ['tenant-kept']]) {
      const platform = home.start();
      const admin = await ready(platform);
      expect(await tenantsAt(admin)).toEqual(tenants);
      await admin.post('/api/v1/tenants', { tenantId: 'tenant-kept', name: 'Kept' });
      expect(await platform.end()).toEqual({ code: 0, signal: null });
      expect(home.left()).toEqual([]);
    }
  });
});

describe('the platform refuses', () => {
  it('to share its folder, and says who has it', async () => {
    const first = home.start();
    await ready(first);
    const second = home.start();
    expect(await second.ended).toMatchObject({ code: 1 });
    expect(second.output()).toContain(
      `another platform (process ${first.pid}) uses ${home.folder}; stop it, or set SWITCHYARD_HOME to another folder`,
    );
    expect(await tenantsAt(await ready(first))).toEqual([]);
    await first.end();
  });

  it('a port that is taken, names it and its option, and leaves nothing running', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const message = (option: string) =>
      `port ${port} on 127.0.0.1 is taken by another program: stop that, or set ${option} to another port`;
    const other = await made.copy();
    const tries = [home.start({ PORT: String(port) }), other.start({ METRICS_PORT: String(port) })];
    expect(await Promise.all(tries.map((platform) => platform.ended))).toMatchObject([
      { code: 1 },
      { code: 1 },
    ]);
    expect(tries[0]?.output()).toContain(message('PORT'));
    expect(tries[1]?.output()).toContain(message('METRICS_PORT'));
    await eventually(() => expect([...home.left(), ...other.left()]).toEqual([]));
    await other.remove();
    taken.close();
  });

  it('bad options, all in one message, before it makes anything', async () => {
    const platform = home.start({
      PORT: 'eighty',
      LOG_LEVEL: 'loud',
      DATABASE_CONNECTIONS: '1',
      DATABASE_URL: 'mysql://u:hidden@h/d',
    });
    expect(await platform.ended).toMatchObject({ code: 1 });
    expect(platform.output()).toContain('The configuration has 4 problem(s)');
    for (const option of ['PORT', 'LOG_LEVEL', 'DATABASE_CONNECTIONS', 'DATABASE_URL'])
      expect(platform.output()).toMatch(new RegExp(`- ${option}:`));
    expect(platform.output()).not.toContain('hidden');
    expect(platform.output()).not.toContain('PostgreSQL');
  });

  it('others on the network while only the demo account could administer it', async () => {
    const platform = home.start({ HOST: '0.0.0.0' });
    expect(await platform.ended).toMatchObject({ code: 1 });
    expect(platform.output()).toContain(
      'HOST is 0.0.0.0, which others can reach, and no administrator is configured: set ADMIN_USERNAME and ADMIN_PASSWORD_FILE',
    );
  });

  it('the demo account once an administrator is configured, also one made before', async () => {
    const demo = home.start();
    const before = await ready(demo);
    await demo.end();
    const file = home.path('admin-password');
    await writeFile(file, 'correct horse battery staple\n', { mode: 0o600 });
    const platform = home.start({
      HOST: '0.0.0.0',
      ADMIN_USERNAME: 'root@example.com',
      ADMIN_PASSWORD_FILE: file,
    });
    const client = await readyAt(platform);
    expect(platform.output()).not.toContain('Admin123!');
    expect((await signInAt(client)).status).toBe(401);
    expect((await client.with(before.token ?? '').get('/api/v1/tenants')).status).toBe(401);
    const admin = await signInAt(client, 'root@example.com', 'correct horse battery staple');
    expect(await tenantsAt(admin.client)).toEqual([]);
    await platform.end();
  });
});

const opens = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_000 });
    const answer = (open: boolean) => () => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', answer(true)).once('error', answer(false)).once('timeout', answer(false));
  });
