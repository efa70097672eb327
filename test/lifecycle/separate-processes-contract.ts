import { connect, type Socket } from 'node:net';
import { generateSigningKey, IdentityIssuer, type Identity, type SigningKey } from '@switchyard/auth';
import { createLogger } from '@switchyard/observability';
import { announceIdentityKey } from '@switchyard/service';
import { eventually } from '@switchyard/testing';
import pg from 'pg';
import { Client } from '../support/client.js';
import { Watching } from '../support/watching.js';
import { administrator, parts, SeparateServices, type Part } from './support/separate-services.js';

/** What separate processes on one database have to do together, whichever way events take. */
export function separateProcessesContract(events: {
  title: string;
  transport: 'log' | 'kafka';
  env: () => Record<string, string>;
}): void {
  describe(`five services as processes of their own, events by ${events.title}`, () => {
    let services: SeparateServices;
    let gateway: Client;
    let admin: Client;

    beforeAll(async () => {
      services = await SeparateServices.prepare(events.env());
      const order = [...parts].sort(() => Math.random() - 0.5);
      for (const part of order) services.start(part);
      services.start('gateway-2');
      gateway = await services.ready('gateway', 60_000);
      await services.ready('gateway-2');
      admin = await services.signIn(gateway);
    }, 90_000);
    afterAll(() => services.stop());

    const create = (tenantId: string) => admin.post('/api/v1/tenants', { tenantId, name: tenantId });
    const copied = (...tenants: string[]) =>
      eventually(async () => {
        for (const service of ['registry', 'deployments', 'health'] as const)
          expect(await services.copiesIn(service)).toEqual(expect.arrayContaining(tenants));
        // A broker gives a killed member's partitions away only after its session.
      }, 60_000);

    it('tell each other about a new tenant', async () => {
      expect(await create('tenant-first')).toMatchObject({ status: 201 });
      await copied('tenant-first');
      const ways = await services.database.look<{ transport: string }>(
        'SELECT transport FROM events.groups WHERE group_name = ANY($1)',
        [['registry', 'deployments', 'health']],
      );
      expect(ways.map(({ transport }) => transport)).toEqual(Array(3).fill(events.transport));
    });

    it('let a robot in at either gateway, until it is taken back', async () => {
      const path = '/api/v1/tenants/tenant-first/robots';
      const made = await admin.post(path, { name: 'ci', role: 'TenantAdmin' });
      expect(made.status).toBe(201);
      const { token, robotId } = made.body as { token: string; robotId: string };
      const robot = (await services.ready('gateway-2')).with(token);
      await eventually(async () =>
        expect((await robot.get('/api/v1/tenants/tenant-first')).status).toBe(200),
      );
      expect((await admin.delete(`${path}/${robotId}`)).status).toBeLessThan(300);
      await eventually(
        async () => expect((await robot.get('/api/v1/tenants/tenant-first')).status).toBe(401),
        2_000,
      );
    });

    it('refuse a session at every gateway within a second of its logout', async () => {
      const session = await services.signIn(gateway);
      const elsewhere = (await services.ready('gateway-2')).with(session.token ?? '');
      expect((await elsewhere.get('/api/v1/tenants')).status).toBe(200);
      expect((await session.post('/api/v1/authentication/logout')).status).toBeLessThan(300);
      await eventually(async () => expect((await elsewhere.get('/api/v1/tenants')).status).toBe(401), 1_000);
    });

    it('tell whoever watches deployments of every change at either gateway, until they may no longer', async () => {
      const session = await services.signIn(gateway);
      const other = (await services.ready('gateway-2')).with(session.token ?? '');
      const watchers = await Promise.all([Watching.open(session, ''), Watching.open(other, '')]);
      for (const watching of watchers) {
        expect(watching.status).toBe(200);
        expect(watching.response.headers.get('x-ratelimit-limit')).not.toBeNull();
        await watching.until(({ lines }) => expect(lines.at(-1)?.type).toBe('BOOKMARK'));
      }
      await changeDeployment(services, 'dep-first');
      await changeDeployment(services, 'dep-second');
      for (const watching of watchers)
        await watching.until(({ changes }) =>
          expect(changes.map(({ object }) => object?.['deploymentId'])).toEqual(['dep-first', 'dep-second']),
        );
      const sse = await Watching.open(other, '', {
        accept: 'text/event-stream',
        'last-event-id': watchers[0]?.changes[0]?.resourceVersion ?? '',
      });
      await sse.until(({ text }) => expect(text).toMatch(/^event: ADDED\nid: \S+\ndata: .*dep-second/));
      expect((await session.post('/api/v1/authentication/logout')).status).toBeLessThan(300);
      for (const watching of [...watchers, sse])
        await watching.until(({ ended }) => expect(ended).toBe(true), 5_000);
    });

    it('end a watch when the service stops, and go on from its last word when it is back', async () => {
      const before = await Watching.open(admin, '');
      await before.until(({ last }) => expect(last).not.toBe(''));
      const stopped = services.running.get('deployments')?.end();
      await before.until(({ ended }) => expect(ended).toBe(true), 5_000);
      expect(await stopped).toEqual({ code: 0, signal: null });
      await changeDeployment(services, 'dep-meanwhile');
      services.start('deployments');
      await services.ready();
      const after = await Watching.open(admin, `resourceVersion=${before.last}`);
      await after.until(({ changes }) =>
        expect(changes.map(({ object }) => object?.['deploymentId'])).toEqual(['dep-meanwhile']),
      );
      after.stop();
    });

    it('answer nobody but a gateway', async () => {
      const now = Math.floor(Date.now() / 1000);
      const identity: Identity = { ...anyAdmin, issuedAt: now, expiresAt: now + 600 };
      const announced = await announceIdentityKey(services.database.open('gateway'), Date.now, silent);
      const by = (key: SigningKey, clock = Date.now) => new IdentityIssuer({ signingKey: () => key, clock });
      const ask = async (part: Part, token?: string) =>
        (
          await new Client(services.urlOf(part)).get(
            '/api/v1/tenants',
            token === undefined ? {} : { 'x-switchyard-identity': token },
          )
        ).status;
      await eventually(async () =>
        expect(await ask('tenants', by(announced.key).issue(identity, 'tenants'))).toBe(200),
      );
      for (const part of ['tenants', 'registry', 'deployments', 'health'] as const) {
        const other = part === 'health' ? 'registry' : 'health';
        const refused = {
          none: undefined,
          nonsense: 'nonsense',
          forged: by(generateSigningKey(Date.now())).issue(identity, part),
          anothers: by(announced.key).issue(identity, other),
          expired: by(announced.key, () => Date.now() - 60_000).issue(identity, part),
          users: admin.token,
        };
        for (const [kind, token] of Object.entries(refused))
          expect([part, kind, await ask(part, token)]).toEqual([part, kind, 401]);
        expect((await new Client(services.urlOf(part)).get('/health')).status).toBe(200);
      }
      await announced.withdraw();
    });

    it.each(['tenants', 'registry', 'gateway'] as const)(
      'lose and double nothing when %s is killed',
      async (part) => {
        const before = `tenant-before-${part}`;
        const after = `tenant-after-${part}`;
        expect(await create(before)).toMatchObject({ status: 201 });
        await services.running.get(part)?.end('SIGKILL');
        if (part === 'registry') expect(await create(after)).toMatchObject({ status: 201 });
        services.start(part);
        await services.ready();
        if (part !== 'registry') expect(await create(after)).toMatchObject({ status: 201 });
        await copied(before, after);
        const rows = await services.database.look(
          'SELECT details FROM audit.entries WHERE action = $1 AND subject = $2',
          ['tenant.created', before],
        );
        expect(rows).toHaveLength(1);
      },
    );

    it('name a service that is away, answer 503 for it, and go on when it is back', async () => {
      await services.running.get('tenants')?.end('SIGKILL');
      expect(await admin.get('/api/v1/tenants')).toMatchObject({
        status: 503,
        body: { error: { code: 'SERVICE_UNAVAILABLE' } },
      });
      const text = await whyNotReady(gateway);
      expect(text).toContain('service tenants');
      expect(await gateway.get('/health')).toMatchObject({ status: 200 });
      services.start('tenants');
      await services.ready();
      expect(await admin.get('/api/v1/tenants')).toMatchObject({ status: 200 });
    });

    it('name a database that is away, answer 503 for it, and go on when it is back', async () => {
      await services.cable.pull();
      expect(await admin.get('/api/v1/tenants')).toMatchObject({ status: 503 });
      const text = await whyNotReady(gateway);
      expect(text).toContain('database of tenants');
      await services.cable.plug();
      await services.ready();
      expect(await create('tenant-after-outage')).toMatchObject({ status: 201 });
      await copied('tenant-after-outage');
    });

    it('finish a request in flight when they are asked to stop, and take no new one', async () => {
      for (const part of ['tenants', 'gateway'] as const) await stopsGracefully(services, admin, part);
      await services.ready();
    });

    it('end within a bound, though a client never finishes its request', async () => {
      const socket = await beginSignIn(services.urlOf('gateway'));
      const begun = performance.now();
      expect(await services.running.get('gateway')?.end()).toEqual({ code: 0, signal: null });
      expect(performance.now() - begun).toBeLessThan(6_000);
      socket.destroy();
    });

    it('leave nothing running when all are stopped', async () => {
      for (const part of [...parts, 'gateway-2'] as const)
        expect(await services.running.get(part)?.end()).toMatchObject({ signal: null });
      await eventually(async () => {
        const name = new URL(services.database.adminUrl).pathname.slice(1);
        const left = await services.database.look(
          `SELECT application_name FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()`,
          [name],
        );
        expect(left).toEqual([]);
      });
    });
  });
}

const silent = createLogger({ level: 'silent', name: 'test' });

const anyAdmin = {
  subject: 'usr_forged',
  username: 'forged',
  kind: 'user',
  role: 'PlatformAdmin',
  tenant: null,
  publishers: [],
  tokenId: 'forged',
} as const;

const credentials = JSON.stringify(administrator);

/** As the deployments service notes it. */
async function changeDeployment(services: SeparateServices, deploymentId: string): Promise<void> {
  await services.database.look(
    `WITH head AS (UPDATE deployments.change_head SET version = version + 1 RETURNING version),
       told AS (INSERT INTO events.feed_rows (feed, key) VALUES ('deployments.changes', 'head')
         ON CONFLICT (feed, key) DO UPDATE SET version = NULL)
     INSERT INTO deployments.changes (version, tenant_id, deployment_id, environment, plugin_id, status_after, object)
     SELECT version, 'tenant-first', $1, 'QA', 'a-plugin', 'Pending', jsonb_build_object('deploymentId', $1::text) FROM head`,
    [deploymentId],
  );
}

/** Sends all of a sign-in but the end of its body. */
/** Readiness is looked up once a second. */
const whyNotReady = (gateway: Client): Promise<string> =>
  eventually(async () => {
    const { status, text } = await gateway.get('/health/ready');
    expect(status).toBe(503);
    return text;
  });

/** A sign-in whose body stops short of its end. */
async function beginSignIn(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write(
    `POST /api/v1/authentication/login HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/json\r\n` +
      `content-length: ${credentials.length}\r\n\r\n${credentials.slice(0, -5)}`,
  );
  return socket;
}

/** A read that waits for a lock, so that it is under way in the gateway and in the service for as long as we like. */
async function stopsGracefully(services: SeparateServices, admin: Client, part: Part): Promise<void> {
  const process = services.running.get(part);
  const holder = new pg.Client({ connectionString: services.database.adminUrl });
  await holder.connect();
  await holder.query('BEGIN; LOCK TABLE tenants.users IN ACCESS EXCLUSIVE MODE');
  const answer = admin.get('/api/v1/users');
  await eventually(async () =>
    expect(
      await services.database.look(
        `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%tenants.users%'`,
      ),
    ).not.toEqual([]),
  );
  const ended = process?.end();
  await eventually(() => refusesConnections(services.urlOf(part)));
  await holder.query('COMMIT');
  await holder.end();
  expect((await answer).status).toBe(200);
  expect(await ended).toEqual({ code: 0, signal: null });
  services.start(part);
  await services.ready();
}

const refusesConnections = (url: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      reject(new Error(`${url} still takes connections`));
    });
    socket.once('error', () => resolve());
  });
