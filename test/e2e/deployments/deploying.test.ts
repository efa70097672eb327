import { eventually } from '@switchyard/testing';
import type { Client } from '../../support/client.js';
import { startPlatform, type RunningPlatform } from '../../support/start-platform.js';
import { password } from '../../support/world.js';
import { answering, crashing, deploy, failing, publish } from './a-deployable.js';
import { mustAnswer } from '../registry/a-plugin.js';

const tenantId = 'acme-corp';
const pluginId = 'core-payments';

describe('a deployment', () => {
  let platform: RunningPlatform;
  let tenantAdmin: Client;

  beforeAll(async () => {
    platform = await startPlatform();
    const { admin, signIn } = platform;
    await mustAnswer(
      admin.post('/api/v1/tenants', {
        tenantId,
        name: 'Acme',
        rateLimits: { maxRequestsPerMinute: 1_000_000, maxDeploymentsPerHour: 1_000 },
      }),
      201,
    );
    await mustAnswer(
      admin.post('/api/v1/users', { username: 'ada', password, role: 'TenantAdmin', tenantId }),
      201,
    );
    tenantAdmin = await signIn('ada', password);
    await publish(admin, pluginId, '1.0.0', answering('one'));
    await publish(admin, pluginId, '2.0.0', answering('two'));
    await publish(admin, pluginId, '3.0.0', crashing);
    await publish(admin, pluginId, '4.0.0', failing);
  });
  afterAll(() => platform.stop());

  const read = async (id: string) => (await tenantAdmin.get(`/api/v1/plugin-deployments/${id}`)).body;
  const ends = (id: string, end: object) =>
    eventually(async () => expect(await read(id)).toMatchObject(end), 30_000);
  const hello = () => tenantAdmin.get(`/app/${pluginId}/hello`);

  it('runs what was uploaded, and requests reach it', async () => {
    const id = await deploy(tenantAdmin, { pluginId, pluginVersion: '1.0.0', strategy: 'Direct' });
    await ends(id, { status: 'Completed', progress: 100, healthyInstances: 1, unhealthyInstances: 0 });
    expect(await hello()).toMatchObject({ status: 200, body: { text: 'one' } });
  });

  it('is begun once under an Idempotency-Key, which gives the same answer when it has long ended', async () => {
    const body = { pluginId: 'other', pluginVersion: '1.0.0', strategy: 'Direct' };
    await publish(platform.admin, 'other', '1.0.0', answering('other'));
    const asked = () =>
      mustAnswer(
        tenantAdmin.post('/api/v1/plugin-deployments', body, { 'idempotency-key': 'pipeline-17' }),
        202,
      );
    const first = await asked();
    const { deploymentId } = first.body as { deploymentId: string };
    await ends(deploymentId, { status: 'Completed' });
    expect((await asked()).body).toEqual(first.body);
    await mustAnswer(tenantAdmin.delete(`/api/v1/tenants/${tenantId}/plugins/other`), 202);
  });

  it('moves to the next version stage by stage under traffic, and loses no request', async () => {
    const id = await deploy(tenantAdmin, {
      pluginId,
      pluginVersion: '2.0.0',
      strategy: 'Canary',
      strategyConfig: { stages: '20,60,100', stageInterval: '1' },
    });
    const answers: string[] = [];
    const lost: string[] = [];
    const weights = new Set<number>();
    await eventually(async () => {
      for (let i = 0; i < 20; i += 1) {
        const { status, body, text } = await hello();
        if (status === 200) answers.push((body as { text: string }).text);
        else lost.push(`${status} ${text}`);
      }
      const view = (await read(id)) as { status: string; weight: number };
      weights.add(view.weight);
      expect(view.status).toBe('Completed');
    }, 40_000);
    expect(lost).toEqual([]);
    expect([...weights]).toEqual(expect.arrayContaining([20, 60, 100]));
    expect(new Set(answers)).toEqual(new Set(['one', 'two']));
    expect(await hello()).toMatchObject({ body: { text: 'two' } });
  });

  it('goes back by itself when the new version is bad, and says why', async () => {
    const id = await deploy(tenantAdmin, {
      pluginId,
      pluginVersion: '3.0.0',
      strategy: 'Canary',
      strategyConfig: { stages: '20,60,100', stageInterval: '30' },
    });
    await ends(id, {
      status: 'RolledBack',
      reason: expect.stringMatching(
        /^Rolled back at stage 20 %: 1 of 1 instance crashed, more than 20 %$/,
      ) as string,
    });
    expect(await hello()).toMatchObject({ status: 200, body: { text: 'two' } });
    const { body } = await tenantAdmin.get(`/api/v1/plugin-deployments/${id}/history`);
    expect((body as { history: { event: string }[] }).history.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['Started', 'RolledBack']),
    );
  });

  it('goes back by itself when requests fail under traffic, and names metric, threshold and value', async () => {
    const id = await deploy(tenantAdmin, {
      pluginId,
      pluginVersion: '4.0.0',
      strategy: 'Canary',
      strategyConfig: { stages: '50,100', stageInterval: '60' },
    });
    await eventually(async () => {
      await Promise.all(Array.from({ length: 10 }, hello));
      expect(await read(id)).toMatchObject({ status: 'RolledBack' });
    }, 40_000);
    expect(await read(id)).toMatchObject({
      reason: expect.stringMatching(
        /^Rolled back at stage 50 %: error rate \d+(\.\d+)? % of \d+ requests, threshold 5 %, stable 0 %$/,
      ) as string,
    });
    await eventually(async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, hello));
      expect(answers.map(({ text }) => text)).toEqual(
        answers.map(() => expect.stringContaining('two') as string),
      );
    });
  });

  it('returns to what ran before when somebody says so', async () => {
    const deployments = await tenantAdmin.get(
      `/api/v1/plugin-deployments?status=Completed&pluginId=${pluginId}`,
    );
    const [latest] = (deployments.body as { deployments: { deploymentId: string }[] }).deployments;
    const { body } = await mustAnswer(
      tenantAdmin.post(`/api/v1/plugin-deployments/${latest!.deploymentId}/rollback`, {
        reason: 'not liked',
      }),
      202,
    );
    const { rollbackDeploymentId } = body as { rollbackDeploymentId: string };
    expect(await read(latest!.deploymentId)).toMatchObject({ status: 'RolledBack', rollbackDeploymentId });
    await ends(rollbackDeploymentId, { status: 'Completed', pluginVersion: '1.0.0' });
    expect(await hello()).toMatchObject({ status: 200, body: { text: 'one' } });
  });

  it('ends with nothing left when the plugin is taken out', async () => {
    await mustAnswer(tenantAdmin.delete(`/api/v1/tenants/${tenantId}/plugins/${pluginId}`), 202);
    await eventually(async () => expect(await hello()).toMatchObject({ status: 404 }));
    expect((await tenantAdmin.get(`/api/v1/tenants/${tenantId}/plugins`)).body).toMatchObject({ total: 0 });
  });
});
