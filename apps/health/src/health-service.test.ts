import type { DeployedInstance } from '@switchyard/contracts';
import { eventually } from '@switchyard/testing';
import { HealthWorld, sampled, tenantId } from './contract/health-world.js';

type InstanceInput = Partial<DeployedInstance> & { instanceId: string };

const ready = (instanceId: string, more: Partial<DeployedInstance> = {}): InstanceInput => ({
  instanceId,
  ready: true,
  state: 'Ready',
  ...more,
});

/** With patience for a machine that does much else. */
const often = { intervalSeconds: 5, timeoutSeconds: 60 } as const;

describe('the health service', () => {
  let world: HealthWorld;
  beforeAll(async () => {
    world = await HealthWorld.start();
  });
  afterAll(() => world.stop());

  const stored = (setId: string) =>
    eventually(async () =>
      expect(
        await world.database.look('SELECT 1 FROM health.sets WHERE set_id = $1 AND feed_version > 0', [
          setId,
        ]),
      ).toHaveLength(1),
    );
  const moving = async (setId: string) => {
    await world.deployed({ setId, moving: true, instances: [ready('instance-1')] });
    await stored(setId);
  };

  describe('told of requests', () => {
    it('adds up what gateways counted of a moving set, and tells it in the same transaction', async () => {
      await moving('set-counted');
      await world.service.takeSamples(world.batch(sampled('set-counted', { requests: 100, errors: 4 })));
      expect(await world.told('set-counted')).toMatchObject({ samples: { requests: 100, errors: 4 } });
      await world.service.takeSamples(
        world.batch(
          sampled('set-counted', { requests: 10, milliseconds: 200 }),
          sampled('set-counted', { requests: 5, milliseconds: 90_000 }),
        ),
      );
      const { samples } = (await world.told('set-counted')) ?? {};
      expect(samples).toMatchObject({ requests: 115, errors: 4, latency: { sumMs: 453_000 } });
      expect(samples?.latency.counts.filter((count) => count > 0)).toEqual([100, 10, 5]);
    });

    it('counts a batch once, however often and by however many it is sent', async () => {
      await moving('set-once');
      const batch = world.batch(sampled('set-once', { requests: 7 }));
      await Promise.all([1, 2, 3, 4].map(() => world.service.takeSamples(batch)));
      await world.service.takeSamples(batch);
      expect(await world.told('set-once')).toMatchObject({ samples: { requests: 7 } });
    });

    it('loses none of many at once', async () => {
      await Promise.all(['set-many-a', 'set-many-b'].map(moving));
      const send = (gateway: number, sequence: number) =>
        world.service.takeSamples({
          ...world.batch(
            sampled(sequence % 2 ? 'set-many-a' : 'set-many-b', { requests: 1 }),
            sampled(sequence % 2 ? 'set-many-b' : 'set-many-a', { requests: 2 }),
          ),
          gatewayId: `gateway-of-many-${gateway}`,
          sequence,
        });
      const inOrder = async (gateway: number) => {
        for (let sequence = 1; sequence <= 10; sequence += 1) await send(gateway, sequence);
      };
      await Promise.all([1, 2, 3, 4].map(inOrder));
      expect(await world.told('set-many-a')).toMatchObject({ samples: { requests: 60 } });
      expect(await world.told('set-many-b')).toMatchObject({ samples: { requests: 60 } });
    });

    it('keeps what comes before the news that there is such a set', async () => {
      await world.service.takeSamples(world.batch(sampled('set-early', { requests: 3 })));
      await moving('set-early');
      await world.eventuallyTold('set-early', { samples: { requests: 3 } });
    });

    it('tells of a set at rest a little later, and then not again', async () => {
      await world.deployed({ setId: 'set-resting', instances: [ready('instance-1')] });
      await world.eventuallyTold('set-resting', { verdict: 'Healthy' });
      await world.service.takeSamples(world.batch(sampled('set-resting', { requests: 30 })));
      await world.eventuallyTold('set-resting', { samples: { requests: 30 } });
      const written = () =>
        world.database.look(`SELECT xmin::text FROM health.sets WHERE set_id = 'set-resting'`);
      const before = await written();
      await world.deployed({ setId: 'set-noise' });
      await world.eventuallyTold('set-noise', {});
      expect(await written()).toEqual(before);
    });

    it('judges by them, says so in an event, and takes it back when they are over', async () => {
      await world.deployed({ setId: 'set-failing', instances: [ready('instance-1')] });
      await world.eventuallyTold('set-failing', { verdict: 'Healthy' });
      await world.service.takeSamples(world.batch(sampled('set-failing', { requests: 100, errors: 30 })));
      expect(await world.told('set-failing')).toMatchObject({
        verdict: 'Unhealthy',
        reason: 'error rate 30 % of 100 requests in the last 60 s, at most 5 % is allowed',
      });
      world.passes(61_000);
      await world.eventuallyTold('set-failing', { verdict: 'Healthy' });
      await eventually(async () => {
        const events = await world.database.look<{ data: object }>(
          `SELECT data FROM events.log WHERE type = 'health.verdict-changed' AND tenant = $1 AND data->>'setId' = 'set-failing' ORDER BY seq`,
          [tenantId],
        );
        expect(events.map(({ data }) => data)).toMatchObject([
          { from: 'Unknown', to: 'Healthy' },
          { from: 'Healthy', to: 'Unhealthy', deploymentId: 'dep-of-set-failing' },
          { from: 'Unhealthy', to: 'Healthy' },
        ]);
      });
    });
  });

  describe('checking instances', () => {
    it('finds one that answers badly, counts how often, and finds it well again', async () => {
      let status = 200;
      const address = await world.instance('http', (_request, response) => {
        response.statusCode = status;
        response.end('x'.repeat(100_000));
      });
      await world.deployed({
        setId: 'set-http',
        healthCheck: {
          type: 'HttpEndpoint',
          httpEndpoint: '/health',
          intervalSeconds: 5,
          successThreshold: 2,
        },
        instances: [ready('instance-1', { address }), ready('instance-2', { address })],
      });
      await world.eventuallyTold('set-http', { verdict: 'Healthy' });
      status = 503;
      const told = await world.eventuallyTold('set-http', { verdict: 'Unhealthy' });
      expect(told.reason).toBe('2 of 2 instances are unhealthy: /health answered 503');
      expect(told.instances[0]?.consecutiveFailedChecks).toBeGreaterThanOrEqual(3);
      status = 302;
      await world.eventuallyTold('set-http', {
        verdict: 'Healthy',
        instances: [{ consecutiveFailedChecks: 0 }, { consecutiveFailedChecks: 0 }],
      });
    });

    it('does not wait for one that hangs, nor for one that is not there', async () => {
      const hanging = await world.instance('hanging', (_request, response) => {
        response.flushHeaders();
      });
      const healthCheck = { type: 'HttpEndpoint', intervalSeconds: 5, timeoutSeconds: 2 } as const;
      await world.deployed({
        setId: 'set-hanging',
        healthCheck,
        instances: [
          ready('instance-1', { address: hanging }),
          ready('instance-2', { address: { socketPath: `${hanging.socketPath}-not-there` } }),
        ],
      });
      const told = await world.eventuallyTold('set-hanging', { verdict: 'Unhealthy' });
      expect(told.instances.map(({ verdict }) => verdict)).toContain('Unhealthy');
      const both = await world.eventuallyTold('set-hanging', {
        instances: [{ verdict: 'Unhealthy' }, { verdict: 'Unhealthy' }],
      });
      expect(both.instances[0]?.reason).toMatch(/no answer within/);
      expect(both.instances[1]?.reason).toMatch(/ENOENT/);
    });

    it("asks a plugin's own check by the instance protocol", async () => {
      let healthy = true;
      const asked: (string | undefined)[] = [];
      const protocol = await world.instance('protocol', ({ url }, response) => {
        asked.push(url);
        response.end(JSON.stringify({ healthy, details: { queue: 'full' } }));
      });
      await world.deployed({
        setId: 'set-custom',
        healthCheck: { type: 'Custom', customCheck: 'order queue', ...often, failureThreshold: 1 },
        instances: [ready('instance-1', { protocol })],
      });
      await world.eventuallyTold('set-custom', { verdict: 'Healthy' });
      healthy = false;
      const { instances } = await world.eventuallyTold('set-custom', { verdict: 'Unhealthy' });
      expect(instances[0]?.reason).toBe('the check order queue failed: {"queue":"full"}');
      expect(new Set(asked)).toEqual(new Set(['/checks/order%20queue']));
    });

    it('asks an instance of which nothing was asked for whether it answers for itself', async () => {
      const protocol = await world.instance('standard', ({ url }, response) => {
        response.statusCode = url === '/health' ? 503 : 200;
        response.end();
      });
      await world.deployed({ setId: 'set-standard', instances: [ready('instance-1', { protocol })] });
      await world.eventuallyTold('set-standard', { verdict: 'Unhealthy' });
    });

    it('finds one that uses more than it may, at what it is told to use', async () => {
      const set = {
        setId: 'set-usage',
        healthCheck: { type: 'ResourceUsage', maxMemoryPercent: 80, intervalSeconds: 5, failureThreshold: 2 },
      } as const;
      await world.deployed({
        ...set,
        instances: [ready('instance-1', { usage: { cpu: 1, memoryMB: 100 } })],
      });
      await world.eventuallyTold('set-usage', { verdict: 'Healthy' });
      await world.deployed({
        ...set,
        instances: [ready('instance-1', { usage: { cpu: 1, memoryMB: 190 } })],
      });
      const told = await world.eventuallyTold('set-usage', { verdict: 'Unhealthy' });
      expect(told.instances[0]?.reason).toBe('memory at 95 %, at most 80 % is allowed');
    });

    it('finds by its requests one whose check is its error rate', async () => {
      await world.deployed({
        setId: 'set-rate',
        healthCheck: { type: 'ErrorRate', maxErrorRate: 0.5, intervalSeconds: 5 },
        instances: [ready('instance-1')],
      });
      await world.eventuallyTold('set-rate', { instances: [{ verdict: 'Healthy' }] });
      await world.service.takeSamples(world.batch(sampled('set-rate', { requests: 100, errors: 40 })));
      await world.eventuallyTold('set-rate', { verdict: 'Healthy', samples: { requests: 100 } });
      await world.service.takeSamples(world.batch(sampled('set-rate', { requests: 100, errors: 100 })));
      await world.eventuallyTold('set-rate', { verdict: 'Unhealthy', instances: [{ verdict: 'Unhealthy' }] });
    });

    it('writes nothing while every check passes', async () => {
      let checks = 0;
      const address = await world.instance('quiet', (_request, response) => {
        checks += 1;
        response.end();
      });
      await world.deployed({
        setId: 'set-quiet',
        healthCheck: { type: 'HttpEndpoint', ...often },
        instances: [ready('instance-1', { address })],
      });
      await world.eventuallyTold('set-quiet', { verdict: 'Healthy' });
      const written = () =>
        world.database.look(
          `SELECT s.xmin::text AS set, c.failures, c.verdict, f.version FROM health.sets s JOIN health.checks c USING (set_id)
           JOIN events.feed_rows f ON f.key = s.set_id AND f.feed = 'health.sets' WHERE set_id = 'set-quiet'`,
        );
      const before = await written();
      const until = checks + 5;
      await eventually(() => expect(checks).toBeGreaterThan(until));
      expect(await written()).toEqual(before);
    });
  });

  describe('asked about a deployment', () => {
    const health = (deploymentId: string) => `/api/v1/plugin-deployments/${deploymentId}/health`;

    it('answers as documented', async () => {
      const address = await world.instance('asked', (_request, response) => void response.end());
      await world.deployed({
        setId: 'set-asked',
        healthCheck: { type: 'HttpEndpoint', ...often },
        instances: [
          ready('instance-1', { address, usage: { cpu: 0.5, memoryMB: 100 } }),
          ready('instance-2', { address, usage: { cpu: 1.5, memoryMB: 50 } }),
          { instanceId: 'instance-3', state: 'Crashed' },
          { instanceId: 'instance-4', state: 'Stopping' },
        ],
      });
      await world.eventuallyTold('set-asked', {
        instances: [{ verdict: 'Healthy' }, { verdict: 'Healthy' }, { verdict: 'Unhealthy' }],
      });
      await world.service.takeSamples(
        world.batch(sampled('set-asked', { requests: 120, errors: 3, milliseconds: 45.2 })),
      );
      const answer = await world.get(health('dep-of-set-asked'));
      expect(answer).toMatchObject({
        status: 200,
        body: {
          deploymentId: 'dep-of-set-asked',
          status: 'Degraded',
          reason: '1 of 3 instances are unhealthy: it crashed',
          totalInstances: 3,
          healthyInstances: 2,
          unhealthyInstances: 1,
          metrics: {
            avgResponseTime: 45.2,
            errorRate: 0.025,
            cpuUsage: 50,
            memoryUsage: 37.5,
            requestsPerSecond: 2,
          },
          lastHealthCheck: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        },
      });
      world.passes(61_000);
      expect((await world.get(health('dep-of-set-asked'))).body['metrics']).toMatchObject({
        avgResponseTime: null,
        errorRate: null,
        requestsPerSecond: null,
        cpuUsage: 50,
      });
    });

    it('answers about a foreign one as about one that there is not', async () => {
      await world.deployed({ setId: 'set-foreign', deploymentId: 'dep-foreign', tenantId: 'somebody-else' });
      await world.eventuallyTold('set-foreign', {});
      for (const path of ['health', 'health/history']) {
        const ask = (id: string, caller?: Parameters<HealthWorld['get']>[1]) =>
          world.get(`/api/v1/plugin-deployments/${id}/${path}`, caller);
        const [foreign, missing] = [await ask('dep-foreign'), await ask('dep-missing')];
        expect(foreign.status).toBe(404);
        expect(JSON.stringify(foreign.body['error']).replace('dep-foreign', 'dep-missing')).toMatch(
          JSON.stringify(missing.body['error']).split('"traceId"')[0] ?? 'nothing',
        );
        expect(await ask('dep-foreign', { role: 'PlatformAdmin', tenant: null })).toMatchObject({
          status: 200,
        });
      }
    });

    it('answers its history, also when its instances are gone', async () => {
      await world.deployed({ setId: 'set-past', instances: [ready('instance-1')] });
      await world.eventuallyTold('set-past', { verdict: 'Healthy' });
      await world.service.takeSamples(
        world.batch(sampled('set-past', { requests: 10, errors: 1, milliseconds: 20 })),
      );
      const history = async () =>
        (await world.get(`${health('dep-of-set-past')}/history?window=PT1H`)) as {
          status: number;
          body: { window: string; dataPoints: Record<string, unknown>[] };
        };
      const { status, body } = await history();
      expect({ status, window: body.window }).toEqual({ status: 200, window: 'PT1H' });
      expect(body.dataPoints.find((point) => point['requests'] === 10)).toMatchObject({
        timestamp: expect.stringMatching(/:00\.000Z$/),
        healthyInstances: 1,
        totalInstances: 1,
        avgResponseTime: 20,
        errorRate: 0.1,
      });
      await world.gone('set-past');
      await eventually(async () => expect(await world.told('set-past')).toBeUndefined());
      await world.service.takeSamples(world.batch(sampled('set-past', { requests: 1 })));
      expect(
        await world.database.look(
          `SELECT untold, judge_again_at, requests FROM health.sets WHERE set_id = 'set-past'`,
        ),
      ).toEqual([{ untold: false, judge_again_at: null, requests: '11' }]);
      expect(await world.told('set-past')).toBeUndefined();
      expect(await world.get(health('dep-of-set-past'))).toMatchObject({
        status: 200,
        body: { status: 'Unknown', totalInstances: 0, metrics: { cpuUsage: null } },
      });
      world.passes(600_000);
      expect((await history()).body.dataPoints.at(-1)).toMatchObject({ requests: 11, healthyInstances: 0 });
    });

    it.each(['PT59S', 'P31D', '24h', 'P1M'])('refuses a window of %s', async (window) => {
      await world.deployed({ setId: 'set-window' });
      await world.eventuallyTold('set-window', {});
      const answer = await world.get(`${health('dep-of-set-window')}/history?window=${window}`);
      expect(answer).toMatchObject({ status: 400, body: { error: { details: [{ field: 'window' }] } } });
    });
  });

  describe('at its internal door', () => {
    it('takes samples from a gateway and from nobody else', async () => {
      await moving('set-posted');
      const batch = world.batch(sampled('set-posted', { requests: 9 }));
      const callers = [
        'nobody',
        { role: 'PlatformAdmin', tenant: null },
        { role: 'TenantAdmin', tenant: tenantId },
      ];
      for (const [at, caller] of callers.entries())
        expect(await world.post('/internal/samples', batch, caller as never)).toBe(at === 0 ? 401 : 403);
      expect(await world.told('set-posted')).toMatchObject({ samples: { requests: 0 } });
      expect(await world.post('/internal/samples', batch, 'gateway')).toBe(204);
      expect(await world.post('/internal/samples', batch, 'gateway')).toBe(204);
      expect(await world.told('set-posted')).toMatchObject({ samples: { requests: 9 } });
    });

    it('refuses what is no batch', async () => {
      for (const body of [{}, '[]', '{', { ...world.batch(), samples: [{ requests: -1 }] }])
        expect(await world.post('/internal/samples', body, 'gateway')).toBe(400);
    });

    it('takes a batch larger than any request from outside may be', async () => {
      await moving('set-large');
      const samples = Array.from({ length: 1_000 }, (_, at) => ({
        ...sampled('set-large', { requests: 1 }),
        instanceId: `instance-${at}`,
      }));
      expect(await world.post('/internal/samples', world.batch(...samples), 'gateway')).toBe(204);
      expect(await world.told('set-large')).toMatchObject({ samples: { requests: 1_000 } });
    });
  });
});
