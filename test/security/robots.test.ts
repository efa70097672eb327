import { eventually } from '@switchyard/testing';
import { acceptedEverywhere, me, refusedWithinASecond } from '../support/sessions.js';
import { startPlatform, startReplica, type RunningPlatform } from '../support/start-platform.js';
import { createWorld, password, publisherPlaces, tenantPlaces, type World } from '../support/world.js';

interface Robot {
  robotId: string;
  token: string;
}

const owners = [
  ['tenant', `/api/v1/tenants/${tenantPlaces.own}/robots`, 'a TenantAdmin'],
  ['publisher', `/api/v1/publishers/${publisherPlaces.own}/robots`, 'a PluginDeveloper'],
] as const;

describe("robots' tokens", () => {
  let platform: RunningPlatform;
  let replica: RunningPlatform;
  let world: World;
  beforeAll(async () => {
    platform = await startPlatform();
    replica = await startReplica(platform);
    world = await createWorld(platform);
  });
  afterAll(async () => {
    await replica.stop();
    await platform.stop();
  });

  const at = ({ token }: { token: string }) => [
    platform.anonymous.with(token),
    replica.anonymous.with(token),
  ];

  describe.each(owners)('of a %s', (kind, robots, ownerName) => {
    const create = async (name: string): Promise<Robot> => {
      const answer = await world.callers[ownerName].post(robots, { name });
      expect(answer).toMatchObject({
        status: 201,
        body: { status: 'Active', token: expect.stringMatching(/^swyrobot_/) },
      });
      return answer.body as Robot;
    };
    const command = async (robot: Robot, verb: string) =>
      await world.callers[ownerName].post(`${robots}/${robot.robotId}/${verb}`);

    it('work once made, and are shown no second time', async () => {
      const robot = await create(`made-${kind}`);
      await acceptedEverywhere(...at(robot));
      expect(await at(robot)[0]?.get(me)).toMatchObject({
        body: { kind: 'robot', id: `robot:${robot.robotId}` },
      });
      const { text } = await world.callers[ownerName].get(robots);
      expect(text).toContain(robot.robotId);
      expect(text).not.toMatch(/swyrobot_|secret|hash/i);
    });

    it('are refused at once when rotated, and the new one works', async () => {
      const robot = await create(`rotated-${kind}`);
      await acceptedEverywhere(...at(robot));
      const { status, body } = await command(robot, 'rotate');
      expect(status).toBe(200);
      await refusedWithinASecond(...at(robot));
      await acceptedEverywhere(...at(body as Robot));
    });

    it('are refused while disabled', async () => {
      const robot = await create(`disabled-${kind}`);
      await acceptedEverywhere(...at(robot));
      expect(await command(robot, 'disable')).toMatchObject({ status: 200, body: { status: 'Disabled' } });
      await refusedWithinASecond(...at(robot));
      expect(await command(robot, 'enable')).toMatchObject({ status: 200, body: { status: 'Active' } });
      await acceptedEverywhere(...at(robot));
    });

    it('are refused for ever when deleted', async () => {
      const robot = await create(`deleted-${kind}`);
      await acceptedEverywhere(...at(robot));
      expect(await world.callers[ownerName].delete(`${robots}/${robot.robotId}`)).toMatchObject({
        status: 204,
      });
      await refusedWithinASecond(...at(robot));
      expect(await command(robot, 'rotate')).toMatchObject({ status: 404 });
    });

    it('are made by people only, who must be their owners', async () => {
      const robot = await create(`breeding-${kind}`);
      await acceptedEverywhere(...at(robot));
      for (const [verb, path] of [
        ['make', ''],
        ['rotate', `/${robot.robotId}/rotate`],
        ['enable', `/${robot.robotId}/enable`],
      ]) {
        const answer = await at(robot)[0]?.post(
          robots + String(path),
          verb === 'make' ? { name: 'offspring' } : undefined,
        );
        expect(answer).toMatchObject({ status: 403, body: { error: { code: 'FORBIDDEN' } } });
      }
    });
  });

  it.each(['PlatformAdmin', 'PluginDeveloper', 'Root', ''])(
    'cannot be made a %s by a TenantAdmin',
    async (role) => {
      const answer = await world.callers['a TenantAdmin'].post(owners[0][1], { name: 'too-mighty', role });
      expect(answer).toMatchObject({ status: 400, body: { error: { details: [{ field: 'role' }] } } });
    },
  );

  it('of a publisher publish and do nothing else, whatever is asked for', async () => {
    const answer = await world.callers['a PluginDeveloper'].post(owners[1][1], {
      name: 'too-mighty',
      role: 'PlatformAdmin',
    });
    expect(answer).toMatchObject({ status: 400, body: { error: { details: [{ field: 'role' }] } } });
    expect(await world.callers['a robot of a publisher'].get(me)).toMatchObject({
      body: { role: 'PluginDeveloper', tenantId: null, publishers: [publisherPlaces.own] },
    });
  });

  it('lose their power with the person who made them, and say so in the audit log', async () => {
    const { admin } = platform;
    const made = async (role: string, body: object = {}) =>
      (await admin.post('/api/v1/users', { username: `${role}-who-goes`, password, role, ...body })).body as {
        userId: string;
      };
    const boss = await made('TenantAdmin', { tenantId: tenantPlaces.own });
    const developer = await made('PluginDeveloper');
    const membership = `/api/v1/publishers/${publisherPlaces.own}/members/${developer.userId}`;
    await admin.put(membership);
    const ask = async (username: string, path: string, body: object) =>
      (await (await platform.signIn(username, password)).post(path, body)).body as Robot;
    const mighty = await ask('tenantadmin-who-goes', owners[0][1], { name: 'mighty', role: 'TenantAdmin' });
    const modest = await ask('tenantadmin-who-goes', owners[0][1], { name: 'modest', role: 'Viewer' });
    const published = await ask('plugindeveloper-who-goes', owners[1][1], { name: 'orphan' });
    await acceptedEverywhere(...at(mighty), ...at(modest), ...at(published));

    await admin.patch(`/api/v1/users/${boss.userId}`, { role: 'Viewer' });
    await admin.delete(membership);
    await refusedWithinASecond(...at(mighty), ...at(published));
    await acceptedEverywhere(...at(modest));
    await admin.delete(`/api/v1/tenants/${tenantPlaces.own}/users/${boss.userId}`);
    await refusedWithinASecond(...at(modest));
    const { text } = await admin.get('/api/v1/audit?action=robot.disabled&limit=100');
    for (const name of ['mighty', 'modest', 'orphan']) expect(text).toContain(`"subject":"${name}"`);
  });

  it('are taken only as Bearer', async () => {
    const { token } = world.callers['a Viewer robot'];
    for (const scheme of ['Basic ', 'Tokens', 'swyrob_'])
      expect(await platform.anonymous.get(me, { authorization: `${scheme} ${token}` })).toMatchObject({
        status: 401,
      });
  });

  it('with a letter changed are somebody else', async () => {
    const token = String(world.callers['a Viewer robot'].token);
    for (const place of [10, 35, 60, token.length - 1]) {
      const other = token[place] === 'A' ? 'B' : 'A';
      const changed = token.slice(0, place) + other + token.slice(place + 1);
      expect(await platform.anonymous.with(changed).get(me)).toMatchObject({ status: 401 });
    }
  });

  it('live at most a year, and no longer than told', async () => {
    const admin = world.callers['a TenantAdmin'];
    for (const expiresInDays of [0, 366, -1, 1.5])
      expect(await admin.post(owners[0][1], { name: 'immortal', expiresInDays })).toMatchObject({
        status: 400,
      });
    const { body } = await admin.post(owners[0][1], { name: 'mortal', expiresInDays: 1 });
    const robot = body as Robot & { createdAt: string; expiresAt: string };
    expect(Date.parse(robot.expiresAt) - Date.parse(robot.createdAt)).toBeLessThanOrEqual(86_400_000);
    await acceptedEverywhere(...at(robot));
    // A day passes: in the database, and so for a gateway that starts now and reads what is there.
    await platform.database.look(
      `UPDATE tenants.robots SET expires_at = now() - interval '1 s' WHERE robot_id = $1`,
      [robot.robotId],
    );
    await platform.database.look(
      `UPDATE events.feed_rows SET data = jsonb_set(data, '{expiresAt}', '1') WHERE feed = 'tenants.robots' AND key = $1`,
      [robot.robotId],
    );
    expect(await admin.get(`${owners[0][1]}/${robot.robotId}`)).toMatchObject({
      body: { status: 'Expired' },
    });
    const later = await startReplica(platform);
    try {
      await eventually(async () => {
        const answer = await later.anonymous.with(robot.token).get(me);
        expect(answer).toMatchObject({
          status: 401,
          body: { error: { message: expect.stringContaining('expired') } },
        });
      });
    } finally {
      await later.stop();
    }
  });
});
