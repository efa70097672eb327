import type { RequestListener } from 'node:http';
import type { RoutePolicyInput } from '@switchyard/contracts';
import { eventually } from '@switchyard/testing';
import { AppWorld } from './support/app-world.js';
import { ask, RawConnection } from './support/http.js';
import type { PluginServer } from './support/plugin-server.js';

const slot = (setId: string, weight: number) => ({ setId, deploymentId: `dep-of-${setId}`, weight });
const says =
  (text: string): RequestListener =>
  (_request, response) =>
    void response.end(text);

describe('where requests go', () => {
  let world: AppWorld;
  let name: string;
  let n = 0;
  beforeAll(async () => {
    world = await AppWorld.start();
  });
  afterAll(() => world.stop());
  beforeEach(() => {
    name = `plugin-${(n += 1)}`;
    world.batches.splice(0);
  });

  const get = (path = '/x', headers: Record<string, string> = {}, method = 'GET') =>
    ask(`${world.url}/app/${name}${path}`, { method, headers: { ...world.headers, ...headers } });
  const routes = (policy: Partial<RoutePolicyInput>, sets: Record<string, PluginServer[]>) =>
    world.routes({ pluginId: name, ...policy }, sets);

  /** A stable and a candidate release, one instance each unless told otherwise. */
  const twoSlots = async (weight: number, policy: Partial<RoutePolicyInput> = {}) => {
    const [stable, candidate] = await Promise.all([
      world.plugin(`${name}-stable`, says('stable')),
      world.plugin(`${name}-candidate`, says('candidate')),
    ]);
    const slots = { stable: slot(`${name}-s`, 100 - weight), candidate: slot(`${name}-c`, weight) };
    await routes({ slots, ...policy }, { [`${name}-s`]: [stable], [`${name}-c`]: [candidate] });
    return { stable, candidate, slots };
  };
  const tally = async (times: number, headers: Record<string, string> = {}) => {
    const answers = new Map<string, number>();
    for (let i = 0; i < times; i += 1) {
      const { body } = await get('/x', headers);
      answers.set(body, (answers.get(body) ?? 0) + 1);
    }
    return answers;
  };

  describe('between slots', () => {
    it.each([
      [10, 10],
      [30, 30],
      [50, 50],
    ])(
      'gives a candidate of weight %i exactly its share, to within one or two of a hundred',
      async (weight, share) => {
        await twoSlots(weight);
        const candidate = (await tally(100)).get('candidate') ?? 0;
        expect(Math.abs(candidate - share)).toBeLessThanOrEqual(2);
      },
    );

    it('sends nothing to a candidate of weight 0, everything at 100, and changes with the policy', async () => {
      const { slots } = await twoSlots(0);
      expect([...(await tally(20)).keys()]).toEqual(['stable']);
      await routes(
        { slots: { stable: { ...slots.stable, weight: 0 }, candidate: { ...slots.candidate, weight: 100 } } },
        {},
      );
      expect([...(await tally(20)).keys()]).toEqual(['candidate']);
    });

    it('keeps a user on one slot, and moves users only towards the candidate while it grows', async () => {
      const { slots } = await twoSlots(50, { sticky: { by: 'user', salt: 'test-1' } });
      const users = Array.from({ length: 12 }, (_, i) => ({
        authorization: `Bearer ${world.tokenOf('Viewer', `user-${i}`)}`,
      }));
      const slotOf = async (user: { authorization: string }) => {
        const seen = [...(await tally(4, user)).keys()];
        expect(seen).toHaveLength(1);
        return seen[0];
      };
      const before = await Promise.all(users.map(slotOf));
      expect(new Set(before)).toEqual(new Set(['stable', 'candidate']));
      await routes(
        {
          slots: { stable: { ...slots.stable, weight: 20 }, candidate: { ...slots.candidate, weight: 80 } },
          sticky: { by: 'user', salt: 'test-1' },
        },
        {},
      );
      const after = await Promise.all(users.map(slotOf));
      before.forEach((slotBefore, i) => slotBefore === 'candidate' && expect(after[i]).toBe('candidate'));
    });

    it('lets those who may choose the slot reach a candidate that has no weight yet', async () => {
      await twoSlots(0);
      const as = (role: 'TenantAdmin' | 'Viewer', wanted: string) =>
        get('/x', { authorization: `Bearer ${world.tokenOf(role, role)}`, 'x-switchyard-slot': wanted });
      expect(await as('TenantAdmin', 'candidate')).toMatchObject({ status: 200, body: 'candidate' });
      expect(await as('TenantAdmin', 'stable')).toMatchObject({ status: 200, body: 'stable' });
      expect(await as('Viewer', 'candidate')).toMatchObject({ status: 403 });
      expect(await as('TenantAdmin', 'third')).toMatchObject({ status: 400 });
    });

    it('leaves a candidate with nothing ready to the stable slot, and a lone slot without any answers 503', async () => {
      await twoSlots(100);
      await world.endpoints(`${name}-c`, []);
      expect([...(await tally(5)).keys()]).toEqual(['stable']);
      await world.endpoints(`${name}-s`, null);
      expect(await get()).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    });

    it('serves a first deployment that has no stable slot', async () => {
      const first = await world.plugin(`${name}-first`, says('first'));
      await routes({ slots: { candidate: slot(`${name}-f`, 100) } }, { [`${name}-f`]: [first] });
      expect(await get()).toMatchObject({ status: 200, body: 'first' });
    });
  });

  describe('between instances', () => {
    const instances = async (answers: readonly RequestListener[], policy: Partial<RoutePolicyInput> = {}) => {
      const plugins = await Promise.all(answers.map((answer, i) => world.plugin(`${name}-${i}`, answer)));
      await routes({ slots: { stable: slot(name, 100) }, ...policy }, { [name]: plugins });
      return plugins;
    };

    it('takes turns among those that have the same to do, and leaves out what is not ready', async () => {
      const [a, b, c] = await instances([says('a'), says('b'), says('c')]);
      expect(Object.fromEntries(await tally(12))).toEqual({ a: 4, b: 4, c: 4 });
      await world.endpoints(name, [a!.endpoint, { ...b!.endpoint, ready: false }, c!.endpoint]);
      expect(Object.fromEntries(await tally(12))).toEqual({ a: 6, c: 6 });
    });

    it.each(['GET', 'POST'])(
      'asks another instance when one refuses the connection, even for %s: nothing was sent',
      async (method) => {
        const [dead] = await instances([says('dead'), says('alive')]);
        await dead!.stop();
        for (let i = 0; i < 4; i += 1) {
          const answer = await ask(`${world.url}/app/${name}/x`, {
            method,
            headers: world.headers,
            ...(method === 'POST' ? { body: 'abc' } : {}),
          });
          expect(answer).toMatchObject({ status: 200, body: 'alive' });
        }
        const { errors, failures, statuses } = await world.samplesOf(name, 'stable', 8);
        expect({ errors, failures, ok: statuses[1] }).toEqual({
          errors: 4,
          failures: { refused: 4, reset: 0, timeout: 0 },
          ok: 4,
        });
      },
    );

    it('asks again for a GET that was cut off before a byte came, and never for a POST', async () => {
      await instances([(request) => request.socket.destroy(), says('alive')]);
      const got = [await get(), await get()];
      expect(got.map(({ status }) => status)).toEqual([200, 200]);
      const posted = [await get('/x', {}, 'POST'), await get('/x', {}, 'POST')];
      expect(posted.map(({ status }) => status).sort()).toEqual([200, 503]);
    });

    it('asks nobody again when told not to', async () => {
      const [dead] = await instances([says('dead'), says('alive')], { retry: { attempts: 0 } });
      await dead!.stop();
      expect([(await get()).status, (await get()).status].sort()).toEqual([200, 503]);
    });

    it('takes out one that keeps failing, says so, and leaves at least half of a slot in', async () => {
      const fails: RequestListener = (_request, response) => void response.writeHead(500).end();
      await instances([fails, says('well')], {
        ejection: { consecutiveFailures: 3, firstMs: 60_000, mostMs: 60_000 },
      });
      await tally(6);
      expect(Object.fromEntries(await tally(10))).toEqual({ well: 10 });
      const { ejections, errors } = await world.samplesOf(name, 'stable', 16);
      expect({ ejections, errors }).toEqual({ ejections: 1, errors: 3 });
    });

    it('never takes out the only one', async () => {
      await instances([(_request, response) => void response.writeHead(500).end('still here')], {
        ejection: { consecutiveFailures: 1, firstMs: 60_000, mostMs: 60_000 },
      });
      expect([...(await tally(5)).keys()]).toEqual(['still here']);
    });

    it('gives an instance no more than it may have at a time', async () => {
      const held: (() => void)[] = [];
      await instances([(_request, response) => void held.push(() => response.end('done'))], {
        concurrencyPerInstance: 2,
      });
      const waiting = [get(), get()];
      await eventually(() => expect(held).toHaveLength(2));
      const refused = await get();
      expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
      expect(JSON.parse(refused.body)).toMatchObject({ error: { code: 'SERVICE_UNAVAILABLE' } });
      held.forEach((end) => end());
      expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200]);
      const { requests, errors } = await world.samplesOf(name, 'stable', 2);
      expect({ requests, errors }).toEqual({ requests: 2, errors: 0 });
    });

    it('answers 504 when no answer comes in time, and asks nobody again', async () => {
      let asked = 0;
      await instances([() => (asked += 1), () => (asked += 1)], { timeoutMs: 100 });
      const late = await get();
      expect(late.status).toBe(504);
      expect(JSON.parse(late.body)).toMatchObject({ error: { code: 'UPSTREAM_TIMEOUT' } });
      expect(asked).toBe(1);
      expect((await world.samplesOf(name, 'stable', 1)).failures).toEqual({
        refused: 0,
        reset: 0,
        timeout: 1,
      });
    });

    it('holds callers to the limits of the installation', async () => {
      await instances([says('ok')], { limits: { requestsPerMinute: 1_000, requestsPerMinutePerCaller: 3 } });
      const statuses = [];
      for (let i = 0; i < 5; i += 1) statuses.push((await get()).status);
      // A minute may begin while they are counted.
      expect(statuses.slice(0, 3)).toEqual([200, 200, 200]);
      expect(statuses).toContain(429);
    });
  });

  describe('what came of them', () => {
    it('is sampled attempt by attempt, of a candidate at once', async () => {
      const { candidate } = await twoSlots(100);
      for (let i = 0; i < 3; i += 1) await get();
      const { statuses, latency, ...sample } = await world.samplesOf(name, 'candidate', 3);
      expect(sample).toMatchObject({
        pluginId: name,
        deploymentId: `dep-of-${name}-c`,
        setId: `${name}-c`,
        instanceId: candidate.instanceId,
        errors: 0,
      });
      expect(statuses).toEqual([0, 3, 0, 0, 0]);
      expect(latency.counts.reduce((a, b) => a + b)).toBe(3);
      expect(latency.sumMs).toBeGreaterThan(0);
    });

    it.each([
      [404, 0],
      [500, 1],
      [503, 1],
    ])('counts %i as %i errors', async (status, errors) => {
      await twoSlots(100);
      await world.endpoints(`${name}-c`, [
        (await world.plugin(`${name}-x`, (_req, res) => void res.writeHead(status).end())).endpoint,
      ]);
      await get();
      expect((await world.samplesOf(name, 'candidate', 1)).errors).toBe(errors);
    });

    it('counts a caller who goes away neither as an answer nor as an error', async () => {
      let asked = false;
      await twoSlots(100);
      await world.endpoints(`${name}-c`, [
        (await world.plugin(`${name}-x`, () => void (asked = true))).endpoint,
      ]);
      const connection = await RawConnection.open(world.url);
      connection.write(
        `GET /app/${name}/x HTTP/1.1\r\nHost: h\r\nAuthorization: ${world.headers.authorization}\r\n\r\n`,
      );
      await eventually(() => expect(asked).toBe(true));
      connection.socket.destroy();
      const { requests, errors, clientAborts } = await eventually(async () => {
        const sample = await world.samplesOf(name, 'candidate', 0);
        expect(sample.clientAborts).toBe(1);
        return sample;
      });
      expect({ requests, errors, clientAborts }).toEqual({ requests: 0, errors: 0, clientAborts: 1 });
    });

    it('counts a stream without its time, and one that breaks off as an error', async () => {
      await twoSlots(100);
      const breaking = await world.plugin(`${name}-x`, (_req, res) => {
        res.writeHead(200, { 'content-type': 'text/event-stream' });
        res.write('data: 1\n\n', () => setImmediate(() => res.destroy()));
      });
      await world.endpoints(`${name}-c`, [breaking.endpoint]);
      await expect(get()).rejects.toThrow();
      await eventually(async () => {
        const { errors, latency, failures } = await world.samplesOf(name, 'candidate', 1);
        expect({ errors, reset: failures.reset, timed: latency.counts.reduce((a, b) => a + b) }).toEqual({
          errors: 1,
          reset: 1,
          timed: 0,
        });
      });
    });
  });

  describe('while instances go', () => {
    it('loses no request when a set is replaced under load, and tells until the old one is done', async () => {
      const slow = await world.plugin(
        `${name}-old`,
        (_req, res) => void setTimeout(() => res.end('old'), 30),
      );
      const fresh = await world.plugin(`${name}-new`, says('new'));
      await routes({ slots: { stable: slot(`${name}-old`, 100) } }, { [`${name}-old`]: [slow] });
      let stop = false;
      const answers: string[] = [];
      const client = async () => {
        while (!stop) answers.push(`${(await get()).status}`);
      };
      const clients = Array.from({ length: 8 }, client);
      await eventually(() => expect(answers.length).toBeGreaterThan(16));
      await routes({ slots: { stable: slot(`${name}-new`, 100) } }, { [`${name}-new`]: [fresh] });
      await world.endpoints(`${name}-old`, null);
      await eventually(async () => {
        const [report] = await world.reports();
        expect(report?.draining.filter(({ setId }) => setId === `${name}-old`)).toEqual([]);
      });
      await slow.stop();
      const before = answers.length;
      await eventually(() => expect(answers.length).toBeGreaterThan(before + 16));
      stop = true;
      await Promise.all(clients);
      expect(new Set(answers)).toEqual(new Set(['200']));
    });

    it('tells how many requests are still under way at an instance that gets nothing new', async () => {
      const held: (() => void)[] = [];
      const plugin = await world.plugin(`${name}-held`, (_req, res) => void held.push(() => res.end('done')));
      await routes({ slots: { stable: slot(name, 100) } }, { [name]: [plugin] });
      const waiting = [get(), get()];
      await eventually(() => expect(held).toHaveLength(2));
      await world.endpoints(name, null);
      const draining = async () => (await world.reports())[0]?.draining.filter(({ setId }) => setId === name);
      expect(await draining()).toEqual([{ setId: name, instanceId: `${name}-held`, requests: 2 }]);
      held.forEach((end) => end());
      await Promise.all(waiting);
      await eventually(async () => expect(await draining()).toEqual([]));
    });

    it('goes on with what it knew of an entry that it cannot read', async () => {
      await twoSlots(0);
      await world.database.open('deployments').withTenant('acme-corp', async (tx) => {
        const { feedPut } = await import('@switchyard/events');
        await feedPut(tx, 'deployments.policies', `acme-corp/Production/${name}`, { nonsense: true });
        await feedPut(tx, 'deployments.endpoints', `${name}-s`, 'nonsense');
      });
      await world.served();
      expect(await get()).toMatchObject({ status: 200, body: 'stable' });
    });
  });
});
