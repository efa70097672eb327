import { once } from 'node:events';
import { dirname } from 'node:path';
import { eventually } from '@switchyard/testing';
import type { Client } from '../../support/client.js';
import { startPlatform, startReplica, type RunningPlatform } from '../../support/start-platform.js';
import { mustAnswer } from '../registry/a-plugin.js';
import { deploy, publish, tellingItsProcess } from './a-deployable.js';

const tenantId = 'acme-corp';
const pluginId = 'core-payments';

describe('a platform that is killed in the middle of a canary', () => {
  let killed: RunningPlatform;
  let next: RunningPlatform | undefined;
  beforeAll(async () => {
    killed = await startPlatform();
    const rateLimits = { maxRequestsPerMinute: 1_000_000 };
    await mustAnswer(killed.admin.post('/api/v1/tenants', { tenantId, name: 'Acme', rateLimits }), 201);
    await publish(killed.admin, pluginId, '1.0.0', tellingItsProcess('one'));
    await publish(killed.admin, pluginId, '2.0.0', tellingItsProcess('two'));
  });
  afterAll(async () => {
    await next?.stop();
    await killed.stop();
  });

  const read = async (admin: Client, id: string) =>
    (await admin.get(`/api/v1/plugin-deployments/${id}`)).body as { status: string; weight: number };
  const hello = async (admin: Client) =>
    (await mustAnswer(admin.get(`/app/${pluginId}/hello`, { 'x-switchyard-tenant': tenantId }), 200))
      .body as {
      text: string;
      pid: number;
    };

  it('goes on where it was, with the instances that ran on, and comes to the same end', async () => {
    const first = await deploy(killed.admin, {
      tenantId,
      pluginId,
      pluginVersion: '1.0.0',
      strategy: 'Direct',
    });
    await eventually(
      async () => expect(await read(killed.admin, first)).toMatchObject({ status: 'Completed' }),
      30_000,
    );
    const before = await hello(killed.admin);
    const canary = { strategy: 'Canary', strategyConfig: { stages: '1,100', stageInterval: '600' } };
    const second = await deploy(killed.admin, { tenantId, pluginId, pluginVersion: '2.0.0', ...canary });
    await eventually(
      async () =>
        expect(await read(killed.admin, second)).toMatchObject({
          weight: 1,
          waitingFor: 'stage 1 % is watched',
        }),
      30_000,
    );
    killed.child.kill('SIGKILL');
    await once(killed.child, 'exit');

    next = await startReplica(killed, { SWITCHYARD_HOME: dirname(killed.keyringFile) });
    const { admin } = next;
    await eventually(async () =>
      expect(await read(admin, second)).toMatchObject({
        status: 'InProgress',
        weight: 1,
        healthyInstances: 1,
      }),
    );
    await eventually(async () => expect(await hello(admin)).toEqual(before));
    await mustAnswer(admin.post(`/api/v1/plugin-deployments/${second}/promote`, { full: true }), 202);
    await eventually(
      async () => expect(await read(admin, second)).toMatchObject({ status: 'Completed', progress: 100 }),
      30_000,
    );
    await eventually(async () => expect(await hello(admin)).toMatchObject({ text: 'two' }));
    // The old one ends as well, though who started it is gone.
    await eventually(() => expect(() => process.kill(before.pid, 0)).toThrow());
  });
});
