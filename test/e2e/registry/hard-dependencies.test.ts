import { eventually } from '@switchyard/testing';
import type { Answer, Client } from '../../support/client.js';
import { inTurns } from '../../support/in-turns.js';
import { startPlatform, type RunningPlatform } from '../../support/start-platform.js';
import { aPublisher, aTenant, type TenantPeople } from './a-cast.js';
import { addVersion, register } from './a-plugin.js';

const plugins = '/api/v1/plugins';
const pigeons = 14;
const names = Array.from({ length: pigeons }, (_, n) => `pigeon-${n}`);

/** More pigeons than holes: no proof of that in this calculus is short. */
async function registerPigeons(developer: Client): Promise<void> {
  const holes = Array.from({ length: pigeons - 1 }, (_, n) => `${n + 1}.0.0`);
  const conflicts = (own: string, hole: string) =>
    names.filter((id) => id !== own).map((dependencyId) => ({ dependencyId, versionConstraint: hole }));
  await inTurns(names, 4, async (id) => {
    for (const [n, hole] of holes.entries())
      if (n === 0) await register(developer, id, {}, { conflicts: conflicts(id, hole) });
      else await addVersion(developer, id, hole, { conflicts: conflicts(id, hole) });
  });
  const dependencies = names.map((dependencyId) => ({ dependencyId, versionConstraint: '*' }));
  await register(developer, 'pigeonry', {}, { dependencies });
}

describe('dependencies that are too hard', () => {
  let platform: RunningPlatform;
  let greedy: TenantPeople;
  let modest: TenantPeople;

  beforeAll(async () => {
    platform = await startPlatform();
    const developer = await aPublisher(platform, 'acme', 'Acme Corp');
    greedy = await aTenant(platform, 'greedy-one');
    modest = await aTenant(platform, 'modest-one');
    await registerPigeons(developer);
    await register(developer, 'simple');
  }, 120_000);
  afterAll(() => platform.stop());

  const ask = (who: Client, pluginId: string): Promise<Answer> =>
    who.get(`${plugins}/${pluginId}/versions/1.0.0/dependencies`);

  it('are given up after their time, with what would help, while everything else is answered', async () => {
    let given: Answer | undefined;
    void ask(greedy.viewer, 'pigeonry').then((answer) => (given = answer));
    let readings = 0;
    for (; !given; readings += 1)
      expect(await modest.viewer.get(`${plugins}/simple`)).toMatchObject({ status: 200 });
    expect(readings).toBeGreaterThan(10);
    expect(given).toMatchObject({
      status: 400,
      body: {
        error: {
          code: 'DEPENDENCY_CONFLICT',
          message: expect.stringContaining('could not be resolved within 5 seconds'),
        },
      },
    });
    expect(await ask(greedy.viewer, 'simple')).toMatchObject({ status: 200 });
  });

  it('keep nobody else waiting, whose turn is the next but one, and no more of them are taken than can wait', async () => {
    let ended = 0;
    const flood = Array.from({ length: 20 }, () => ask(greedy.user, 'pigeonry').finally(() => (ended += 1)));
    const refused = await Promise.race(flood);
    expect(refused).toMatchObject({
      status: 503,
      body: { error: { code: 'SERVICE_UNAVAILABLE', message: expect.stringContaining('of yours') } },
    });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);

    expect(await ask(modest.viewer, 'simple')).toMatchObject({ status: 200, body: { resolvable: true } });
    // Nor does one that is being resolved, or waits for its turn, hold a transaction.
    await eventually(async () =>
      expect(
        await platform.database.look(
          `SELECT query FROM pg_stat_activity WHERE usename = 'switchyard_registry' AND state = 'idle in transaction'`,
        ),
      ).toEqual([]),
    );
    expect(ended).toBeLessThan(flood.length);

    const statuses = (await Promise.all(flood)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 400).length).toBeGreaterThanOrEqual(3);
    expect(new Set(statuses)).toEqual(new Set([400, 503]));
    expect(await ask(greedy.user, 'simple')).toMatchObject({ status: 200 });
  }, 120_000);
});
