import { generateKeyPairSync } from 'node:crypto';
import { eventually } from '@switchyard/testing';
import { actionsIn, readAll } from '../support/pages.js';
import { startPlatform, type RunningPlatform } from '../support/start-platform.js';

const publishers = '/api/v1/publishers';
const password = 'a password for the tests';

describe('publishers and robots', () => {
  let platform: RunningPlatform;
  beforeAll(async () => {
    platform = await startPlatform();
    await platform.admin.post('/api/v1/tenants', { tenantId: 'automated', name: 'Automated' });
  });
  afterAll(() => platform.stop());

  const developer = async (username: string): Promise<string> => {
    const { body } = await platform.admin.post('/api/v1/users', {
      username,
      password,
      role: 'PluginDeveloper',
    });
    return (body as { userId: string }).userId;
  };
  const countOf = async (publisherId: string) =>
    ((await platform.admin.get(`${publishers}/${publisherId}`)).body as { memberCount: number }).memberCount;

  it('gives a publisher an id made from its name, and each name once', async () => {
    expect(await platform.admin.post(publishers, { name: 'Acmé Plugins & Co.' })).toMatchObject({
      status: 201,
      body: { publisherId: 'acme-plugins-co', memberCount: 0 },
    });
    expect(
      await platform.admin.post(publishers, { publisherId: 'other-id', name: 'acmé PLUGINS & co.' }),
    ).toMatchObject({ status: 409 });
    expect(await platform.admin.post(publishers, { name: '日本' })).toMatchObject({
      status: 400,
      body: { error: { details: [{ field: 'publisherId' }] } },
    });
  });

  it('renames a publisher, for one who saw its version', async () => {
    await platform.admin.post(publishers, { publisherId: 'renamed', name: 'Before' });
    await platform.admin.post(publishers, { publisherId: 'neighbour', name: 'Neighbour' });
    const etag = String((await platform.admin.get(`${publishers}/renamed`)).headers.get('etag'));
    const rename = (name: string, ifMatch: string) =>
      platform.admin.patch(
        `${publishers}/renamed`,
        { name },
        { 'content-type': 'application/json', 'if-match': ifMatch },
      );
    expect(await rename('After', etag)).toMatchObject({ status: 200, body: { name: 'After' } });
    expect(await rename('Too late', etag)).toMatchObject({ status: 412 });
    expect(await rename('neighbour', '*')).toMatchObject({ status: 409 });
  });

  it('has members, who see it at once and no longer once they are out', async () => {
    await platform.admin.post(publishers, { publisherId: 'guild', name: 'Guild' });
    const userId = await developer('guild-member');
    const own = `${publishers}/guild/members/${userId}`;
    expect(await platform.admin.put(own)).toMatchObject({ status: 200, body: { username: 'guild-member' } });
    expect(await platform.admin.put(own)).toMatchObject({ status: 200 });
    expect(await countOf('guild')).toBe(1);
    const member = await platform.signIn('guild-member', password);
    expect(await member.get(publishers)).toMatchObject({
      status: 200,
      body: { total: 1, publishers: [{ publisherId: 'guild' }] },
    });
    expect(await platform.admin.delete(own)).toMatchObject({ status: 204 });
    expect(await platform.admin.delete(own)).toMatchObject({ status: 404 });
    expect(await countOf('guild')).toBe(0);
    const again = await platform.signIn('guild-member', password);
    expect(await again.get(publishers)).toMatchObject({ status: 200, body: { total: 0 } });
    expect(await again.get(`${publishers}/guild`)).toMatchObject({ status: 404 });
  });

  it('has no member any more who is no longer a developer', async () => {
    await platform.admin.post(publishers, { publisherId: 'left-behind', name: 'Left behind' });
    const { body } = await platform.admin.post('/api/v1/users', {
      username: 'career-changer',
      password,
      role: 'PluginDeveloper',
      tenantId: 'automated',
    });
    const { userId } = body as { userId: string };
    await platform.admin.put(`${publishers}/left-behind/members/${userId}`);
    expect(await platform.admin.patch(`/api/v1/users/${userId}`, { role: 'Viewer' })).toMatchObject({
      status: 200,
      body: { publishers: [] },
    });
    expect(await countOf('left-behind')).toBe(0);
  });

  it('counts its members rightly when one of them is deleted', async () => {
    await platform.admin.post(publishers, { publisherId: 'shrinking', name: 'Shrinking' });
    const [stays, goes] = [await developer('who-stays'), await developer('who-goes')];
    for (const userId of [stays, goes]) await platform.admin.put(`${publishers}/shrinking/members/${userId}`);
    expect(await countOf('shrinking')).toBe(2);
    await platform.admin.delete(`/api/v1/users/${goes}`);
    expect(await countOf('shrinking')).toBe(1);
  });

  it('takes only developers for members', async () => {
    await platform.admin.post(publishers, { publisherId: 'exclusive', name: 'Exclusive' });
    const { body } = await platform.admin.post('/api/v1/users', {
      username: 'no-developer',
      password,
      role: 'Viewer',
      tenantId: 'automated',
    });
    expect(
      await platform.admin.put(`${publishers}/exclusive/members/${(body as { userId: string }).userId}`),
    ).toMatchObject({ status: 409 });
    expect(await platform.admin.put(`${publishers}/exclusive/members/nobody`)).toMatchObject({ status: 404 });
  });

  it('has signing keys, as PEM or bytes, each once and revoked for ever', async () => {
    await platform.admin.post(publishers, { publisherId: 'signing', name: 'Signing' });
    const keys = `${publishers}/signing/keys`;
    const { publicKey } = generateKeyPairSync('ed25519');
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const bytes = Buffer.from(String(publicKey.export({ format: 'jwk' }).x), 'base64url').toString('base64');
    const added = await platform.admin.post(keys, { name: 'release', publicKey: pem });
    expect(added).toMatchObject({
      status: 201,
      body: { algorithm: 'ed25519', publicKey: pem, revokedAt: null },
    });
    expect(await platform.admin.post(keys, { name: 'the same', publicKey: bytes })).toMatchObject({
      status: 409,
    });
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .publicKey.export({ type: 'spki', format: 'pem' })
      .toString();
    for (const wrong of [ec, 'x'.repeat(44), pem.replace('PUBLIC', 'PRIVATE')])
      expect(await platform.admin.post(keys, { name: 'wrong', publicKey: wrong })).toMatchObject({
        status: 400,
        body: { error: { details: [{ field: 'publicKey' }] } },
      });
    const { keyId } = added.body as { keyId: string };
    expect(await platform.admin.delete(`${keys}/${keyId}`)).toMatchObject({ status: 204 });
    expect(await platform.admin.get(keys)).toMatchObject({
      body: { total: 1, keys: [{ keyId, revokedAt: expect.any(String) }] },
    });
    expect(await platform.admin.post(keys, { name: 'back', publicKey: pem })).toMatchObject({ status: 409 });
  });

  it('lists 45 robots page by page, without their secrets', async () => {
    const robots = '/api/v1/tenants/automated/robots';
    const names = Array.from({ length: 45 }, (_, i) => `robot-${String(i).padStart(2, '0')}`);
    for (const name of names)
      expect(await platform.admin.post(robots, { name, role: 'Viewer' })).toMatchObject({ status: 201 });
    const { items, pages } = await readAll(platform.admin, `${robots}?limit=20`, 'robots');
    expect(items.map(({ name }) => name)).toEqual(names.toReversed());
    expect(pages).toBe(3);
    expect(JSON.stringify(items)).not.toMatch(/token|secret|hash/i);
    expect(await platform.admin.post(robots, { name: 'robot-00' })).toMatchObject({
      status: 409,
      body: { error: { details: [{ field: 'name' }] } },
    });
  });

  it('writes all of it down, and the chain holds', async () => {
    const done = await actionsIn(platform.admin, '/api/v1/audit');
    expect(done).toEqual(expect.arrayContaining(['robot.created']));
    const { items } = await readAll(platform.admin, '/api/v1/audit?action=publisher.&limit=100', 'entries');
    const actions = new Set(items.map(({ action }) => action));
    expect([...actions].toSorted()).toEqual([
      'publisher.created',
      'publisher.key-added',
      'publisher.key-revoked',
      'publisher.member-added',
      'publisher.member-removed',
      'publisher.updated',
    ]);
    await eventually(async () =>
      expect(await platform.admin.get('/api/v1/audit/verify')).toMatchObject({
        body: { valid: true, unsealed: 0 },
      }),
    );
  });
});
