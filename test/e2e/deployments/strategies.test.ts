import { eventually } from '@switchyard/testing';
import type { Client } from '../../support/client.js';
import { startPlatform, type RunningPlatform } from '../../support/start-platform.js';
import { password } from '../../support/world.js';
import { mustAnswer } from '../registry/a-plugin.js';
import { answering, deploy, failing, publish, unable } from './a-deployable.js';
import { Traffic } from './traffic.js';

const tenantId = 'acme-corp';

interface Seen {
  status: string;
  weight: number;
  reason: string | null;
  healthyInstances: number;
}

interface Case {
  strategy: string;
  config: Record<string, string>;
  /** Weights that a good version has to be seen at, in this order. */
  weights: number[];
  /** What makes the third version bad: an error of two requests, or a process that does not come up. */
  bad: string;
  end: { status: string; reason: RegExp };
}

const cases: Case[] = [
  {
    strategy: 'Direct',
    config: { healthCheckTimeout: '20' },
    weights: [100],
    bad: unable,
    end: { status: 'Failed', reason: /crashed, more than 20 %/ },
  },
  {
    strategy: 'Canary',
    config: { stages: '20,60,100', stageInterval: '1' },
    weights: [20, 60, 100],
    bad: failing,
    end: {
      status: 'RolledBack',
      reason: /at stage 20 %: error rate [\d.]+ % of \d+ requests, threshold 5 %/,
    },
  },
  {
    strategy: 'BlueGreen',
    config: { healthCheckDuration: '5', smokeTestEndpoints: '/hello' },
    weights: [100],
    bad: failing,
    end: { status: 'RolledBack', reason: /smoke test|error rate/ },
  },
  {
    strategy: 'Rolling',
    config: { batchSize: '1', batchInterval: '1' },
    weights: [100],
    bad: failing,
    end: { status: 'RolledBack', reason: /error rate [\d.]+ % of \d+ requests, threshold 5 %/ },
  },
  {
    strategy: 'ABTest',
    config: { percentage: '50', testDuration: '3', routingStrategy: 'request' },
    weights: [50, 100],
    bad: failing,
    end: { status: 'RolledBack', reason: /error rate [\d.]+ % of \d+ requests, threshold 5 %/ },
  },
];

describe('on real processes under traffic', () => {
  let platform: RunningPlatform;
  let tenantAdmin: Client;

  beforeAll(async () => {
    platform = await startPlatform();
    const rateLimits = { maxRequestsPerMinute: 1_000_000, maxDeploymentsPerHour: 1_000 };
    await mustAnswer(platform.admin.post('/api/v1/tenants', { tenantId, name: 'Acme', rateLimits }), 201);
    await mustAnswer(
      platform.admin.post('/api/v1/users', { username: 'ada', password, role: 'TenantAdmin', tenantId }),
      201,
    );
    tenantAdmin = await platform.signIn('ada', password);
  });
  afterAll(() => platform.stop());

  describe.each(cases)('$strategy', ({ strategy, config, weights, bad, end }) => {
    const pluginId = `shop-${strategy.toLowerCase()}`;
    let traffic: Traffic;

    beforeAll(async () => {
      await publish(platform.admin, pluginId, '1.0.0', answering('one'));
      await publish(platform.admin, pluginId, '2.0.0', answering('two'));
      await publish(platform.admin, pluginId, '3.0.0', bad);
      const first = await deploy(tenantAdmin, {
        pluginId,
        pluginVersion: '1.0.0',
        strategy: 'Direct',
        totalInstances: 2,
      });
      await untilItEnds(first);
      traffic = new Traffic(tenantAdmin, `/app/${pluginId}/hello`);
    });
    afterAll(() => traffic.stop());

    const look = async (id: string) =>
      (await tenantAdmin.get(`/api/v1/plugin-deployments/${id}`)).body as Seen;

    /** Every look at it until it has ended. */
    async function untilItEnds(id: string): Promise<Seen[]> {
      const seen: Seen[] = [];
      await eventually(async () => {
        seen.push(await look(id));
        expect(['Completed', 'Failed', 'RolledBack']).toContain(seen.at(-1)?.status);
      }, 60_000);
      return seen;
    }

    it('brings a good version to all of the traffic, and loses no request', async () => {
      const id = await deploy(tenantAdmin, {
        pluginId,
        pluginVersion: '2.0.0',
        strategy,
        strategyConfig: config,
      });
      const seen = await untilItEnds(id);
      expect(seen.at(-1)).toMatchObject({ status: 'Completed', weight: 100, healthyInstances: 2 });
      const steps = seen.map(({ weight }) => weight).filter((weight, at, all) => weight !== all[at - 1]);
      expect(steps.filter((weight) => weights.includes(weight))).toEqual(weights);
      expect(steps).toEqual(steps.toSorted((a, b) => a - b));
      expect(traffic.lost).toEqual([]);
      await eventually(async () => {
        const { body } = await tenantAdmin.get(`/app/${pluginId}/hello`);
        expect(body).toMatchObject({ text: 'two' });
      });
    });

    it('takes a bad version back by itself and says why, and nobody is left without an answer', async () => {
      const id = await deploy(tenantAdmin, {
        pluginId,
        pluginVersion: '3.0.0',
        strategy,
        strategyConfig: config,
      });
      const last = (await untilItEnds(id)).at(-1);
      expect(last?.status).toBe(end.status);
      expect(last?.reason).toMatch(end.reason);
      await eventually(async () => {
        const answers = await Promise.all(
          Array.from({ length: 20 }, () => tenantAdmin.get(`/app/${pluginId}/hello`)),
        );
        for (const { body } of answers) expect(body).toMatchObject({ text: 'two' });
      });
      expect(traffic.lost).toEqual([]);
      expect([...traffic.answered.keys()]).toEqual(expect.arrayContaining(['one', 'two']));
    });
  });
});
