import type { FakeBehaviour } from '../orchestrators/fake/fake-instance.js';
import { eventually } from '@switchyard/testing';
import { ADeployments, digestOf } from '../contract/a-deployments.js';

const behaviours: Record<string, FakeBehaviour> = {
  [digestOf('6.0.0')]: 'silent',
  [digestOf('7.0.0')]: 'crashing',
};
const behaviour = (digest: string): FakeBehaviour => behaviours[digest] ?? 'ready';

const canary = (stageInterval = '3600') => ({
  strategy: 'Canary',
  strategyConfig: { stages: '50,100', stageInterval },
});

describe('the reconciler', () => {
  let world: ADeployments;
  beforeAll(async () => {
    world = await ADeployments.open({ behaviour });
  });
  afterAll(() => world.close());

  const installation = async (pluginId: string) => {
    const [row] = await world.database.look<Record<string, unknown>>(
      'SELECT * FROM deployments.installations WHERE plugin_id = $1',
      [pluginId],
    );
    return row!;
  };
  const running = async (setId: string) =>
    (await world.orchestrator.observe()).find((set) => set.setId === setId)?.instances.length ?? 0;
  const observing = (deploymentId: string, weight: number) =>
    eventually(async () =>
      expect(await world.read(deploymentId)).toMatchObject({
        weight,
        waitingFor: expect.stringContaining('is watched') as string,
      }),
    );

  it('brings a first release up and gives it all traffic', async () => {
    const id = await world.deployed({ pluginId: 'first-one', totalInstances: 3 });
    const setId = await world.setOf(id);
    expect(await installation('first-one')).toMatchObject({ stable_set: setId, candidate_set: null });
    expect(await running(setId)).toBe(3);
    expect(await world.read(id)).toMatchObject({ progress: 100, healthyInstances: 3, unhealthyInstances: 0 });
    expect((await world.history(id)).map(({ event }) => event)).toEqual([
      'Started',
      'StageStarted',
      'StagePassed',
      'Completed',
    ]);
  });

  it('ends the old set once the new one is stable, and keeps nothing of it', async () => {
    const old = await world.deployed({ pluginId: 'renewed', totalInstances: 2 });
    const id = await world.deployed({ pluginId: 'renewed', pluginVersion: '2.0.0', ...canary('1') });
    expect(await running(await world.setOf(old))).toBe(0);
    expect(await running(await world.setOf(id))).toBe(2);
    const feeds = await world.database.look(`SELECT feed FROM events.feed_rows WHERE key = $1 AND NOT gone`, [
      await world.setOf(old),
    ]);
    expect(feeds).toEqual([]);
  });

  it('rolls back what fails its requests, and says by which metric', async () => {
    const old = await world.deployed({ pluginId: 'failing', totalInstances: 2 });
    const { deploymentId } = await world.deploy({ pluginId: 'failing', pluginVersion: '2.0.0', ...canary() });
    await observing(deploymentId, 50);
    await world.counted(await world.setOf(deploymentId), 300, 100);
    await world.settled(deploymentId, 'RolledBack');
    expect((await world.read(deploymentId)).reason).toBe(
      'Rolled back at stage 50 %: error rate 33.3 % of 300 requests, threshold 5 %',
    );
    expect(await installation('failing')).toMatchObject({
      stable_set: await world.setOf(old),
      candidate_set: null,
    });
    expect(await running(await world.setOf(deploymentId))).toBe(0);
  });

  it('gives up a first release that crashes, and takes its traffic away', async () => {
    const id = await world.deployed({ pluginId: 'hopeless', pluginVersion: '7.0.0' }, 'Failed');
    expect((await world.read(id)).reason).toContain('crashed');
    expect(await installation('hopeless')).toMatchObject({ stable_set: null, candidate_set: null });
    const policies = await world.database.look(
      `SELECT key FROM events.feed_rows WHERE feed = 'deployments.policies' AND key LIKE '%hopeless' AND NOT gone`,
    );
    expect(policies).toEqual([]);
  });

  it('replaces a deployment that is moving by a newer one, which returns to the same stable', async () => {
    const stable = await world.deployed({ pluginId: 'hasty' });
    const { deploymentId: second } = await world.deploy({
      pluginId: 'hasty',
      pluginVersion: '2.0.0',
      ...canary(),
    });
    await observing(second, 50);
    const { deploymentId: third } = await world.deploy({
      pluginId: 'hasty',
      pluginVersion: '3.0.0',
      ...canary(),
    });
    await world.settled(second, 'Failed');
    expect(await world.read(second)).toMatchObject({ supersededBy: third });
    await observing(third, 50);
    await world.decide(third, 'abort');
    await world.settled(third, 'RolledBack');
    expect(await installation('hasty')).toMatchObject({ stable_set: await world.setOf(stable) });
  });

  it('writes nothing about a deployment that waits', async () => {
    await world.deployed({ pluginId: 'patient' });
    const { deploymentId } = await world.deploy({ pluginId: 'patient', pluginVersion: '2.0.0', ...canary() });
    await observing(deploymentId, 50);
    await world.decide(deploymentId, 'pause');
    const written = async () => {
      const [row] = await world.database.look<{ xmin: string; looks: string }>(
        `SELECT r.xmin::text, (SELECT sum(n_tup_upd + n_tup_ins + n_tup_del)::text FROM pg_stat_user_tables WHERE schemaname = 'deployments') AS looks
         FROM deployments.rollouts r WHERE deployment_id = $1`,
        [deploymentId],
      );
      return row!;
    };
    const looks = async () => world.orchestrator.observations;
    const atRest = await eventually(async () => {
      const before = await written();
      const seen = await looks();
      await eventually(async () => expect(await looks()).toBeGreaterThan(seen + 10));
      expect(await written()).toEqual(before);
      return before;
    });
    expect((await written()).xmin).toBe(atRest.xmin);
    await world.decide(deploymentId, 'resume');
    await world.promote(deploymentId, true);
    await world.settled(deploymentId, 'Completed');
  });

  it('ends an instance only when every live gateway has let go of it', async () => {
    const old = await world.deployed({ pluginId: 'guarded' });
    const heads = async () => {
      const rows = await world.database.look<{ feed: string; version: string; epoch: string }>(
        'SELECT h.feed, h.version, s.epoch FROM events.feed_heads h CROSS JOIN events.state s',
      );
      const of = (feed: string) => {
        const row = rows.find((each) => each.feed === feed)!;
        return { epoch: Number(row.epoch), version: Number(row.version) };
      };
      return { policies: of('deployments.policies'), endpoints: of('deployments.endpoints') };
    };
    await world.serves('gateway-1', await heads());
    const { deploymentId } = await world.deploy({ pluginId: 'guarded', pluginVersion: '2.0.0' });
    const gatewayUntil = (condition: () => Promise<void>) =>
      eventually(async () => {
        await world.serves('gateway-1', await heads());
        await condition();
      });
    const oldSet = await world.setOf(old);
    await gatewayUntil(async () =>
      expect(await world.rollout(deploymentId)).toMatchObject({ status: 'Completed' }),
    );
    const [instance] = (await world.orchestrator.observe()).find((set) => set.setId === oldSet)!.instances;
    const busy = { setId: oldSet, instanceId: instance!.instanceId, requests: 1 };
    await world.serves('gateway-1', { ...(await heads()), draining: [busy] });
    await eventually(async () =>
      expect(
        await world.database.look('SELECT fate FROM deployments.sets WHERE set_id = $1', [oldSet]),
      ).toEqual([{ fate: 'draining' }]),
    );
    const seen = world.orchestrator.observations;
    await eventually(() => expect(world.orchestrator.observations).toBeGreaterThan(seen + 5));
    expect(await running(oldSet)).toBe(1);
    await gatewayUntil(async () => expect(await running(oldSet)).toBe(0));
    await world.database.look(`DELETE FROM events.feed_rows WHERE feed = 'gateway.served'`);
    await world.stopOne();
    await world.start();
  });

  it('takes a step again that it could not carry out', async () => {
    world.orchestrator.refusal = 'the disk is full';
    const { deploymentId } = await world.deploy({ pluginId: 'unlucky' });
    await eventually(async () =>
      expect((await world.read(deploymentId)).waitingFor).toBe('0 of 1 instance ready: the disk is full'),
    );
    world.orchestrator.refusal = undefined;
    await world.settled(deploymentId, 'Completed');
  });
});

describe('several reconcilers, and some that end in the middle', () => {
  let world: ADeployments;
  beforeAll(async () => {
    world = await ADeployments.open({ behaviour, processes: 2 });
  });
  afterAll(() => world.close());

  it('bring every deployment to the same end as one, each step once', async () => {
    const plugins = Array.from({ length: 8 }, (_, at) => `plugin-${at}`);
    await Promise.all(plugins.map((pluginId) => world.deployed({ pluginId, totalInstances: 2 })));
    const second = await Promise.all(
      plugins.map((pluginId, at) =>
        world.deploy({
          pluginId,
          pluginVersion: at % 4 === 3 ? '7.0.0' : '2.0.0',
          ...(at % 2 === 0
            ? canary('1')
            : { strategy: 'Rolling', strategyConfig: { batchSize: '1', batchInterval: '0' } }),
        }),
      ),
    );
    for (let count = 0; count < 4; count += 1) {
      await world.stopOne();
      await world.start();
    }
    for (const [at, { deploymentId }] of second.entries()) {
      await world.settled(deploymentId, at % 4 === 3 ? 'RolledBack' : 'Completed');
      const history = await world.history(deploymentId);
      expect(history.map(({ sequence }) => sequence)).toEqual(history.map((_, place) => place));
      expect(history.filter(({ event }) => event === 'Started')).toHaveLength(1);
    }
    await eventually(async () => {
      const sets = await world.orchestrator.observe();
      expect(sets.map(({ instances }) => instances.length)).toEqual(plugins.map(() => 2));
    });
    await eventually(async () =>
      expect(
        await world.database.look(
          `SELECT count(*)::int AS n FROM events.log WHERE type = 'installation.changed'`,
        ),
      ).toEqual([{ n: 8 + 6 }]),
    );
  });
});
