import { randomBytes } from 'node:crypto';
import { eventually } from '@switchyard/testing';
import type { Client } from '../../support/client.js';
import { startPlatform, startReplica, type RunningPlatform } from '../../support/start-platform.js';
import { Watching } from '../../support/watching.js';
import { password } from '../../support/world.js';
import { mustAnswer } from '../registry/a-plugin.js';
import { answering, deploy, publish } from './a-deployable.js';

const tenantId = 'acme-corp';
const pluginId = 'core-payments';
const rateLimits = { maxRequestsPerMinute: 1_000_000, maxDeploymentsPerHour: 10_000 };

interface Listed {
  deployments: { deploymentId: string }[];
  resourceVersion: string;
}

describe('watching deployments', () => {
  let platform: RunningPlatform;
  let replica: RunningPlatform;
  let ada: Client;
  let fred: Client;
  const watched: Watching[] = [];

  beforeAll(async () => {
    platform = await startPlatform({ STREAMS_PER_USER: '6' });
    replica = await startReplica(platform, { STREAMS_PER_USER: '6' });
    const { admin, signIn } = platform;
    const person = async (username: string, tenant: string) => {
      await mustAnswer(admin.post('/api/v1/tenants', { tenantId: tenant, name: tenant, rateLimits }), 201);
      await mustAnswer(
        admin.post('/api/v1/users', { username, password, role: 'TenantAdmin', tenantId: tenant }),
        201,
      );
      return await signIn(username, password);
    };
    ada = await person('ada', tenantId);
    fred = await person('fred', 'other-corp');
    await publish(admin, pluginId, '1.0.0', answering('one'));
    // What waits for an approval changes only when somebody says so.
    await mustAnswer(
      ada.put(`/api/v1/tenants/${tenantId}/approval-policy`, {
        environments: { QA: { approvals: 5 }, Staging: { approvals: 5 } },
      }),
      200,
    );
  });
  afterEach(() => {
    for (const each of watched.splice(0)) each.stop();
  });
  afterAll(async () => {
    await replica.stop();
    await platform.stop();
  });

  const watch = async (client: Client, query = '', headers: Record<string, string> = {}) => {
    const watching = await Watching.open(client, query, headers);
    watched.push(watching);
    return watching;
  };
  const at = (where: RunningPlatform, client: Client) => where.anonymous.with(client.token ?? '');
  const list = async (query = '') =>
    (await mustAnswer(ada.get(`/api/v1/plugin-deployments?limit=100${query}`), 200)).body as Listed;
  const ask = (environment = 'QA') =>
    deploy(ada, { pluginId, pluginVersion: '1.0.0', environment, strategy: 'Direct' });
  const refuse = (id: string, reason: string) =>
    mustAnswer(ada.post(`/api/v1/plugin-deployments/${id}/reject`, { reason }), 202);

  it('begins with all there is and says where that ends, then tells every change to its end', async () => {
    const first = await deploy(ada, { pluginId, pluginVersion: '1.0.0', strategy: 'Direct' });
    const watching = await watch(ada, 'environment=Production');
    expect(watching.response.headers.get('content-type')).toBe('application/x-ndjson');
    expect(watching.response.headers.get('x-ratelimit-limit')).toBe('100000');
    await watching.until(
      ({ changes }) =>
        expect(changes.at(-1)).toMatchObject({ object: { deploymentId: first, status: 'Completed' } }),
      30_000,
    );
    const bookmark = watching.lines.findIndex(({ type }) => type === 'BOOKMARK');
    const before = watching.lines.slice(0, bookmark);
    expect(before.every(({ type, resourceVersion }) => type === 'ADDED' && resourceVersion === null)).toBe(
      true,
    );
    expect(before.map(({ object }) => object?.['deploymentId'])).toEqual([first]);
    const statuses = watching.changes.map(({ object }) => object?.['status']);
    expect([...new Set(statuses)]).toEqual(
      ['Pending', 'InProgress', 'Completed'].slice(-new Set(statuses).size),
    );
    const { deployments } = await list('&environment=Production');
    expect(watching.changes.at(-1)?.object).toEqual(deployments[0]);
  });

  it('tells everybody each of 100 changes once and in one order, at every replica', async () => {
    const { resourceVersion } = await list();
    const query = `resourceVersion=${resourceVersion}&environment=QA`;
    const watchers = await Promise.all([watch(ada, query), watch(at(replica, ada), query)]);
    const wanted: string[] = [];
    // Each replaces the one before it: two changes, in one transaction.
    for (let count = 0; count < 50; count += 1) wanted.push(await ask());
    await refuse(wanted.at(-1)!, 'enough');
    for (const watching of watchers) {
      await watching.until(
        ({ changes }) => expect(changes.filter(({ type }) => type === 'ADDED')).toHaveLength(50),
        30_000,
      );
      await watching.until(({ changes }) => expect(changes).toHaveLength(100));
      const told = watching.changes.map(({ type, object }) => `${type} ${String(object?.['deploymentId'])}`);
      expect(new Set(told).size).toBe(100);
      expect(told.filter((each) => each.startsWith('ADDED'))).toEqual(wanted.map((id) => `ADDED ${id}`));
      for (const id of wanted)
        expect(told.indexOf(`ADDED ${id}`)).toBeLessThan(told.indexOf(`MODIFIED ${id}`));
    }
    expect(watchers[0]?.changes).toEqual(watchers[1]?.changes);
  });

  it('loses nothing between a list and a watch, nor between two watches, while others change things', async () => {
    const ids: string[] = [];
    const seen = new Map<string, Record<string, unknown>>();
    let stop = false;
    const changing = (async () => {
      while (!stop) {
        const id = await ask('Staging');
        ids.push(id);
        await refuse(id, randomBytes(4).toString('hex'));
      }
    })();
    const listed = await list('&environment=Staging');
    for (const each of listed.deployments) seen.set(each.deploymentId, each);
    const versions: string[] = [];
    let from = listed.resourceVersion;
    for (let turn = 0; turn < 8; turn += 1) {
      // Now here, now there: replicas need not have heard of the version yet.
      const where = turn % 2 === 0 ? ada : at(replica, ada);
      const watching = await watch(where, `resourceVersion=${from}&environment=Staging`);
      expect(watching.status).toBe(200);
      await watching.until(({ changes }) => expect(changes.length).toBeGreaterThan(2));
      watching.stop();
      for (const { resourceVersion, object } of watching.changes) {
        versions.push(resourceVersion ?? '');
        seen.set(String(object?.['deploymentId']), object ?? {});
      }
      from = watching.last;
    }
    stop = true;
    await changing;
    // What was changed until now may have been told already.
    const final = await ask('Staging');
    ids.push(final);
    await refuse(final, 'the last');
    const last = await watch(ada, `resourceVersion=${from}&environment=Staging`);
    await last.until(({ changes }) =>
      expect(changes.at(-1)).toMatchObject({ object: { deploymentId: final, status: 'Failed' } }),
    );
    for (const { resourceVersion, object } of last.changes) {
      versions.push(resourceVersion ?? '');
      seen.set(String(object?.['deploymentId']), object ?? {});
    }
    expect(new Set(versions).size).toBe(versions.length);
    const { deployments } = await list('&environment=Staging');
    for (const each of deployments) expect(seen.get(each.deploymentId)).toEqual(each);
    expect(seen.size).toBe(ids.length);
  });

  it('adds and takes away what comes to a status and leaves it', async () => {
    const { resourceVersion } = await list();
    const waiting = await watch(ada, `resourceVersion=${resourceVersion}&environment=QA&status=Pending`);
    const failed = await watch(ada, `resourceVersion=${resourceVersion}&environment=QA&status=Failed`);
    const id = await ask();
    await refuse(id, 'no');
    await waiting.until(({ changes }) =>
      expect(changes.map(({ type }) => type)).toEqual(['ADDED', 'DELETED']),
    );
    await failed.until(({ changes }) => expect(changes.map(({ type }) => type)).toEqual(['ADDED']));
  });

  it('shows another tenant nothing, whatever it asks for', async () => {
    const { resourceVersion } = await list();
    const watchers = await Promise.all(
      ['', `tenantId=${tenantId}`, `resourceVersion=${resourceVersion}&tenantId=${tenantId}`].map((query) =>
        watch(fred, query),
      ),
    );
    const own = await watch(
      at(replica, platform.admin),
      `resourceVersion=${resourceVersion}&tenantId=${tenantId}`,
    );
    const id = await ask();
    await own.until(({ changes }) => expect(changes.at(-1)).toMatchObject({ object: { deploymentId: id } }));
    const later = await list();
    const late = await watch(fred, `resourceVersion=${later.resourceVersion}`);
    expect(late.status).toBe(200);
    for (const watching of [...watchers, late]) expect(watching.changes).toEqual([]);
    await refuse(id, 'seen');
  });

  it('speaks in server-sent events when asked to, and goes on from Last-Event-ID', async () => {
    const accept = 'text/event-stream';
    const first = await watch(ada, 'environment=QA&status=Pending', { accept });
    expect(first.response.headers.get('content-type')).toBe('text/event-stream');
    await first.until(({ last }) => expect(last).not.toBe(''));
    const id = await ask();
    await first.until(({ text }) =>
      expect(text).toMatch(/event: ADDED\nid: \S+\ndata: \{"type":"ADDED".*\}\n\n$/),
    );
    first.stop();
    await refuse(id, 'while nobody looked');
    const next = await watch(at(replica, ada), 'environment=QA&status=Pending', {
      accept,
      'last-event-id': first.last,
    });
    await next.until(({ lines }) =>
      expect(lines).toEqual([
        expect.objectContaining({
          type: 'DELETED',
          object: expect.objectContaining({ deploymentId: id }) as object,
        }),
      ]),
    );
  });

  it('answers 410 for a version that it does not know, and for one that is no longer kept', async () => {
    const { resourceVersion } = await list();
    const [epoch = '', version = ''] = resourceVersion.split('.');
    const gone = async (query: string, headers = {}) => {
      const { status, response } = await watch(ada, query, headers);
      expect({ status, body: await response.json() }).toMatchObject({
        status: 410,
        body: { error: { code: 'GONE', message: expect.stringContaining('list again') as string } },
      });
    };
    await gone(`resourceVersion=${epoch}.${(Number.parseInt(version, 36) + 100).toString(36)}`);
    await gone(`resourceVersion=1.${version}`);
    await gone('', { 'last-event-id': 'what is this' });
    expect(await ada.get('/api/v1/plugin-deployments/watch?resourceVersion=12')).toMatchObject({
      status: 400,
    });
    await platform.database.look('DELETE FROM deployments.changes');
    await platform.database.look('UPDATE deployments.change_head SET pruned = version');
    await gone(`resourceVersion=${epoch}.${(Number.parseInt(version, 36) - 1).toString(36)}`);
    expect((await watch(ada, `resourceVersion=${resourceVersion}`)).status).toBe(200);
  });

  it('tells whoever watches when the database was restored, and ends', async () => {
    const watching = await watch(ada, `resourceVersion=${(await list()).resourceVersion}`);
    await platform.database.look("SELECT events.raise_epoch('a test')");
    await ask();
    await watching.until(({ lines, ended }) => {
      expect(lines.at(-1)).toMatchObject({ type: 'ERROR', object: { code: 'GONE' } });
      expect(ended).toBe(true);
    });
  });

  it('ends after the time that is asked for, and when its token is taken back', async () => {
    const short = await watch(ada, 'timeoutSeconds=1');
    await short.until(({ ended, lines }) => {
      expect(ended).toBe(true);
      expect(lines.at(-1)).toMatchObject({ type: 'BOOKMARK' });
    });
    const session = await platform.signIn('ada', password);
    const [here, there] = await Promise.all([watch(session), watch(at(replica, session))]);
    await mustAnswer(session.post('/api/v1/authentication/logout'), 204);
    for (const each of [here, there]) await each.until(({ ended }) => expect(ended).toBe(true), 5_000);
    expect((await watch(session)).status).toBe(401);
  });

  it('keeps to so many at a time for each of us, and makes room when one ends', async () => {
    const open = await Promise.all(Array.from({ length: 6 }, () => watch(fred)));
    const refused = await watch(fred);
    expect({ status: refused.status, body: await refused.response.json() }).toMatchObject({
      status: 429,
      body: { error: { code: 'RATE_LIMIT_EXCEEDED' } },
    });
    expect((await watch(ada)).status).toBe(200);
    open[0]!.stop();
    await eventually(async () => expect((await watch(fred)).status).toBe(200));
  });

  it('answers HEAD with the head alone', async () => {
    expect(await ada.send('HEAD', '/api/v1/plugin-deployments/watch')).toMatchObject({
      status: 200,
      text: '',
    });
  });

  it('ends when the platform stops, which waits for nobody', async () => {
    const watching = await watch(at(replica, ada));
    replica.child.kill('SIGTERM');
    await watching.until(({ ended }) => expect(ended).toBe(true), 5_000);
    expect(watching.lines.at(-1)).toMatchObject({ type: 'BOOKMARK' });
  });
});
