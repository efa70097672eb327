import { aRegistry, someBytes, type ARegistry, type Bytes } from './contract/a-registry.js';

describe('a pin', () => {
  let registry: ARegistry;
  let artefact: Bytes;
  beforeAll(async () => {
    registry = await aRegistry(8);
    artefact = await someBytes();
  });
  afterAll(() => registry.close());

  const publish = async (pluginId: string) => {
    await registry.register(pluginId, artefact);
    await registry.upload(pluginId, artefact);
  };
  const pinsOf = async (pluginId: string) =>
    (await registry.look('SELECT 1 FROM registry.pins WHERE plugin_id = $1', [pluginId])).length;
  const refused = (message: string, code = 'CONFLICT') => ({
    code,
    message: expect.stringContaining(message) as string,
  });

  it('answers with the version it holds, and may be taken again', async () => {
    await publish('wanted');
    for (let i = 0; i < 2; i += 1)
      expect(await registry.pin('wanted', 'dep-1')).toMatchObject({
        checksum: artefact.digest,
        artifact: { format: 'tgz' },
      });
    expect(await pinsOf('wanted')).toBe(1);
  });

  it('holds every version that its holder needs, also where several have the same bytes', async () => {
    await publish('twin');
    await publish('other-twin');
    for (const name of ['twin', 'other-twin']) await registry.pin(name, 'dep-of-both');
    for (const name of ['twin', 'other-twin'])
      await expect(registry.delete(name)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await registry.release('dep-of-both')).toBe(2);
    await registry.delete('twin');
  });

  it('of a version that lies elsewhere holds the version', async () => {
    await registry.register('elsewhere', artefact, { binaryUrl: 'https://example.com/x.tgz' });
    await registry.look(`UPDATE registry.plugins SET status = 'Approved' WHERE plugin_id = 'elsewhere'`);
    expect(await registry.pin('elsewhere', 'dep-1')).toMatchObject({ artifact: null });
    await expect(registry.delete('elsewhere')).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('is not taken of what may not be deployed, and the refusal says why', async () => {
    await publish('recalled');
    await registry.recall('recalled');
    await expect(registry.pin('recalled', 'dep-1')).rejects.toMatchObject(refused('it leaks'));
    await publish('archived');
    await registry.archive('archived');
    await expect(registry.pin('archived', 'dep-1')).rejects.toMatchObject(refused('is Archived'));
    await registry.register('unapproved', artefact);
    await registry.upload('unapproved', artefact, true);
    await expect(registry.pin('unapproved', 'dep-1')).rejects.toMatchObject(refused('is Validated'));
    await registry.register('bare', artefact);
    await registry.look(`UPDATE registry.plugins SET status = 'Approved' WHERE plugin_id = 'bare'`);
    await expect(registry.pin('bare', 'dep-1')).rejects.toMatchObject(refused('neither an artefact'));
    await publish('deleted');
    await registry.delete('deleted');
    await expect(registry.pin('deleted', 'dep-1')).rejects.toMatchObject(refused('deleted', 'NOT_FOUND'));
    await expect(registry.pin('never-was', 'dep-1')).rejects.toMatchObject(refused('never-was', 'NOT_FOUND'));
    for (const name of ['recalled', 'archived', 'unapproved', 'bare', 'deleted'])
      expect([name, await pinsOf(name)]).toEqual([name, 0]);
  });

  it('and a recall at once come one after the other: refused, it leaves nothing', async () => {
    for (let i = 0; i < 20; i += 1) {
      const name = `recall-race-${i}`;
      await publish(name);
      const both = [() => registry.pin(name, 'dep-1'), () => registry.recall(name)];
      if (i % 2 === 1) both.reverse();
      const settled = await Promise.allSettled(both.map((work) => work()));
      const pin = settled[i % 2];
      expect(settled[1 - (i % 2)]?.status).toBe('fulfilled');
      expect(await pinsOf(name)).toBe(pin?.status === 'fulfilled' ? 1 : 0);
      await expect(registry.pin(name, 'dep-2')).rejects.toMatchObject(refused('recalled'));
    }
  });

  it('and a delete at once: exactly one of them gets its way', async () => {
    for (let i = 0; i < 20; i += 1) {
      const name = `delete-race-${i}`;
      await publish(name);
      const both = [() => registry.pin(name, 'dep-1'), () => registry.delete(name)];
      if (i % 2 === 1) both.reverse();
      const settled = await Promise.allSettled(both.map((work) => work()));
      expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(await pinsOf(name)).toBe(settled[i % 2]?.status === 'fulfilled' ? 1 : 0);
    }
  });
});
